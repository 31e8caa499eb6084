-- Who may change what in whose row of the team, and when the boards are told.
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

select plan(30);
create function pg_temp.member(who text, name text, change text) returns text language plpgsql as $$
begin
  perform pg_temp.be(who);
  return pg_temp.try(format('update public.voip_users set %s where id = %L', change, md5(name)::uuid));
end
$$;
create function pg_temp.told() returns bigint language plpgsql as $$
begin
  perform pg_temp.be('owner');
  return (select count(*) from realtime.messages where payload ->> 'table' = 'voip_users');
end
$$;
select pg_temp.be('owner');
delete from realtime.messages;

select is(pg_temp.member('Ann', 'Ann', 'is_available = false'), 'rows 1', 'an agent goes on a break');
select is(pg_temp.told(), 1::bigint, 'and the boards are told');
select is(
  (select payload - 'id' - 'commit_timestamp' from realtime.messages),
  (select jsonb_build_object('table', 'voip_users', 'type', 'UPDATE', 'version', version, 'record', to_jsonb(m))
   from public.voip_users m where id = md5('Ann')::uuid), 'with the whole row');
select is(pg_temp.member('Ann', 'Ann', 'is_available = false'), 'rows 1', 'the same again');
select is(pg_temp.told(), 1::bigint, 'is no news');
select is(pg_temp.member('Ann', 'Ann', 'device_state = ''ready'''), 'rows 1', 'her browser reports its device');
select is(pg_temp.told(), 2::bigint, 'which is news');

select is(pg_temp.member('Ann', 'Bob', 'is_available = false'), 'rows 0', 'an agent changes no colleague');
select is(pg_temp.member('Ann', 'Ann', 'role = ''supervisor'''), '42501', 'nor her own role');
select is(pg_temp.member('Ann', 'Ann', 'display_name = ''Sal'''), '42501', 'nor her name');
select is(pg_temp.member('Ann', 'Ann', 'retired_at = now()'), '42501', 'nor does she retire herself');
select is(pg_temp.member('Sal', 'Ann', 'is_available = true'), 'rows 1', 'a supervisor calls an agent back');
select is(pg_temp.member('Sal', 'Ann', 'display_name = ''Anna'''), 'rows 1', 'corrects a name');
select is(pg_temp.member('Sal', 'Ann', 'role = ''supervisor'''), 'rows 1', 'and makes a supervisor');
select is(pg_temp.member('Sal', 'Bob', 'device_state = ''ready'''), '42501', 'but knows no colleague''s device');
select is(pg_temp.member('Sal', 'Bob', 'display_name = '' '''), '23514', 'and leaves nobody without a name');
select is(pg_temp.member('Sal', 'Bob', 'role = ''owner'''), '23514', 'nor with an unknown role');

-- Retiring
select pg_temp.ring('C1');
select pg_temp.patch('Bob', 'C1', pg_temp.give('Bob'));
select is(pg_temp.member('Sal', 'Bob', 'retired_at = now()'), 'PT409 colleague_busy', 'nobody is retired while on a call');
select pg_temp.patch('Bob', 'C1', 'status = ''parked''');
select is(pg_temp.member('Sal', 'Bob', 'retired_at = ''2001-01-01'''), 'rows 1', 'afterwards one is');
select pg_temp.be('owner');
select is(
  (select (retired_at >= now(), is_available)::text from public.voip_users where id = md5('Bob')::uuid), '(t,f)',
  'as of now, and not available');
select is(pg_temp.patch('Bob', 'C1', pg_temp.give('Bob')), 'rows 0', 'who has left acts no more');
select is(pg_temp.patch('Sal', 'C1', pg_temp.give('Bob')), 'PT409 no_such_colleague', 'and gets no calls');
select is(pg_temp.member('Sal', 'Bob', 'is_available = true'), '23514', 'nor is available');
select is(pg_temp.member('Sal', 'Bob', 'retired_at = null'), 'rows 1', 'who comes back');
select is(pg_temp.patch('Bob', 'C1', pg_temp.give('Bob')), 'rows 1', 'takes calls again');

-- Presence, contacts, settings
select pg_temp.be('Bob');
select is(
  pg_temp.try(format('insert into public.presence (member_id) values (%1$L) on conflict (member_id) do update set member_id = excluded.member_id', md5('Bob')::uuid)),
  'rows 1', 'a heartbeat is an upsert of the own row');
select is(pg_temp.try($$insert into public.contacts (number, name) values ('+12025550178', 'New')$$), 'rows 1', 'an agent adds a contact');
select is(pg_temp.try($$insert into public.contacts (number, name) values ('555 0178', 'New')$$), '23514', 'with a number in E.164');
select is(pg_temp.try('update public.board_settings set parking_slots = 20'), 'rows 0', 'the settings are not an agent''s');
select pg_temp.be('Sal');
select is(pg_temp.try('update public.board_settings set parking_slots = 20'), 'rows 1', 'but a supervisor''s');

select * from finish();
rollback;
