-- Who can be rung, when the office is open, and the work on the audio that several services share.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(32);
create function pg_temp.ringable() returns text language sql as $$
  select coalesce(string_agg(display_name, ' ' order by n), '') from (
    select m.display_name, row_number() over () as n from public.ringable_members() m where m.identity like 'test\_%'
  ) as r
$$;
create function pg_temp.take(worker text) returns bigint language plpgsql as $$
begin
  perform pg_temp.be('service');
  return (
    select count(*) from jsonb_array_elements(public.claim_audio_work(worker, 500, 60) -> 'scenes') as scene
    where scene #>> '{call,twilio_call_sid}' = 'W1'
  );
end
$$;
create function pg_temp.audio() returns public.call_audio language sql as $$
  select a from public.call_audio a where a.call_id = md5('W1')::uuid
$$;
create function pg_temp.tell(epoch integer, render integer, state text, sequence integer) returns text language sql as $$
  select public.note_leg(md5('W1')::uuid, epoch, render, 'test_ann', 'CA9', state, sequence)
$$;

-- Who can be rung
select pg_temp.be('owner');
select is(pg_temp.ringable(), '', 'nobody without a device');
update public.voip_users set device_state = 'ready' where identity in ('test_ann', 'test_bob', 'test_sal');
insert into public.presence (member_id) values (md5('Ann')::uuid), (md5('Bob')::uuid);
update public.voip_users set is_available = true where identity in ('test_ann', 'test_bob', 'test_sal');
select ok(pg_temp.ringable() in ('Ann Bob', 'Bob Ann'), 'those with one who were heard of');
alter table public.presence disable trigger user;
update public.presence set last_seen_at = now() - interval '76 seconds' where member_id = md5('Bob')::uuid;
alter table public.presence enable trigger user;
select is(pg_temp.ringable(), 'Ann', 'lately');
update public.voip_users set device_state = 'no_microphone' where identity = 'test_ann';
select is(pg_temp.ringable(), '', 'with a device that works');
update public.voip_users set device_state = 'ready' where identity = 'test_ann';

-- When the office is open
create function pg_temp.open_at(moment text, hours jsonb) returns boolean language sql as $$
  select private.is_open(hours, 'Europe/Berlin', moment::timestamptz)
$$;
select ok(pg_temp.open_at('2026-01-05 03:00Z', '{}'), 'always, when nothing is said');
-- 2026-01-05 is a Monday; Berlin is an hour ahead.
select ok(pg_temp.open_at('2026-01-05 08:00Z', '{"mon": [["09:00", "17:30"]]}'), 'from the first minute');
select ok(not pg_temp.open_at('2026-01-05 07:59Z', '{"mon": [["09:00", "17:30"]]}'), 'not before');
select ok(not pg_temp.open_at('2026-01-05 16:30Z', '{"mon": [["09:00", "17:30"]]}'), 'nor at the last');
select ok(pg_temp.open_at('2026-01-05 22:59Z', '{"mon": [["09:00", "10:00"], ["20:00", "24:00"]]}'), 'to midnight, if it says so');
select ok(not pg_temp.open_at('2026-01-06 08:00Z', '{"mon": [["09:00", "17:30"]]}'), 'and not on a day that is not named');

-- Renders
select pg_temp.ring('W1');
select is(
  (public.note_render(md5('W1')::uuid, 0, '{test_ann,test_bob}', 0, null) ->> 'render')::integer, 1, 'renders are counted');
select is(
  (select array_agg(key order by key) from jsonb_object_keys((pg_temp.audio()).legs) as key), '{test_ann,test_bob}',
  'and who is dialled is known before anything is heard of it');

-- Legs
select is(pg_temp.tell(0, 1, 'ringing', 1), 'news', 'a leg rings');
select is(pg_temp.tell(0, 1, 'initiated', 0), 'old', 'what it said before comes late');
select is(pg_temp.tell(0, 1, 'ringing', 1), 'old', 'or twice');
select is(pg_temp.tell(0, 0, 'answered', 2), 'stale', 'or of an older dial');
select is(pg_temp.tell(1, 1, 'answered', 2), 'stale', 'or of another epoch');
select is(pg_temp.tell(0, 1, 'ended', 3), 'news', 'it is over');
select is(pg_temp.tell(0, 1, 'answered', 2), 'old', 'and does not answer any more');

-- Leases
select public.note_render(md5('W1')::uuid, 0, '{test_ann}', 0, 8);
create temp table lease as select (pg_temp.audio()).lease_until as first;
select public.note_render(md5('W1')::uuid, 0, '{}', 0, 8);
select is((pg_temp.audio()).lease_until, (select first from lease), 'who is dialled again has no more time');
select public.note_render(md5('W1')::uuid, 1, '{test_ann}', 0, 8);
select ok((pg_temp.audio()).lease_until > (select first from lease), 'another epoch has its own');
select public.note_connected(md5('W1')::uuid, 1, 2);
select ok((pg_temp.audio()).lease_until is not null, 'an older dial does not end it');
select public.note_connected(md5('W1')::uuid, 1, 4);
select is((pg_temp.audio()).lease_until, null, 'its own does');

-- Work
create temp table before as select clock_timestamp() as taking;
select is(pg_temp.take('one'), 1::bigint, 'a call whose audio is not the row''s is taken');
select ok(
  (pg_temp.audio()).claimed_until >= (select taking + interval '15 seconds' from before), 'for longer than the work may take');
select is(pg_temp.take('two'), 0::bigint, 'by one');
update public.call_audio set claimed_until = now() - interval '1 s';
select is(pg_temp.take('two'), 1::bigint, 'until its time is over');
select public.release_audio_work(md5('W1')::uuid, 'one', 60000, true, false);
select is((pg_temp.audio()).claimed_until > now() + interval '30 s', false, 'who has lost it cannot keep it');
select public.release_audio_work(md5('W1')::uuid, 'two', 60000, true, true);
select is(
  (select (claimed_until > now() + interval '30 s', attempts, checked_at is not null)::text from pg_temp.audio()),
  '(t,2,t)', 'who has it may rest, and failures are counted');
select public.note_render(md5('W1')::uuid, 0, '{test_ann}', 0, null);
select is((select (claimed_until, attempts)::text from pg_temp.audio()), '(,0)', 'what is rendered is free again');
select is(pg_temp.take('two'), 0::bigint, 'and needs nothing');

select pg_temp.be('Sal');
select is(pg_temp.try('select public.claim_audio_work(''x'', 1, 0)'), '42501', 'none of it is for people');

select * from finish();
rollback;
