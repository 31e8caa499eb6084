-- Callers leave messages, agents call out: what the service may write, and what nobody may.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(26);
create function pg_temp.row_of(sid text) returns public.calls language sql as $$
  select c from public.calls c where c.id = md5(sid)::uuid
$$;
create function pg_temp.place(sid text, agent text) returns text language plpgsql as $$
begin
  return pg_temp.try(format(
    'insert into public.calls (id, twilio_call_sid, direction, from_number, to_number, status, assigned_to)
     values (%L, %L, ''outbound'', ''+12025550199'', ''+12025550150'', ''active'', %L)', md5(sid)::uuid, sid, md5(agent)::uuid
  ));
end
$$;
select pg_temp.ring('C1'), pg_temp.ring('C2');

-- A message
select is(pg_temp.patch('Ann', 'C1', 'voicemail_at = now()'), '42501', 'an agent does not send a caller to voicemail');
select is(pg_temp.patch('service', 'C1', 'voicemail_at = ''2001-01-01'''), 'rows 1', 'the service does');
select ok((pg_temp.row_of('C1')).voicemail_at >= now(), 'and the server''s clock says when');
select is((select (status, epoch)::text from pg_temp.row_of('C1')), '(ringing,1)', 'it still rings, with new audio');
select is(pg_temp.patch('service', 'C1', 'voicemail_at = ''2002-01-01'''), 'rows 1', 'once more');
select is((pg_temp.row_of('C1')).epoch, 1, 'is no change');
select is(pg_temp.patch('Ann', 'C1', pg_temp.give('Ann')), 'rows 1', 'it can still be answered');
select is(
  (select (status, voicemail_at is null, epoch)::text from pg_temp.row_of('C1')), '(active,t,2)',
  'which ends the message and changes the audio');
select is(pg_temp.patch('service', 'C1', 'voicemail_at = now()'), 'rows 1', 'a call that is talked to');
select is((pg_temp.row_of('C1')).voicemail_at, null, 'leaves no message');
select is(pg_temp.patch('service', 'C1', 'recording_sid = ''RE1'', recording_s = 9'), 'rows 1', 'a message is kept in any state');
select is(pg_temp.patch('service', 'C1', 'recording_sid = ''../x'''), '23514', 'under a name of Twilio''s');
select is(pg_temp.patch('Ann', 'C1', 'recording_sid = ''RE2'''), '42501', 'by nobody else');
select pg_temp.patch('service', 'C2', 'voicemail_at = now()');
select pg_temp.patch('service', 'C2', 'status = ''ended'', end_reason = ''missed''');
select is(
  pg_temp.patch('service', 'C2', 'recording_sid = ''RE2'', recording_s = 5, end_reason = ''voicemail'''), 'rows 1',
  'also after the end');
select is(
  (select (voicemail_at is null, recording_sid, recording_s, end_reason)::text from pg_temp.row_of('C2')),
  '(t,RE2,5,voicemail)', 'where it stays');
select pg_temp.be('owner');
select is(
  (select string_agg(kind, ' ' order by id) from public.call_events where call_id = md5('C2')::uuid),
  'created voicemail ended recorded', 'and the log tells it');

-- A call out
select pg_temp.be('Bob');
select is(pg_temp.place('O1', 'Bob'), '42501', 'an agent does not write calls');
select pg_temp.be('service');
select is(pg_temp.place('O1', 'Bob'), 'rows 1', 'the service writes one for an agent');
select is(
  (select (status, assigned_to = md5('Bob')::uuid, last_agent = md5('Bob')::uuid, epoch, answered_at, connected_at)::text
   from pg_temp.row_of('O1')), '(active,t,t,0,,)', 'whose it is, unanswered');
select is(
  (select current_call_id from public.voip_users where id = md5('Bob')::uuid), md5('O1')::uuid, 'and who is busy with it');
select is(pg_temp.place('O2', 'Bob'), 'PT409 colleague_busy', 'with one only');
select pg_temp.patch('Bob', 'O1', 'status = ''parked''');
select is(pg_temp.patch('Bob', 'O1', pg_temp.give('Bob')), 'rows 1', 'parked while it rings and taken back');
select is((pg_temp.row_of('O1')).answered_at, null, 'it is answered by nobody');
select pg_temp.be('service');
select is(pg_temp.place('O2', 'Rex'), 'PT409 no_such_colleague', 'and not after having left');
select is(pg_temp.patch('Ann', 'O1', pg_temp.give('Ann')), 'PT409 already_answered', 'nobody else takes it');
select pg_temp.patch('service', 'O1', 'connected_at = now()');
select ok(
  (select answered_at = connected_at from pg_temp.row_of('O1')), 'it is answered when the customer is there');

select * from finish();
rollback;
