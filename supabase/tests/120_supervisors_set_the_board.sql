-- The settings are a supervisor's, are checked, and are on every board at once.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

create function pg_temp.set_as(who text, change text) returns text language plpgsql as $$
begin
  perform pg_temp.be(who);
  return pg_temp.try('update public.board_settings set ' || change || ' where id');
end
$$;
-- The constraint that refuses, or what happened instead.
create function pg_temp.refused(change text) returns text language plpgsql as $$
declare
  name text;
  said text;
begin
  perform pg_temp.be('Sal');
  execute 'update public.board_settings set ' || change || ' where id';
  return 'accepted';
exception when check_violation then
  get stacked diagnostics name = constraint_name, said = message_text;
  return coalesce(nullif(name, ''), said);
end
$$;
create function pg_temp.told() returns bigint language plpgsql as $$
begin
  perform pg_temp.be('owner');
  return (select count(*) from realtime.messages where payload ->> 'table' = 'board_settings');
end
$$;

select plan(28);
set local timezone = 'UTC';
select is(pg_temp.set_as('Sal', 'parking_slots = 20'), 'rows 1', 'a supervisor makes the lot larger');
select is(pg_temp.told(), 1::bigint, 'and the boards are told once');
select is(
  (select payload - 'id' - 'commit_timestamp' from realtime.messages where payload ->> 'table' = 'board_settings'),
  (select jsonb_build_object('table', 'board_settings', 'type', 'UPDATE', 'version', version, 'record', to_jsonb(s))
   from public.board_settings s), 'with the whole row');
select ok((select version > 0 from public.board_settings), 'which has a version now');
select is(pg_temp.set_as('Sal', 'parking_slots = 20'), 'rows 1', 'the same again');
select is(pg_temp.told(), 1::bigint, 'is no news');
select is(pg_temp.set_as('service', 'version = 1, parking_slots = 21'), 'rows 1', 'the service forges a version');
select ok((select version > 1 from public.board_settings), 'in vain');
select is(pg_temp.told(), 2::bigint, 'but its change is told');
select is(pg_temp.set_as('Ann', 'parking_slots = 3'), 'rows 0', 'an agent sets nothing');
select is(pg_temp.set_as('Mallory', 'parking_slots = 3'), 'rows 0', 'nor does a stranger');
select is(pg_temp.set_as('Sal', 'version = 1'), '42501', 'nobody writes versions');
select is(pg_temp.set_as('Sal', 'id = false'), '42501', 'nor makes another board');

-- What the lot refuses, it says
select is(
  (select array_agg(distinct pg_temp.refused('parking_slots = ' || n)) from unnest(array[-1, 0, 100, 32767]) as n),
  array['the_parking_lot_has_1_to_99_slots'], 'the lot has 1 to 99 slots');
select is(pg_temp.set_as('Sal', 'parking_slots = 32768'), '22003', 'and no huge number of them');
select is(pg_temp.refused('ring_timeout_s = 9'), 'a_call_rings_for_10_to_600_seconds', 'a call rings long enough');
select is(pg_temp.refused('park_timeout_s = 3601'), 'a_call_stays_parked_for_30_to_3600_seconds', 'and waits an hour at most');
select is(
  (select array_agg(distinct pg_temp.refused(format('hold_music_url = %L', u)))
   from unnest(array[
     'javascript:alert(1)', 'file:///etc/passwd', '', 'https://', 'https://' || repeat('a', 2000),
     E'https://example.com/a.mp3\n', 'https://example.com/a b.mp3', 'https://example.com/"><Hangup/>'
   ]) as u),
  array['hold_music_is_an_http_url_of_at_most_2000_characters'], 'music comes from the web');
select is(pg_temp.refused('voicemail_greeting = repeat(''a'', 1000000)'), 'a_voicemail_greeting_has_1_to_1000_characters', 'a greeting ends');
select is(pg_temp.refused('time_zone = ''Mars/Base'''), 'There is no time zone "Mars/Base"', 'a time zone exists');
select is(pg_temp.refused('time_zone = ''Europe/Berlin'''), 'accepted', 'as this one does');
select is(
  (select array_agg(distinct pg_temp.refused(format('business_hours = %L', h))) from unnest(array[
    '{}', '{"mon": []}', '{"mon": [["09:00", "17:30"]]}', '{"sat": [["00:00", "12:00"], ["13:00", "24:00"]]}']) as h),
  array['accepted'], 'hours by weekday');
select is(
  (select array_agg(distinct pg_temp.refused(format('business_hours = %L', h))) from unnest(array['[]', '1', 'null', '"mon"']) as h),
  array['business_hours_are_an_object_of_at_most_8000_bytes'], 'are an object');
select is(
  pg_temp.refused($$business_hours = '{"monday": [["09:00", "17:30"]]}'$$), 'business_hours_are_by_weekday', 'of known days');
select is(
  (select array_agg(distinct pg_temp.refused(format('business_hours = %L', h)))
   from unnest(array['{"mon": "09:00"}', '{"mon": {}}', '{"mon": null}']) as h),
  array['business_hours_of_a_day_are_a_list'], 'each with a list');
select is(
  (select array_agg(distinct pg_temp.refused(format('business_hours = %L', h))) from unnest(array[
    '{"mon": [["17:30", "09:00"]]}', '{"mon": [["09:00"]]}', '{"mon": ["09:00", "17:30"]}', '{"mon": [[9, 17]]}',
    '{"mon": [["9:00", "17:30"]]}', '{"mon": [["09:00", "25:00"]]}', '{"mon": [["09:00", "17:30", "18:00"]]}']) as h),
  array['business_hours_open_before_they_close'], 'of times that open before they close');
select is(
  pg_temp.refused('business_hours = jsonb_build_object(''mon'', (select jsonb_agg(array[''09:00'', ''17:30'']) from generate_series(1, 5000)))'),
  'business_hours_are_an_object_of_at_most_8000_bytes', 'and not without end');
select is(pg_temp.set_as('Sal', 'parking_slots = null'), '23502', 'nothing is left open');

select * from finish();
rollback;
