-- Retention: what ended long enough ago goes, a bounded number at a time, and nothing else.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(23);
select pg_temp.be('owner');
update private.retention set complete_since = '-infinity';
-- Calls 1 to 5 ended 100 to 96 days ago, call 6 ended today; call 7 rings and call 8 is Ann's, both for 100 days.
create function pg_temp.happened(days integer, sid text) returns void language plpgsql as $$
begin
  perform pg_temp.be('owner');
  alter table public.calls disable trigger user;
  update public.calls set created_at = created_at - make_interval(days => days), ended_at = ended_at - make_interval(days => days)
  where id = md5(sid)::uuid;
  alter table public.calls enable trigger user;
end
$$;
select pg_temp.ring('C' || n) from generate_series(1, 8) as n;
select pg_temp.patch('Sal', 'C' || n, 'status = ''ended''') from generate_series(1, 6) as n;
select pg_temp.patch('Ann', 'C8', pg_temp.give('Ann'));
select pg_temp.happened(101 - n, 'C' || n) from generate_series(1, 5) as n;
select pg_temp.happened(100, 'C7'), pg_temp.happened(100, 'C8');
create function pg_temp.left_over() returns text language sql as $$
  select string_agg(twilio_call_sid, ' ' order by twilio_call_sid) from public.calls
$$;

select is(pg_temp.try(format('select private.forget_calls(%L)', span)), 'PT400 out_of_range', 'not after ' || span)
from unnest(array['23 hours', '0', '-90 days']) as span;
select is(
  pg_temp.try(format('select private.forget_calls(interval ''90 days'', %s)', at_most)), 'PT400 out_of_range',
  'not ' || at_most || ' at a time')
from unnest(array['0', '-1', '10001', 'null']) as at_most;
select is(pg_temp.try('select private.forget_calls(null)'), 'PT400 out_of_range', 'nor after no time at all');
select is(pg_temp.left_over(), 'C1 C2 C3 C4 C5 C6 C7 C8', 'a refusal forgets nothing');

select is(private.forget_calls('200 days'), 0, 'nothing is that old');
select is((select complete_since from private.retention), '-infinity', 'and the log is whole');
select is(private.forget_calls('90 days', 2), 2, 'two at a time');
select is(pg_temp.left_over(), 'C3 C4 C5 C6 C7 C8', 'the oldest first');
select is(private.forget_calls('98 days', 500), 0, 'an older limit takes none of the others');
select is(private.forget_calls('96 days 12 hours', 500), 2, 'the limit is kept');
select is(private.forget_calls('90 days', 500), 1, 'then the rest');
select is(private.forget_calls('90 days', 500), 0, 'and no more');
select is(pg_temp.left_over(), 'C6 C7 C8', 'live calls stay, however old they are');
select is(
  (select string_agg(kind, ' ' order by id) from public.call_events where call_id = md5('C8')::uuid), 'created answered',
  'with all their events');
select is(
  (select count(*) from public.call_events e where not exists (select from public.calls c where c.id = e.call_id)), 0::bigint,
  'the events of a forgotten call are gone');
select is(
  (select complete_since from private.retention), now() - interval '90 days' + interval '1 minute',
  'and the log says since when it is whole');

select is_empty(
  $$select r.role from unnest(array['public', 'anon', 'authenticated', 'service_role']) as r (role)
    where has_function_privilege(r.role, 'private.forget_calls(interval, integer)', 'execute')$$,
  'no API role forgets');
select is(
  (select (pubinsert, pubupdate, pubdelete, pubtruncate)::text from pg_publication where pubname = 'supabase_realtime'),
  '(t,t,f,f)', 'what is deleted is told to nobody');

select * from finish();
rollback;
