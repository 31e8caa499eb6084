-- How soon a call should be answered: what the wallboard's service level is measured by.
alter table public.board_settings
  add column service_level_s smallint not null default 20,
  add constraint a_service_level_is_1_to_600_seconds check (service_level_s between 1 and 600);
comment on column public.board_settings.service_level_s is 'Seconds within which a call should be answered.';
grant update (service_level_s) on public.board_settings to authenticated;
