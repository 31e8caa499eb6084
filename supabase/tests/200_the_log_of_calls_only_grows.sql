-- Nobody shortens the log or changes a line of it; a call's events go with the call, and no request deletes a call.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(30);
select pg_temp.ring('C1');
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));
select pg_temp.patch('Ann', 'C1', 'note = ''n''');
create function pg_temp.attempt(who text, statement text) returns text language plpgsql as $$
begin
  perform pg_temp.be(who);
  return pg_temp.try(statement);
end
$$;

select is(pg_temp.attempt(who, statement), '42501', format('%s does not %s', who, statement))
from unnest(array['anon', 'Ann', 'Sal', 'service']) as who, unnest(array[
  'insert into public.call_events (call_id, version, kind, to_status, detail) select id, 1, ''held'', ''active'', ''{}'' from public.calls',
  'update public.call_events set at = now() where true',
  'delete from public.call_events where true',
  'truncate public.call_events',
  'delete from public.calls where true',
  'truncate public.calls cascade'
]) as statement;

-- The owner of the database may do everything by right, and is stopped all the same.
select is(pg_temp.attempt('owner', 'update public.call_events set at = now()'), '42501', 'the owner changes no line');
select is(pg_temp.attempt('owner', 'delete from public.call_events where kind = ''noted'''), '42501', 'nor takes one out');
select is(pg_temp.attempt('owner', 'truncate public.call_events'), '42501', 'nor empties the log');
select is(pg_temp.attempt('owner', 'truncate public.calls cascade'), '42501', 'nor does so by emptying the calls');
select is((select count(*) from public.call_events), 3::bigint, 'every line is still there');
delete from public.calls;
select is((select count(*) from public.call_events), 0::bigint, 'a call that the owner deletes takes its lines along');

select * from finish();
rollback;
