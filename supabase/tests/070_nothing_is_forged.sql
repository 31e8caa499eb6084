-- Versions, epochs, timestamps and current calls are the database's own; one request changes one call.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(25);
select pg_temp.ring('C1'), pg_temp.ring('C2');
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));

select is(
  (select string_agg(distinct pg_temp.patch(who, 'C1', col || ' = default'), ' ')
   from unnest(array['Ann', 'Sal']) as who, unnest(array[
     'id', 'twilio_call_sid', 'direction', 'from_number', 'to_number', 'caller_name', 'caller_company', 'last_agent', 'moved_by',
     'park_reason', 'end_reason', 'epoch', 'created_at', 'answered_at', 'connected_at', 'parked_at', 'held_at', 'ended_at', 'version'
   ]) as col),
  '42501', 'members write none of the columns that are not theirs');

select pg_temp.be('owner');
create temp table before as select * from public.calls where id = md5('C1')::uuid;
select is(
  pg_temp.patch('service', 'C1', $$id = gen_random_uuid(), twilio_call_sid = 'forged', epoch = 99, version = 99,
    created_at = '2001-01-01', answered_at = '2001-01-01', parked_at = '2001-01-01', held_at = '2001-01-01',
    ended_at = '2001-01-01', last_agent = null, moved_by = null, from_number = 'x', caller_company = 'x', end_reason = 'failed', parking_slot = 7$$),
  'rows 1', 'the service asks for the impossible');
select pg_temp.be('owner');
select results_eq('select * from public.calls where id = md5(''C1'')::uuid', 'select * from before', 'and nothing comes of it');
select is(
  pg_temp.try($$insert into public.calls (twilio_call_sid, from_number, to_number, epoch, version, created_at, answered_at,
    note) values ('C3', '', '', 9, 9, '2001-01-01', '2001-01-01', 'x')$$), 'rows 1', 'a forged new call');
select is(
  (select (epoch, answered_at, note, created_at >= now())::text from public.calls where twilio_call_sid = 'C3'),
  '(0,,,t)', 'is like every other');
select ok((select version from public.calls where twilio_call_sid = 'C3') > 9, 'with the next version');

select pg_temp.be('Ann');
select is(pg_temp.try('update public.voip_users set current_call_id = null where true'), '42501', 'members do not set current calls');
select is(pg_temp.try('update public.voip_users set version = 1 where true'), '42501', 'nor versions');
select is(pg_temp.try('update public.voip_users set identity = ''x'' where true'), '42501', 'nor identities');
select pg_temp.be('service');
select is(
  pg_temp.try(format('update public.voip_users set current_call_id = null, version = 1 where id = %L', md5('Ann')::uuid)), 'rows 1',
  'the service tries');
select is((select current_call_id from public.voip_users where id = md5('Ann')::uuid), md5('C1')::uuid, 'in vain');
select is(
  pg_temp.try(format('insert into public.presence (member_id, last_seen_at) values (%L, ''2100-01-01'')', md5('Bob')::uuid)),
  'rows 1', 'nobody was seen in the future');
select ok((select last_seen_at from public.presence where member_id = md5('Bob')::uuid) <= clock_timestamp(), 'not even by the service');
select is(pg_temp.try('insert into public.call_events (call_id) values (null)'), '42501', 'the log is nobody''s to write');
select is(pg_temp.try('update public.call_events set actor = null where true'), '42501', 'nor to correct');
select is(pg_temp.try('delete from public.call_events where true'), '42501', 'nor to shorten');

-- One call per request
create function pg_temp.mass(who text, statement text) returns text language plpgsql as $$
begin
  perform pg_temp.be(who);
  return pg_temp.try(statement);
end
$$;
select is(
  pg_temp.mass('Sal', $$update public.calls set status = 'ended' where status = 'ringing'$$),
  'PT400 one_call_per_statement', 'nobody ends every waiting call at once');
select is((select count(*) from public.calls where status = 'ended'), 0::bigint, 'and none has ended');
select is(
  pg_temp.mass('Ann', 'update public.calls set note = note where true'), 'PT400 one_call_per_statement',
  'not even a change that changes nothing');
select is(
  pg_temp.mass('service', $$update public.calls set status = 'ended' where true$$),
  'PT400 one_call_per_statement', 'the service neither');
select is(
  pg_temp.mass('Sal', 'update public.voip_users set is_available = false where true'),
  'PT400 one_member_per_statement', 'nor does a supervisor send everybody home at once');
select is(
  pg_temp.mass('Sal', $$update public.calls set status = 'ended' where twilio_call_sid = 'C2'$$), 'rows 1', 'one call is fine');

-- Claims in a connection of the database's own role, and a person's role with no claims
select pg_temp.be('Ann');
select set_config('request.jwt.claims', '', true);
select is(private.is_service(), false, 'who shows no claims is not the service');
select pg_temp.be('owner');
select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', md5('account of Bob')::uuid)::text, true);
select is(
  pg_temp.try($$update public.calls set status = 'ended' where twilio_call_sid = 'C1'$$), 'PT409 not_yours',
  'whoever shows a person''s claims is judged as that person');
select pg_temp.be('owner');
select is(pg_temp.try($$update public.calls set status = 'ended' where true$$), 'rows 3', 'the owner of the database may tidy up');

select * from finish();
rollback;
