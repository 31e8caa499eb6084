-- `board_at` shows members every past moment, column by column, and says so when it cannot.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(16);
set local timezone = 'UTC';
create function pg_temp.now_as(name text) returns void language plpgsql as $$
begin
  perform pg_temp.be('owner');
  insert into seen values (
    name, clock_timestamp(),
    (select coalesce(jsonb_agg(to_jsonb(c) order by created_at, id), '[]') from public.calls c where status <> 'ended'));
end
$$;
create temporary table seen (name text primary key, at timestamptz not null, board jsonb not null);
create function pg_temp.rebuilt(who text, moment timestamptz) returns jsonb language plpgsql as $$
begin
  perform pg_temp.be(who);
  return (select coalesce(jsonb_agg(to_jsonb(b) order by created_at, id), '[]') from public.board_at(moment) b);
end
$$;

select pg_temp.now_as('nothing yet');
select pg_temp.ring('C1');
select pg_temp.ring('C2');
select pg_temp.now_as('two ring');
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));
select pg_temp.patch('Ann', 'C1', 'note = ''tall''');
select pg_temp.now_as('Ann talks');
select pg_temp.patch('Ann', 'C1', 'status = ''parked'', parking_slot = 2');
select pg_temp.patch('Bob', 'C1', 'parking_slot = 3');
select pg_temp.patch('service', 'C2', 'caller_name = ''Nora''');
select pg_temp.now_as('one is parked');
select pg_temp.patch('Sal', 'C1', 'status = ''ended''');
select pg_temp.patch('Sal', 'C2', 'status = ''ended''');
select pg_temp.patch('Ann', 'C1', 'note = ''tall, and late''');
select pg_temp.now_as('all is over');

select pg_temp.be('owner');
create temporary table past as select name, pg_temp.rebuilt('Ann', at) as board from seen;
select pg_temp.be('owner');
select is(past.board, seen.board, 'as it was when ' || name) from seen join past using (name) order by at;
select isnt(
  (select board from past where name = 'Ann talks'), (select board from past where name = 'one is parked'),
  'another moment, another board');

create function pg_temp.at_the_time_of(name text) returns timestamptz language sql security definer as $$
  select at from seen where seen.name = at_the_time_of.name
$$;
select is(jsonb_array_length(pg_temp.rebuilt('Sal', pg_temp.at_the_time_of('two ring'))), 2, 'a supervisor looks back');
select is(pg_temp.rebuilt('Mallory', pg_temp.at_the_time_of('two ring')), '[]', 'a stranger sees nothing');
select is(pg_temp.rebuilt('Rex', pg_temp.at_the_time_of('two ring')), '[]', 'nor does who has left');
select pg_temp.be('Mallory');
select is_empty('select private.calls_around(clock_timestamp())', 'nor does a stranger learn that there was a call');
select pg_temp.be('anon');
select is(pg_temp.try('select * from public.board_at(now())'), '42501', 'anon may not ask');
select is(pg_temp.try('select * from public.board_checksum()'), '42501', 'nor for the checksum');
select pg_temp.be('Ann');
select is(pg_temp.try('select * from public.board_at(null)'), 'PT400 no_moment', 'no moment is no board');
select is(pg_temp.try('update private.retention set complete_since = now()'), '42501', 'nobody says the log is shorter');

select pg_temp.be('owner');
update private.retention set complete_since = (select at from seen where name = 'two ring');
select pg_temp.be('Ann');
select is(
  pg_temp.try(format('select * from public.board_at(%L)', pg_temp.at_the_time_of('nothing yet'))), 'PT410 forgotten',
  'what is forgotten is not shown as if nothing had been');
-- The index of lifetimes is what keeps it fast; a policy in the way would leave it unused.
select pg_temp.be('owner');
set local enable_seqscan = off;
create function pg_temp.plan_of(statement text) returns text language plpgsql as $$
declare
  line text;
  plan text := '';
begin
  for line in execute 'explain ' || statement loop
    plan := plan || line;
  end loop;
  return plan;
end
$$;
select matches(
  pg_temp.plan_of($$select id from public.calls
    where tstzrange(created_at, case when ended_at >= created_at then ended_at end, '[]')
      && tstzrange(now() - interval '1 minute', now(), '[]')$$),
  'calls_by_lifetime', 'lifetimes are looked up in an index');

select * from finish();
rollback;
