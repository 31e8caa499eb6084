-- An address pasted with a line end or a blank in it was taken, and then every customer on hold heard Twilio's error
-- instead of music.
alter table public.board_settings drop constraint hold_music_is_an_http_url_of_at_most_2000_characters;
alter table public.board_settings add constraint hold_music_is_an_http_url_of_at_most_2000_characters check (
  char_length(hold_music_url) <= 2000 and hold_music_url ~ '^https?://[^[:space:][:cntrl:]<>"]+$'
);
