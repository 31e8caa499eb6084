-- People type Weiss for Weiß, obrien for O'Brien: the dictionary of PostgreSQL's own extension knows every accent and
-- ligature, and an apostrophe of any kind is nothing that one types.
create extension if not exists unaccent with schema extensions;

create or replace function private.plain(written text) returns text language plpgsql immutable set search_path = '' as $$
begin
  return lower(extensions.unaccent('extensions.unaccent', translate(written, '''’‘ʼ`´', '')));
end
$$;
comment on function private.plain(text) is 'A text without accents and apostrophes, in small letters.';

update private.ended_calls as found set words = private.words_of(its) from public.calls as its where its.id = found.call_id;
