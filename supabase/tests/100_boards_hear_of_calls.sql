-- The two lanes: who may listen on the private channel, and what is published.
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

select plan(12);
select pg_temp.ring('C1');
select pg_temp.be('owner');
select results_eq(
  $$select (schemaname || '.' || tablename)::text collate "default" from pg_publication_tables where pubname = 'supabase_realtime'
    and schemaname in ('public', 'private')$$,
  array['public.calls'], 'calls are published, and nothing else of ours');

-- Realtime asks as the one who joins, with the topic set.
create function pg_temp.hears(who text, topic text) returns boolean language plpgsql as $$
begin
  perform pg_temp.be(who);
  perform set_config('realtime.topic', topic, true);
  return exists (select from realtime.messages where extension = 'broadcast');
end
$$;
create function pg_temp.speaks(who text, topic text) returns text language plpgsql as $$
begin
  perform pg_temp.be(who);
  perform set_config('realtime.topic', topic, true);
  return pg_temp.try(format(
    'insert into realtime.messages (topic, extension, event, payload, private) values (%L, ''broadcast'', ''change'', ''{}'', true)',
    topic
  ));
end
$$;
select is(pg_temp.hears('Ann', 'board'), true, 'an agent hears the board');
select is(pg_temp.hears('Sal', 'board'), true, 'and so does a supervisor');
select is(pg_temp.hears('Mallory', 'board'), false, 'a stranger does not');
select is(pg_temp.hears('Rex', 'board'), false, 'nor does who has left');
select is(pg_temp.hears('anon', 'board'), false, 'nor anon');
select is(pg_temp.hears('Ann', 'elsewhere'), false, 'there is no other channel');
select is(pg_temp.hears('Ann', ''), false, 'and none without a name');
select is(pg_temp.speaks('Ann', 'board'), '42501', 'no browser speaks on the board');
select is(pg_temp.speaks('Sal', 'board'), '42501', 'not even a supervisor''s');
select is(pg_temp.speaks('anon', 'board'), '42501', 'nor anon');
select pg_temp.be('owner');
select is(
  (select count(*) from realtime.messages where payload #>> '{record,twilio_call_sid}' = 'C1' and private and topic = 'board'),
  1::bigint, 'only the database does');

select * from finish();
rollback;
