-- What a supervisor sets is on every board at once: how many slots the lot has is something that people see and drag
-- calls onto. The row gets a version and comes by the fast lane like every other row of the board.
alter table public.board_settings add column version bigint not null default 0;
comment on column public.board_settings.version is 'Rises with every change of this row.';

-- {"mon": [["09:00", "17:30"]]}: a typing mistake here would close the office, so the shape is checked part by part.
-- A path is strict, because a lax one looks into arrays by itself; each check is about what the one before lets through.
alter table public.board_settings
  add constraint business_hours_are_by_weekday check (
    not jsonb_path_exists(business_hours, '$.keyvalue() ? (!(@.key like_regex "^(mon|tue|wed|thu|fri|sat|sun)$"))')
  ),
  add constraint business_hours_of_a_day_are_a_list check (
    not jsonb_path_exists(business_hours, 'strict $.* ? (@.type() != "array")')
  ),
  add constraint business_hours_open_before_they_close check (
    jsonb_path_exists(business_hours, 'strict $.* ? (@.type() != "array")')
    or not jsonb_path_exists(
      business_hours,
      'strict $.*[*] ? (
        @.type() != "array" || @.size() != 2 || @[0].type() != "string" || @[1].type() != "string"
        || !(@[0] like_regex "^([01][0-9]|2[0-3]):[0-5][0-9]$")
        || !(@[1] like_regex "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")
        || !(@[0] < @[1])
      )'
    )
  );

create function private.referee_settings() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.time_zone is distinct from old.time_zone
    and not exists (select from pg_catalog.pg_timezone_names where name = new.time_zone) then
    raise exception using errcode = 'check_violation',
      message = format('There is no time zone "%s"', left(new.time_zone, 64)), hint = 'unknown_time_zone';
  end if;
  new.version := old.version;
  new.updated_at := old.updated_at;
  if new is distinct from old then
    new.version := nextval('public.board_version');
  end if;
  return new;
end
$$;
-- Runs before the stamp of updated_at (triggers run by name), which changes the row each time.
create trigger a_change_of_settings_is_refereed before update on public.board_settings
  for each row execute function private.referee_settings();

create function private.announce_settings() returns trigger language plpgsql security definer
set search_path = '' set timezone = 'UTC' as $$
begin
  perform private.send_to_boards('board_settings', tg_op, new.version, to_jsonb(new));
  return null;
end
$$;
create trigger changed_settings_are_announced after update on public.board_settings
  for each row when (old.version <> new.version) execute function private.announce_settings();

revoke execute on function private.referee_settings(), private.announce_settings() from public;
