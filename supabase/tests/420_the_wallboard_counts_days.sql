-- The wallboard's figures are exact: of the office's days, also those that have 23 or 25 hours, and of this moment.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql
\ir past.psql

select plan(46);
create function pg_temp.office(zone text) returns void language plpgsql as $$
begin
  perform pg_temp.be('owner');
  update public.board_settings set time_zone = zone, service_level_s = 20;
end
$$;

-- Days.
select pg_temp.office('UTC');
select is(private.start_of(day::date, zone), start::timestamptz, what)
from (values
  ('2025-06-01', 'UTC', '2025-06-01 00:00Z', 'a day begins at midnight'),
  ('2025-06-01', 'Asia/Kolkata', '2025-05-31 18:30Z', 'at the office''s'),
  ('2025-03-30', 'Europe/Berlin', '2025-03-29 23:00Z', 'the day of 23 hours'),
  ('2025-03-31', 'Europe/Berlin', '2025-03-30 22:00Z', 'ends an hour early'),
  ('2025-10-26', 'Europe/Berlin', '2025-10-25 22:00Z', 'the day of 25 hours'),
  ('2025-10-27', 'Europe/Berlin', '2025-10-26 23:00Z', 'ends an hour late'),
  ('2025-11-02', 'America/Havana', '2025-11-02 04:00Z', 'a midnight that comes twice counts the first time'),
  ('2018-11-04', 'America/Sao_Paulo', '2018-11-04 03:00Z', 'a day without a midnight begins at one'),
  ('2011-12-30', 'Pacific/Apia', '2011-12-30 10:00Z', 'a day that did not happen'),
  ('2011-12-31', 'Pacific/Apia', '2011-12-30 10:00Z', 'is over at once')
) as days (day, zone, start, what);

-- A day of each outcome, with calls a second before and at the two midnights of an office in New York.
select pg_temp.office('America/New_York');
create function pg_temp.day(which date) returns text language plpgsql as $$
begin
  perform pg_temp.be('Ann');
  return (
    select format('%s offered: %s answered, %s abandoned, %s missed, %s voicemail, %s other; %s in time, mean %s, p90 %s',
      offered, answered, abandoned, missed, voicemail, other, service_level, mean_answer_s, p90_answer_s)
    from public.wallboard(which));
end
$$;
select is(
  pg_temp.day('2025-06-10'), '0 offered: 0 answered, 0 abandoned, 0 missed, 0 voicemail, 0 other;  in time, mean , p90 ',
  'on a day without calls nothing is divided');
select pg_temp.past('B1', '2025-06-10 03:59:59.999Z', '[[600, "answered", "Ann"], [660, "ended", "Ann"]]');
select pg_temp.past('D1', '2025-06-10 04:00:00Z', '[[20, "answered", "Ann"], [80, "ended", "Ann"]]');
select pg_temp.past('D2', '2025-06-10 15:00Z', '[[20.001, "answered", "Ann"], [50, "transferred", "Bob"], [60, "ended", "Bob"]]');
select pg_temp.past('D3', '2025-06-10 15:30Z', '[[5, "answered", "Bob"], [10, "requeued"], [99, "answered", "Ann"], [109, "ended", "Ann"]]');
select pg_temp.past('D4', '2025-06-10 15:40Z', '[[5, "answered", "Bob"], [10, "requeued"], [99, "ended"]]', 'abandoned');
select pg_temp.past('D5', '2025-06-10 16:00Z', '[[8, "ended"]]', 'abandoned');
select pg_temp.past('D6', '2025-06-10 16:10Z', '[[60, "ended"]]', 'missed');
select pg_temp.past('D7', '2025-06-10 16:20Z', '[[60, "voicemail"], [90, "ended"]]', 'voicemail');
select pg_temp.past('D8', '2025-06-10 16:30Z', '[[9, "ended"]]', 'ended_by_agent');
select pg_temp.past('D9', '2025-06-10 16:40Z', '[[3, "connected", "Bob"], [33, "ended", "Bob"]]', way => 'outbound');
select pg_temp.past('D10', '2025-06-11 03:59:59.999Z', '[[1, "answered", "Bob"], [61, "held", "Bob"], [121, "ended", "Bob"]]');
select pg_temp.past('A1', '2025-06-11 04:00:00Z', '[[70, "ended"]]', 'missed');

select is(
  pg_temp.day('2025-06-10'),
  '9 offered: 4 answered, 2 abandoned, 1 missed, 1 voicemail, 1 other; 0.3333 in time, mean 11.5, p90 20.0',
  'every outcome is counted once, calls of ours not; 20 s are in time and 20.001 s are not');
