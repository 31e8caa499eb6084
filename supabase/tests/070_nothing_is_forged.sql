-- Versions, epochs, timestamps and current calls are the database's own; one request changes one call.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
-- The team of this test: Ann and Bob are agents, Sal is a supervisor, Rex has retired; Mallory has an account only.
delete from public.calls;
insert into auth.users (id, email)
select md5('account of ' || name)::uuid, lower(name) || '@test.example'
from unnest(array['Ann', 'Bob', 'Sal', 'Rex', 'Mallory']) as name;
insert into public.voip_users (id, user_id, display_name, identity, role, is_available, retired_at)
select md5(name)::uuid, md5('account of ' || name)::uuid, name, 'test_' || lower(name), role, retired_at is null, retired_at
from (values
  ('Ann', 'agent', null::timestamptz), ('Bob', 'agent', null), ('Sal', 'supervisor', null), ('Rex', 'agent', now())
) as team (name, role, retired_at);

-- From here on, act as: a name of the team, 'anon', 'service', or 'owner' for the database's own role.
create function pg_temp.be(who text) returns void language plpgsql as $$
declare
  api_role text := case who when 'service' then 'service_role' when 'anon' then 'anon' else 'authenticated' end;
begin
  perform set_config('role', case who when 'owner' then 'none' else api_role end, true);
  perform set_config('request.jwt.claims', case
    when who = 'owner' then ''
    when who in ('anon', 'service') then jsonb_build_object('role', api_role)::text
    else jsonb_build_object('role', api_role, 'sub', md5('account of ' || who)::uuid)::text
  end, true);
end
$$;
-- What came of a statement: 'rows 1', or the error's SQLSTATE and hint.
create function pg_temp.try(statement text) returns text language plpgsql as $$
declare
  rows bigint;
  hint text;
begin
  execute statement;
  get diagnostics rows = row_count;
  return 'rows ' || rows;
exception when others then
  get stacked diagnostics hint = pg_exception_hint;
  return btrim(sqlstate || ' ' || hint);
end
$$;
-- A new ringing call; its id is md5(sid).
create function pg_temp.ring(sid text) returns void language plpgsql as $$
begin
  perform pg_temp.be('service');
  insert into public.calls (id, twilio_call_sid, from_number, to_number)
  values (md5(sid)::uuid, sid, '+12025550150', '+12025550199');
end
$$;
-- `who` asks for a change of a call: 'rows 1', 'rows 0', or the refusal.
create function pg_temp.patch(who text, sid text, change text) returns text language plpgsql as $$
begin
  perform pg_temp.be(who);
  return pg_temp.try(format('update public.calls set %s where id = %L', change, md5(sid)::uuid));
end
$$;
create function pg_temp.give(agent text) returns text language sql as $$
  select format('status = ''active'', assigned_to = %L', md5(agent)::uuid)
$$;

select plan(24);
select pg_temp.ring('C1'), pg_temp.ring('C2');
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));

select is(
  (select string_agg(distinct pg_temp.patch(who, 'C1', col || ' = default'), ' ')
   from unnest(array['Ann', 'Sal']) as who, unnest(array[
     'id', 'twilio_call_sid', 'direction', 'from_number', 'to_number', 'caller_name', 'last_agent', 'park_reason',
     'end_reason', 'epoch', 'created_at', 'answered_at', 'connected_at', 'parked_at', 'held_at', 'ended_at', 'version'
   ]) as col),
  '42501', 'members write none of the columns that are not theirs');

select pg_temp.be('owner');
create temp table before as select * from public.calls where id = md5('C1')::uuid;
select is(
  pg_temp.patch('service', 'C1', $$id = gen_random_uuid(), twilio_call_sid = 'forged', epoch = 99, version = 99,
    created_at = '2001-01-01', answered_at = '2001-01-01', parked_at = '2001-01-01', held_at = '2001-01-01',
    ended_at = '2001-01-01', last_agent = null, from_number = 'x', end_reason = 'failed', parking_slot = 7$$),
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

-- Claims in a connection of the database's own role
select pg_temp.be('owner');
select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', md5('account of Bob')::uuid)::text, true);
select is(
  pg_temp.try($$update public.calls set status = 'ended' where twilio_call_sid = 'C1'$$), 'PT409 not_yours',
  'whoever shows a person''s claims is judged as that person');
select pg_temp.be('owner');
select is(pg_temp.try($$update public.calls set status = 'ended' where true$$), 'rows 3', 'the owner of the database may tidy up');

select * from finish();
rollback;
