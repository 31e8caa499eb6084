-- What the board knows besides calls and people: names of callers, and how this office works.
create table public.contacts (
  number text primary key check (number ~ '^\+[1-9][0-9]{1,14}$'),
  name text not null check (char_length(btrim(name)) between 1 and 200),
  company text check (char_length(company) <= 200),
  notes text check (char_length(notes) <= 10000),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
comment on table public.contacts is 'Names for callers, by E.164 number; a new call takes its caller_name from here.';

create table public.board_settings (
  id boolean primary key default true constraint there_is_one_board check (id),
  parking_slots smallint not null default 12 check (parking_slots between 1 and 99),
  ring_timeout_s smallint not null default 60 check (ring_timeout_s between 10 and 600),
  park_timeout_s integer not null default 300 check (park_timeout_s between 30 and 3600),
  hold_music_url text check (char_length(hold_music_url) <= 2000 and hold_music_url ~ '^https?://'),
  time_zone text not null default 'UTC' check (char_length(time_zone) between 1 and 64),
  business_hours jsonb not null default '{}'
    check (jsonb_typeof(business_hours) = 'object' and pg_column_size(business_hours) <= 8000),
  voicemail_enabled boolean not null default true,
  voicemail_greeting text not null default 'Nobody can take your call right now. Please leave a message after the tone.'
    check (char_length(voicemail_greeting) between 1 and 1000),
  updated_at timestamptz not null default clock_timestamp()
);
comment on table public.board_settings is 'How this office works: one row.';
comment on column public.board_settings.parking_slots is 'Slots that agents may use, numbered from 1. The service may go beyond when the lot is full.';
comment on column public.board_settings.ring_timeout_s is 'Seconds that a call rings before it goes to voicemail.';
comment on column public.board_settings.park_timeout_s is 'Seconds after which a parked call rings again.';
comment on column public.board_settings.hold_music_url is 'What waiting customers hear; null for the service''s own.';
comment on column public.board_settings.business_hours is 'By weekday, e.g. {"mon": [["09:00", "17:30"]]} in time_zone; {} means always open.';

insert into public.board_settings default values;

create function private.stamp_updated_at() returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;
revoke execute on function private.stamp_updated_at() from public;
create trigger contacts_are_stamped before update on public.contacts
  for each row execute function private.stamp_updated_at();
create trigger board_settings_are_stamped before update on public.board_settings
  for each row execute function private.stamp_updated_at();

alter table public.contacts enable row level security;
alter table public.board_settings enable row level security;

grant select, insert (number, name, company, notes), update (number, name, company, notes)
  on public.contacts to authenticated;
grant select, insert, update, delete on public.contacts to service_role;
grant select on public.board_settings to authenticated;
grant update (
  parking_slots, ring_timeout_s, park_timeout_s, hold_music_url, time_zone, business_hours, voicemail_enabled,
  voicemail_greeting
) on public.board_settings to authenticated;
grant select, update on public.board_settings to service_role;

create policy "Members see contacts" on public.contacts for select to authenticated
  using ((select private.is_member()));
create policy "Members add contacts" on public.contacts for insert to authenticated
  with check ((select private.is_member()));
create policy "Members correct contacts" on public.contacts for update to authenticated
  using ((select private.is_member()))
  with check ((select private.is_member()));

create policy "Members see the settings" on public.board_settings for select to authenticated
  using ((select private.is_member()));
create policy "Supervisors change the settings" on public.board_settings for update to authenticated
  using ((select private.is_supervisor()))
  with check ((select private.is_supervisor()));
