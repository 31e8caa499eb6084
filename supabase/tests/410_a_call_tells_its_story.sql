-- What happened to a call is told line by line, with names and times; and how long it waited and was talked to.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql
\ir past.psql

select plan(23);
select pg_temp.past('C1', '2025-06-01 12:00Z', '[
  [10, "answered", "Ann"], [11, "connected", "Ann"], [40, "held", "Ann"], [45, "noted", "Ann"], [50, "resumed", "Ann"],
  [60, "parked", "Ann"], [90, "moved", "Bob"], [190, "retrieved", "Bob"], [200, "transferred", "Ann"],
  [230, "held", "Ann"], [240, "transferred", "Bob"], [260.5, "ended", "Bob"], [300, "noted", "Sal"]]', 'ended_by_agent');

select pg_temp.be('Ann');
select results_eq(
  $$select kind, lasted_s, parking_slot::int, from_status, to_status from public.call_timeline(md5('C1')::uuid)$$,
  $$values
    ('created', 10.000, null::int, null, 'ringing'), ('answered', 30.000, null, 'ringing', 'active'),
    ('connected', null, null, 'active', 'active'), ('held', 10.000, null, 'active', 'active'),
    ('noted', null, null, 'active', 'active'), ('resumed', 10.000, null, 'active', 'active'),
    ('parked', 30.000, 3, 'active', 'parked'), ('moved', 100.000, 4, 'parked', 'parked'),
    ('retrieved', 10.000, null, 'parked', 'active'), ('transferred', 30.000, null, 'active', 'active'),
    ('held', 10.000, null, 'active', 'active'), ('transferred', 20.500, null, 'active', 'active'),
    ('ended', null, null, 'active', 'ended'), ('noted', null, null, 'ended', 'ended')$$,
  'each line says what it led to, and for how long');
select results_eq(
  $$select by, from_whom, to_whom, park_reason from public.call_timeline(md5('C1')::uuid)
    where kind in ('created', 'parked', 'moved', 'retrieved', 'transferred')$$,
  $$values
    (null::text, null::text, null::text, null::text), ('Ann', 'Ann', null, 'parked_by_agent'),
    ('Bob', null, null, null), ('Bob', null, 'Bob', null), ('Ann', 'Bob', 'Ann', null), ('Bob', 'Ann', 'Bob', null)$$,
  'who did it, whose it was and whose it became');
select is(
  (select end_reason from public.call_timeline(md5('C1')::uuid) where kind = 'ended'), 'ended_by_agent', 'and how it ended');
select pg_temp.be('Sal');
select isnt_empty('select * from public.call_timeline(md5(''C1'')::uuid)', 'a supervisor reads it');
select pg_temp.be('Mallory');
select is_empty('select * from public.call_timeline(md5(''C1'')::uuid)', 'a stranger does not');
select pg_temp.be('Rex');
select is_empty('select * from public.call_timeline(md5(''C1'')::uuid)', 'nor who has left');
select pg_temp.be('anon');
select is(pg_temp.try('select * from public.call_timeline(null)'), '42501', 'anon may not ask');

-- A live call, as it comes about.
select pg_temp.ring('C2');
select pg_temp.patch('Ann', 'C2', pg_temp.give('Ann'));
select pg_temp.patch('Sal', 'C2', 'status = ''parked'', parking_slot = 2');
select results_eq(
  $$select kind, by, from_whom, parking_slot::int, lasted_s is null from public.call_timeline(md5('C2')::uuid)$$,
  $$values ('created', null::text, null::text, null::int, false), ('answered', 'Ann', null, null, false),
    ('parked', 'Sal', 'Ann', 2, true)$$,
  'who parked it, also somebody else''s; what goes on has not ended');

-- Waited and talked: Ann 10-40, 50-60; Bob 190-200; Ann 200-230; Bob 240-260.5.
create function pg_temp.tally(sid text) returns text language sql as $$
  select format('waited %s, talked %s, by %s', waited_s, talked_s,
    (select string_agg(display_name, ', ' order by n) from unnest(agents) with ordinality as a (id, n) join public.voip_users using (id)))
  from private.tally_of(md5(sid)::uuid)
$$;
select pg_temp.past('C3', '2025-06-01 12:00Z', '[[70, "ended"]]', 'abandoned');
select pg_temp.past('C4', '2025-06-01 12:00Z', '[[20, "connected", "Bob"], [50, "ended", "Bob"]]', way => 'outbound');
select pg_temp.past('C5', '2025-06-01 12:00Z', '[[30, "ended", "Bob"]]', 'missed', way => 'outbound');
select pg_temp.past('C6', '2025-06-01 12:00Z', '[
  [10, "answered", "Ann"], [20, "requeued"], [80, "answered", "Bob"], [100, "ended", "Bob"]]');
select pg_temp.past('C7', '2025-06-01 12:00Z', '[[10, "parked"], [40, "retrieved", "Bob"], [45, "ended", "Bob"]]');
select pg_temp.past('C8', '2025-06-01 12:00Z', '[[10, "answered", "Ann"], [20, "held", "Ann"], [99, "ended", "Ann"]]');
select pg_temp.past('C9', '2025-06-01 12:00Z', '[[10, "answered", "Ann"], [5, "noted", "Ann"], [8, "ended", "Ann"]]');
select pg_temp.past('C10', clock_timestamp() - interval '1 hour', '[[600, "answered", "Ann"]]');
select is(pg_temp.tally('C1'), 'waited 10, talked 100, by Ann, Bob', 'music on hold and the parking lot are no talk');
select is(pg_temp.tally('C3'), 'waited 70, talked 0, by ', 'who gave up waited to the end');
select is(pg_temp.tally('C4'), 'waited 20, talked 30, by Bob', 'whom we call is waited for');
select is(pg_temp.tally('C5'), 'waited 30, talked 0, by Bob', 'in vain, too');
select is(pg_temp.tally('C6'), 'waited 10, talked 30, by Ann, Bob', 'the first answer ends the wait');
select is(pg_temp.tally('C7'), 'waited 40, talked 5, by Bob', 'a call that was parked unanswered waits on');
select is(pg_temp.tally('C8'), 'waited 10, talked 10, by Ann', 'hold lasts to the end');
select is(pg_temp.tally('C9'), 'waited 10, talked 3, by Ann', 'a clock that was set back takes nothing away');
select matches(pg_temp.tally('C10'), 'waited 600, talked 3[0-9]{3}, by Ann', 'a live call is talked to until now');
select is(
  (select count(*)::int from private.ended_calls k cross join lateral private.tally_of(k.call_id) t
    where (k.waited_s, k.talked_s) <> (t.waited_s, t.talked_s)), 0, 'what is kept of an ended call is the same');

-- Kept by whatever ends a call.
select pg_temp.patch('Sal', 'C2', 'status = ''ended''');
select pg_temp.be('owner');
select is(
  (select count(*) from private.ended_calls where call_id = md5('C2')::uuid), 1::bigint, 'a call is kept when it ends');
select is_empty(
  $$select id from public.calls where status = 'ended' and id not in (select call_id from private.ended_calls)$$,
  'as every other');
select is_empty(
  $$select call_id from private.ended_calls k join public.calls c on c.id = k.call_id where c.status <> 'ended'$$, 'and no live one');
select is(pg_temp.try($$delete from public.calls where id = md5('C1')::uuid$$), 'rows 1', 'until it is forgotten');
select is_empty($$select call_id from private.ended_calls where call_id = md5('C1')::uuid$$, 'and with it what was kept');

select * from finish();
rollback;