select is(
  pg_temp.day('2025-06-09'),
  '1 offered: 1 answered, 0 abandoned, 0 missed, 0 voicemail, 0 other; 0.0000 in time, mean 600.0, p90 600.0',
  'what began before midnight is of the day before');
select is(
  pg_temp.day('2025-06-11'),
  '1 offered: 0 answered, 0 abandoned, 1 missed, 0 voicemail, 0 other; 0.0000 in time, mean , p90 ',
  'and what began at midnight of the next');
select pg_temp.office('UTC');
select matches(pg_temp.day('2025-06-10'), 'mean 161.3, p90 600.0$', 'an office elsewhere has other days');
select pg_temp.office('America/New_York');
select pg_temp.be('owner');
update public.board_settings set service_level_s = 21;
select matches(pg_temp.day('2025-06-10'), '0.4444 in time', 'what is in time is set');
select pg_temp.be('owner');
select is(pg_temp.try('update public.board_settings set service_level_s = 0'), '23514', 'to a second at least');
select pg_temp.be('Ann');
select is(pg_temp.try('update public.board_settings set service_level_s = 30'), 'rows 0', 'not by an agent');
select pg_temp.be('Sal');
select is(pg_temp.try('update public.board_settings set service_level_s = 20'), 'rows 1', 'by a supervisor');
-- Ten waits of 1 to 10 s: nine were within 9 s.
select pg_temp.past('P' || n, '2025-07-01 12:00Z', jsonb_build_array(
  jsonb_build_array(n, 'answered', 'Ann'), jsonb_build_array(60, 'ended', 'Ann'))) from generate_series(1, 10) as n;
select matches(pg_temp.day('2025-07-01'), '^10 offered: 10 answered.*; 1.0000 in time, mean 5.5, p90 9.0$', 'nine of ten');
select is(
  (select format('%s and %s', median_answer_s, p95_answer_s) from public.wallboard('2025-07-01')), '5.0 and 10.0',
  'half of them within 5 s, 19 of 20 within 10 s');

-- By hour.
create function pg_temp.hours(which date) returns text language sql as $$
  select string_agg(format('%s: %s/%s/%s', hour, offered, answered, missed), ', ' order by starts_at)
    filter (where offered > 0) || format(' of %s hours', count(*))
  from public.wallboard_hours(which)
$$;
select pg_temp.be('Ann');
select is(
  pg_temp.hours('2025-06-10'), '0: 1/1/0, 11: 3/2/1, 12: 4/0/3, 23: 1/1/0 of 24 hours', 'offered, answered and missed by hour');
select pg_temp.office('Europe/Berlin');
select pg_temp.past('S1', '2025-03-30 00:59Z', '[[9, "ended"]]', 'missed');
select pg_temp.past('S2', '2025-03-30 01:00Z', '[[9, "ended"]]', 'missed');
select pg_temp.past('F1', '2025-10-26 00:30Z', '[[9, "ended"]]', 'missed');
select pg_temp.past('F2', '2025-10-26 01:30Z', '[[9, "ended"]]', 'missed');
select is(pg_temp.hours('2025-03-30'), '1: 1/0/1, 3: 1/0/1 of 23 hours', 'in spring there is no two o''clock');
select is(pg_temp.hours('2025-10-26'), '2: 1/0/1, 2: 1/0/1 of 25 hours', 'in autumn there are two');
select pg_temp.office('Australia/Lord_Howe');
select pg_temp.past('L1', '2025-04-05 14:45Z', '[[9, "ended"]]', 'missed');
select pg_temp.past('L2', '2025-04-05 15:15Z', '[[9, "ended"]]', 'missed');
select is(
  (select sum(offered)::int from public.wallboard_hours('2025-04-06')), 2, 'a clock that is changed by half an hour loses no call');
select pg_temp.office('Asia/Kolkata');
select is(pg_temp.hours('2025-06-10'), '9: 2/2/0, 20: 1/1/0, 21: 5/1/4, 22: 1/0/0 of 24 hours', 'hours begin when the office''s do');

-- By agent.
select pg_temp.office('America/New_York');
create function pg_temp.agents(which date) returns text language sql as $$
  select string_agg(format('%s %s/%s %s s, mean %s', display_name, answered, handled, talked_s, mean_talk_s), '; ')
  from public.wallboard_agents(which) where display_name in ('Ann', 'Bob', 'Sal', 'Rex')
