-- However many rows a table has, a policy asks who is asking once per statement: as an InitPlan, never row by row.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(32);
-- Enough rows that asking for each would show.
select pg_temp.ring('C' || n) from generate_series(1, 30) as n;
select pg_temp.be('owner');
insert into public.contacts (number, name) select '+1202555' || n, 'x' from generate_series(1000, 1030) as n;
insert into public.presence (member_id) select id from public.voip_users;

create function pg_temp.plan_of(who text, statement text) returns jsonb language plpgsql as $$
declare
  plan jsonb;
begin
  perform pg_temp.be(who);
  execute 'explain (format json, verbose) ' || statement into plan;
  perform pg_temp.be('owner');
  return plan;
end
$$;
-- What a plan does with the question: 'once' if it is in InitPlans only; otherwise where it stands.
create function pg_temp.asks(plan jsonb) returns text language sql as $$
  with nodes as (select node from jsonb_path_query(plan, 'strict $.**') as node where jsonb_typeof(node) = 'object')
  select case
    when exists (
      select from nodes, jsonb_each(node) as part
      where key ~ 'Filter|Cond' and value #>> '{}' ~ '(private|auth)\.'
    ) then 'in each row: ' || (
      select string_agg(value #>> '{}', '; ') from nodes, jsonb_each(node) as part
      where key ~ 'Filter|Cond' and value #>> '{}' ~ '(private|auth)\.')
    when exists (select from nodes where node ->> 'Parent Relationship' = 'SubPlan') then 'in a subplan'
    when exists (select from nodes where node ->> 'Parent Relationship' = 'InitPlan') then 'once'
    else 'never'
  end
$$;
create temp table statements (name text, statement text);
insert into statements
select 'select from ' || t, 'select * from public.' || t
from unnest(array['calls', 'voip_users', 'call_events', 'contacts', 'board_settings', 'presence']) as t;
insert into statements values
  ('the board''s query', $$select c.*, u.* from public.calls c left join public.voip_users u on u.id = c.assigned_to
    where c.status in ('ringing', 'active', 'parked') order by c.created_at$$),
  ('an update of a call', format('update public.calls set note = ''n'' where id = %L', md5('C1')::uuid)),
  ('an update of a member', format('update public.voip_users set is_available = true where id = %L', md5('Ann')::uuid)),
  ('an update of contacts', 'update public.contacts set company = ''c'' where true'),
  ('an update of the settings', 'update public.board_settings set parking_slots = 12 where id'),
  ('an update of presence', format('update public.presence set member_id = member_id where member_id = %L', md5('Ann')::uuid));
select is(pg_temp.asks(pg_temp.plan_of('Ann', statement)), 'once', name || ' asks once: the plan') from statements;
select is(
  pg_temp.asks(pg_temp.plan_of('Ann', 'select * from realtime.messages')), 'once', 'joining the channel asks once');
select is(
  pg_temp.asks('[{"Plan": {"Filter": "private.is_member()"}}]'), 'in each row: private.is_member()',
  'a plan that asks for each row is told from that');

-- And counted: the same questions, with a counter in them.
create temp sequence asked minvalue 0 start 0;
grant usage on sequence asked to authenticated;
create or replace function private.me() returns uuid language plpgsql stable security definer as $$
begin
  perform nextval('pg_temp.asked');
  return md5('Ann')::uuid;
end
$$;
create or replace function private.is_member() returns boolean language plpgsql stable security definer as $$
begin
  perform nextval('pg_temp.asked');
  return true;
end
$$;
create or replace function private.is_supervisor() returns boolean language plpgsql stable security definer as $$
begin
  perform nextval('pg_temp.asked');
  return true;
end
$$;
-- Triggers ask as well, for each row that changes, so they are off here.
alter table public.calls disable trigger user;
alter table public.voip_users disable trigger user;
alter table public.contacts disable trigger user;
alter table public.board_settings disable trigger user;
create function pg_temp.times_asked(statement text) returns bigint language plpgsql as $$
begin
  perform setval('pg_temp.asked', 0);
  perform pg_temp.be('Ann');
  execute statement;
  perform pg_temp.be('owner');
  return currval('pg_temp.asked');
end
$$;
-- One question per policy that takes part: a select has one, an update reads with one and checks with two more.
select cmp_ok(pg_temp.times_asked(statement), '<=', case when name like 'select%' then 1 else 6 end::bigint, name || ' asks once: counted')
from statements;
select is(
  pg_temp.times_asked('select * from public.calls'), pg_temp.times_asked('select * from public.calls limit 1'),
  'as often for one row as for all');
select is(
  pg_temp.times_asked($$update public.contacts set company = 'c' where number = '+12025551000'$$),
  pg_temp.times_asked($$update public.contacts set company = 'c' where true$$), 'to change, too');

-- The questions themselves are answered by an index.
select is_empty(
  $$select s from unnest(array['user_id']) as s where not exists (
      select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = 'public.voip_users'::regclass and a.attname = s)$$,
  'a member is found by account through an index');
select col_is_pk('public', 'presence', 'member_id', 'presence by member');
select col_is_pk('public', 'voip_users', 'id', 'and members by id');
select ok(
  exists (select from pg_indexes where schemaname = 'public' and indexname = 'calls_on_the_board'
    and indexdef ~ 'WHERE \(status = ANY \(ARRAY\[''ringing''::text, ''active''::text, ''parked''::text\]\)\)'),
  'live calls have an index of their own');

select * from finish();
rollback;
