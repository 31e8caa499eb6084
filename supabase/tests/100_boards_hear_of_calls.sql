-- The two lanes: who may listen on the private channel, and what is published.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

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
