-- One event and one message for each change, none for a refusal and none for a change that changes nothing.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(31);
select pg_temp.be('owner');
delete from realtime.messages;
create function pg_temp.counted() returns text language plpgsql as $$
declare
  counted text;
begin
  perform pg_temp.be('owner');
  select format('%s %s', (select count(*) from public.call_events), count(*)) into counted
  from realtime.messages where topic = 'board' and event = 'change' and private and extension = 'broadcast';
  return counted;
end
$$;
-- How many events and messages a change makes, and what the log calls it.
create function pg_temp.logged(who text, sid text, change text) returns text language plpgsql as $$
declare
  before text := pg_temp.counted();
  came text := pg_temp.patch(who, sid, change);
  after text := pg_temp.counted();
begin
  if came <> 'rows 1' then
    return came || case when after = before then ', nothing logged' else ', logged' end;
  end if;
  return concat_ws(
    ' ',
    split_part(after, ' ', 1)::integer - split_part(before, ' ', 1)::integer,
    split_part(after, ' ', 2)::integer - split_part(before, ' ', 2)::integer,
    case when after <> before then (select kind from public.call_events order by id desc limit 1) end
  );
end
$$;

select pg_temp.ring('C1');
select is(pg_temp.counted(), '1 1', 'a new call: one event, one message');
select is((select kind from public.call_events), 'created', 'called created');
select is(pg_temp.logged('Ann', 'C1', pg_temp.give('Ann')), '1 1 answered', 'answer, and no message for the member''s row');
select is(pg_temp.logged('Ann', 'C1', pg_temp.give('Ann')), '0 0', 'the same again: nothing');
select is(pg_temp.logged('Bob', 'C1', pg_temp.give('Bob')), 'PT409 already_answered, nothing logged', 'a refusal: nothing');
select is(pg_temp.logged('service', 'C1', 'connected_at = now()'), '1 1 connected', 'connected');
select is(pg_temp.logged('service', 'C1', 'connected_at = now()'), '0 0', 'connected again: nothing');
select is(pg_temp.logged('Ann', 'C1', 'on_hold = true'), '1 1 held', 'hold');
select is(pg_temp.logged('Ann', 'C1', 'on_hold = true'), '0 0', 'hold again: nothing');
select is(pg_temp.logged('Ann', 'C1', 'on_hold = false'), '1 1 resumed', 'resume');
select is(pg_temp.logged('Ann', 'C1', format('assigned_to = %L', md5('Bob')::uuid)), '1 1 transferred', 'transfer, with two members'' rows');
select is(pg_temp.logged('Bob', 'C1', 'status = ''parked'', parking_slot = 1'), '1 1 parked', 'park');
select is(pg_temp.logged('Bob', 'C1', 'status = ''parked'', assigned_to = null'), '0 0', 'park again: nothing');
select is(pg_temp.logged('Ann', 'C1', 'parking_slot = 2'), '1 1 moved', 'move');
select is(pg_temp.logged('Ann', 'C1', pg_temp.give('Ann')), '1 1 retrieved', 'retrieve');
select is(pg_temp.logged('Ann', 'C1', 'note = ''n'', disposition = ''d'''), '1 1 noted', 'note');
select is(pg_temp.logged('Ann', 'C1', 'note = ''n'''), '0 0', 'the same note: nothing');
select is(pg_temp.logged('service', 'C1', 'status = ''ringing'''), '1 1 requeued', 'back to ringing');
select is(pg_temp.logged('service', 'C1', 'caller_name = ''Nora'''), '1 1 corrected', 'a better name');
select is(pg_temp.logged('Sal', 'C1', 'status = ''ended'''), '1 1 ended', 'end');
select is(pg_temp.logged('Sal', 'C1', 'status = ''ended'''), '0 0', 'end again: nothing');
select is(pg_temp.logged('service', 'C1', 'status = ''ended'''), '0 0', 'a late callback: nothing');

-- What is in them
select pg_temp.be('owner');
select is(
  (select (actor, from_status, to_status, assigned_to)::text from public.call_events where kind = 'answered'),
  (select (md5('Ann')::uuid, 'ringing', 'active', md5('Ann')::uuid)::text), 'an event tells who did what');
select is((select actor from public.call_events where kind = 'requeued'), null, 'the service has no member''s name');
select is(
  (select array_agg(k order by k) from public.call_events e, jsonb_object_keys(e.detail) as k where e.kind = 'held'),
  array['epoch', 'held_at', 'on_hold', 'version'], 'and which columns changed');
-- The aggregate that lays the changes over each other, oldest first.
create aggregate pg_temp.laid_over (jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}');
set local timezone = 'UTC';
select is(
  (select pg_temp.laid_over(detail order by id) from public.call_events where call_id = md5('C1')::uuid),
  (select to_jsonb(c) from public.calls c where id = md5('C1')::uuid), 'the log alone rebuilds the row');
select is(
  (select array_agg(k order by k) from realtime.messages m, jsonb_object_keys(m.payload) as k
   where m.payload #>> '{record,status}' = 'ended'),
  array['commit_timestamp', 'id', 'record', 'table', 'type', 'version'], 'a message has these keys');
select is(
  (select payload - 'id' - 'commit_timestamp' from realtime.messages where payload #>> '{record,status}' = 'ended'),
  (select jsonb_build_object('table', 'calls', 'type', 'UPDATE', 'version', version, 'record', to_jsonb(c))
   from public.calls c where id = md5('C1')::uuid), 'and brings the whole row');
select matches(
  (select payload ->> 'commit_timestamp' from realtime.messages where payload #>> '{record,status}' = 'ended'),
  '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$', 'with the time of the change in UTC');
set local timezone = 'Asia/Kolkata';
select pg_temp.ring('C2');
select pg_temp.be('owner');
select matches(
  (select payload #>> '{record,created_at}' from realtime.messages where payload #>> '{record,twilio_call_sid}' = 'C2'),
  '\+00:00$', 'whatever time zone the writer lives in');
select is(
  (select count(*) from (select version from public.call_events group by version having count(*) > 1) as twice), 0::bigint,
  'no version is used twice');

select * from finish();
rollback;