$$;
select pg_temp.be('Ann');
select is(
  pg_temp.agents('2025-06-10'), 'Ann 4/4 160 s, mean 40.0; Bob 2/4 50 s, mean 12.5; Sal 0/0 0 s, mean ',
  'who answered, who had calls, who talked for how long that day');
select pg_temp.past('M1', '2025-06-16 03:59:00Z', '[[1, "answered", "Bob"], [121, "held", "Bob"], [200, "ended", "Bob"]]');
select pg_temp.be('Ann');
select matches(pg_temp.agents('2025-06-15'), 'Bob 1/1 59 s, mean 59.0', 'talking past midnight is of the day until midnight');
select matches(pg_temp.agents('2025-06-16'), 'Bob 0/1 61 s, mean 61.0', 'and of the next after it; hold is no talking');
select is(pg_temp.agents('2024-01-01'), 'Ann 0/0 0 s, mean ; Bob 0/0 0 s, mean ; Sal 0/0 0 s, mean ', 'who has left is on no list');
select pg_temp.past('R1', '2025-06-20 12:00Z', '[[20, "answered", "Rex"], [80, "ended", "Rex"]]');
select pg_temp.be('Ann');
select matches(pg_temp.agents('2025-06-20'), 'Rex 1/1 60 s, mean 60.0', 'but for the days on which they worked');

-- Now.
create function pg_temp.this_moment() returns text language sql as $$
  select format('%s waiting, longest %s, %s talking, %s parked', waiting, longest_wait_s, talking, parked)
  from public.wallboard()
$$;
select is(pg_temp.this_moment(), '0 waiting, longest , 0 talking, 0 parked', 'nobody waits');
select pg_temp.past('N1', clock_timestamp() - interval '100 seconds', '[]');
select pg_temp.past('N2', clock_timestamp() - interval '900 seconds', '[[10, "answered", "Bob"], [720, "requeued"]]');
select pg_temp.past('N3', clock_timestamp() - interval '500 seconds', '[[10, "parked", "Bob"]]');
select pg_temp.ring('N4');
select pg_temp.patch('Ann', 'N4', pg_temp.give('Ann'));
select pg_temp.be('Bob');
select matches(pg_temp.this_moment(), '^2 waiting, longest (1[89]|[2-6][0-9])[0-9], 1 talking, 1 parked$', 'a call that came back waits since then');
select pg_temp.past('N5', clock_timestamp() - interval '5000 seconds', '[]');
select pg_temp.patch('service', 'N5', 'voicemail_at = now()');
select pg_temp.be('Bob');
select matches(pg_temp.this_moment(), '^2 waiting, longest (1[89]|[2-6][0-9])[0-9], 1 talking, 1 parked$', 'who leaves a message does not wait');
select is(
  (select array_agg(display_name) from public.wallboard_agents() where on_call_since > now() - interval '1 hour'),
  '{Ann}', 'and who is on a call, since when');
select is((select day from public.wallboard()), (now() at time zone 'America/New_York')::date, 'today is the office''s');
select is((select sum(offered)::int from public.wallboard_hours()), (select offered from public.wallboard()), 'by hour as in all');
select is(
  (select offered from public.wallboard(private.today())), (select offered from public.wallboard()), 'no day is today');

-- For members.
select pg_temp.be('service');
select is((select count(*) from public.wallboard('2025-06-10') where offered = 9), 1::bigint, 'the service reads it');
select pg_temp.be('Mallory');
select is_empty('select * from public.wallboard(''2025-06-10'')', 'a stranger sees no figures');
select is_empty('select * from public.wallboard_hours(''2025-06-10'')', 'of no hour');
select is_empty('select * from public.wallboard_agents(''2025-06-10'')', 'and of nobody');
select pg_temp.be('anon');
select is(pg_temp.try('select * from public.wallboard()'), '42501', 'anon may not ask');
select is_empty(
  $$select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.relnamespace = 'public'::regnamespace and c.relname like 'wallboard%' and c.relkind = 'c'
      and a.attname <> 'member_id' and col_description(c.oid, a.attnum) is null$$,
  'every figure is explained');

select pg_temp.be('Ann');
select matches(
  (select words from public.figures_in_words() where (list, figure) = ('wallboard_figures', 'offered')),
  '^Customers'' calls that began on this day', 'and the page can ask how');
select is(
  (select count(distinct list) from public.figures_in_words()), 4::bigint, 'for the wallboard''s lists and the history''s');

select * from finish();
rollback;
