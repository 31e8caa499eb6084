-- Every text that comes from outside has an end. Two limits counted after trimming, so a name of a million blanks was
-- within them. Constraints that people meet by hand are named as the sentence that PostgREST then shows.
alter table public.voip_users
  add constraint a_display_name_has_at_most_80_characters check (char_length(display_name) <= 80);
alter table public.contacts
  add constraint a_contact_name_has_at_most_200_characters check (char_length(name) <= 200);

alter table public.voip_users rename constraint voip_users_display_name_check to a_member_has_a_name;
alter table public.voip_users rename constraint voip_users_device_state_check
  to a_device_state_has_1_to_40_characters;
alter table public.voip_users rename constraint voip_users_role_check to a_role_is_agent_or_supervisor;

alter table public.contacts rename constraint contacts_number_check to a_contact_number_is_e164;
alter table public.contacts rename constraint contacts_name_check to a_contact_has_a_name;
alter table public.contacts rename constraint contacts_company_check to a_company_has_at_most_200_characters;
alter table public.contacts rename constraint contacts_notes_check to contact_notes_have_at_most_10000_characters;

alter table public.calls rename constraint calls_note_check to a_note_has_at_most_10000_characters;
alter table public.calls rename constraint calls_disposition_check to a_disposition_has_at_most_200_characters;
alter table public.calls rename constraint calls_caller_name_check to a_caller_name_has_1_to_200_characters;

alter table public.board_settings rename constraint board_settings_parking_slots_check
  to the_parking_lot_has_1_to_99_slots;
alter table public.board_settings rename constraint board_settings_ring_timeout_s_check
  to a_call_rings_for_10_to_600_seconds;
alter table public.board_settings rename constraint board_settings_park_timeout_s_check
  to a_call_stays_parked_for_30_to_3600_seconds;
alter table public.board_settings rename constraint board_settings_hold_music_url_check
  to hold_music_is_an_http_url_of_at_most_2000_characters;
alter table public.board_settings rename constraint board_settings_time_zone_check
  to a_time_zone_has_1_to_64_characters;
alter table public.board_settings rename constraint board_settings_business_hours_check
  to business_hours_are_an_object_of_at_most_8000_bytes;
alter table public.board_settings rename constraint board_settings_voicemail_greeting_check
  to a_voicemail_greeting_has_1_to_1000_characters;
