-- What a call can be is said by constraints too: they hold even with every trigger switched off.
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

select plan(16);
alter table public.calls disable trigger user;
create function pg_temp.make(columns text, vals text) returns text language sql as $$
  select pg_temp.try(format(
    'insert into public.calls (twilio_call_sid, from_number, to_number, %s) values (gen_random_uuid()::text, '''', '''', %s)',
    columns, vals
  ))
$$;
select is(pg_temp.make('status', '''ringing'''), 'rows 1', 'a ringing call is possible');
select is(pg_temp.make('status', '''waiting'''), '23514', 'a fifth state is not');
select is(pg_temp.make('status', '''active'''), '23514', 'an active call has an agent');
select is(pg_temp.make('status, assigned_to', format('''ringing'', %L', md5('Ann')::uuid)), '23514', 'a ringing one has none');
select is(pg_temp.make('status, assigned_to', format('''active'', %L', md5('Ann')::uuid)), 'rows 1', 'Ann has a call');
select is(pg_temp.make('status, assigned_to', format('''active'', %L', md5('Ann')::uuid)), '23505', 'one, not two');
select is(pg_temp.make('status', '''parked'''), '23514', 'a parked call has a slot');
select is(
  pg_temp.make('status, parking_slot, parked_at, park_reason', '''parked'', 1, now(), ''unreachable'''), 'rows 1', 'slot 1 is taken');
select is(
  pg_temp.make('status, parking_slot, parked_at, park_reason', '''parked'', 1, now(), ''unreachable'''), '23505', 'by one call');
select is(
  pg_temp.make('status, parking_slot, parked_at, park_reason', '''parked'', 2, now(), ''boredom'''), '23514', 'for a known reason');
select is(pg_temp.make('status, parking_slot', '''ringing'', 2'), '23514', 'a ringing call has no slot');
select is(pg_temp.make('on_hold, held_at', 'true, now()'), '23514', 'only an active call is held');
select is(
  pg_temp.make('status, assigned_to, on_hold', format('''active'', %L, true', md5('Bob')::uuid)), '23514', 'and says since when');
select is(pg_temp.make('status', '''ended'''), '23514', 'an ended call says when and how');
select is(pg_temp.make('status, ended_at, end_reason', '''ended'', now(), ''completed'''), 'rows 1', 'and then it is possible');
select is(pg_temp.make('ended_at', 'now()'), '23514', 'no other has ended');

select * from finish();
rollback;
