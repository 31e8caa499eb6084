-- What only the service may do: bring calls in, send them back to ring, park them for a reason, end them for a reason.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(36);
create function pg_temp.row_of(sid text) returns public.calls language sql as $$
  select c from public.calls c where c.id = md5(sid)::uuid
$$;
update public.board_settings set parking_slots = 1;
select pg_temp.ring('C1'), pg_temp.ring('C2'), pg_temp.ring('C3'), pg_temp.ring('C4');

-- Coming in
select is(
  pg_temp.try($$insert into public.calls (twilio_call_sid, from_number, to_number) values ('C1', '', '')
    on conflict (twilio_call_sid) do nothing$$),
  'rows 0', 'the same call comes in once');
select is(
  pg_temp.try($$insert into public.calls (twilio_call_sid, from_number, to_number, status) values ('X', '', '', 'parked')$$),
  'PT409 wrong_state', 'a call begins ringing');
select is(
  pg_temp.try(format($$insert into public.calls (twilio_call_sid, from_number, to_number, caller_name)
    values ('LONG', repeat('9', 300), '', repeat('n', 300))$$)),
  'rows 1', 'no call is lost for a text that is too long');
select is(
  pg_temp.try($$insert into public.calls (twilio_call_sid, direction, from_number, to_number) values ('X', 'sideways', '', '')$$),
  '23514', 'a direction is inbound or outbound');

-- Answering, connecting
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann') );
select is(pg_temp.patch('service', 'C1', 'connected_at = ''2001-01-01'''), 'rows 1', 'the service says that the agent is connected');
select ok((pg_temp.row_of('C1')).connected_at >= now(), 'and the server''s clock says when');
select pg_temp.patch('Ann', 'C1', 'on_hold = true');

-- Back to ringing
select is(pg_temp.patch('service', 'C1', 'status = ''ringing'''), 'rows 1', 'the service lets an active call ring again');
select is(
  (select (status, assigned_to, answered_at, connected_at, on_hold, held_at, last_agent, epoch)::text from pg_temp.row_of('C1')),
  (select ('ringing', null, null, null, false, null, md5('Ann')::uuid, 2)::text), 'clean, and with new audio');
select is((select current_call_id from public.voip_users where id = md5('Ann')::uuid), null, 'its agent is free');

-- Parking for a reason, beyond the lot
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));
select is(pg_temp.patch('service', 'C1', 'status = ''parked'''), 'rows 1', 'the service parks a call whose agent dropped');
select is((pg_temp.row_of('C1')).park_reason, 'agent_dropped', 'and says so');
select is(pg_temp.patch('service', 'C2', 'status = ''parked'', park_reason = ''transfer_failed'''), 'rows 1', 'a full lot does not stop it');
select is(
  (select (parking_slot, park_reason)::text from pg_temp.row_of('C2')), '(2,transfer_failed)', 'an overflow number is taken');
select is(pg_temp.patch('service', 'C3', 'status = ''parked'', parking_slot = 1'), 'rows 1', 'nor does a slot that is taken');
select is((select (parking_slot, park_reason)::text from pg_temp.row_of('C3')), '(3,unreachable)', 'the next free number is');
select is(pg_temp.patch('Ann', 'C1', 'parking_slot = 2'), 'PT409 slot_out_of_range', 'agents stay within the lot');
select is(pg_temp.patch('service', 'C1', 'park_reason = ''unreachable'''), 'rows 1', 'a reason is given once');
select is((pg_temp.row_of('C1')).park_reason, 'agent_dropped', 'and stays');
select is(pg_temp.patch('service', 'C2', 'status = ''ringing'''), 'rows 1', 'a parked call rings again');
select is(
  (select (status, parking_slot, parked_at, park_reason, epoch)::text from pg_temp.row_of('C2')), '(ringing,,,,2)', 'out of its slot');
select pg_temp.patch('Bob', 'C2', pg_temp.give('Bob'));
select is(pg_temp.patch('service', 'C4', pg_temp.give('Bob')), 'PT409 colleague_busy', 'the service cannot double an agent either');
select is(pg_temp.patch('service', 'C4', 'status = ''active'''), 'PT409 no_such_colleague', 'nor answer for nobody');

-- Ending for a reason
select pg_temp.patch('service', 'C2', 'status = ''ended''');
select is((pg_temp.row_of('C2')).end_reason, 'completed', 'an answered call that ends is completed');
select pg_temp.patch('service', 'C4', 'status = ''ended''');
select is((pg_temp.row_of('C4')).end_reason, 'abandoned', 'an unanswered one is abandoned');
select pg_temp.patch('service', 'C3', 'status = ''ended'', end_reason = ''reconciled''');
select is((pg_temp.row_of('C3')).end_reason, 'reconciled', 'or what the service says');
select is(pg_temp.patch('service', 'C1', 'status = ''ended'', end_reason = ''nonsense'''), '23514', 'if there is such a reason');

-- Callbacks come twice and late
create temp table before as select * from public.calls where id = md5('C4')::uuid;
select is(pg_temp.patch('service', 'C4', 'status = ''ended'', end_reason = ''completed'''), 'rows 1', 'a second ending is no error');
select is(pg_temp.patch('service', 'C4', 'status = ''ringing'''), 'rows 1', 'nor is a late ringing');
select is(pg_temp.patch('service', 'C4', pg_temp.give('Ann')), 'rows 1', 'nor a late answer');
select pg_temp.be('owner');
select results_eq('select * from public.calls where id = md5(''C4'')::uuid', 'select * from before', 'and none changes the row');
select pg_temp.patch('service', 'C4', 'end_reason = ''voicemail''');
select is((pg_temp.row_of('C4')).end_reason, 'voicemail', 'only a message that was left still tells');

select is(
  pg_temp.try(format('insert into public.call_audio (call_id, rendered_epoch) values (%L, 0)', md5('C1')::uuid)),
  'rows 1', 'the service keeps its own notes about audio');

-- Placed by an agent
create function pg_temp.place(sid text) returns text language sql as $$
  select pg_temp.try(format(
    'insert into public.calls (twilio_call_sid, direction, status, assigned_to, from_number, to_number)
     values (%L, ''outbound'', ''active'', %L, ''+12025550199'', ''+12025550150'') on conflict (twilio_call_sid) do nothing',
    sid, md5('Sal')::uuid))
$$;
select pg_temp.be('service');
select is(pg_temp.place('P1'), 'rows 1', 'a call that an agent placed is hers from the first moment');
select is(pg_temp.place('P1'), 'rows 0', 'and told twice it is one call');
select is(pg_temp.place('P2'), 'PT409 colleague_busy', 'while she is on it, she places no other');
select pg_temp.be('owner');
select is(
  (select array_agg(m.current_call_id = c.id) from public.calls c join public.voip_users m on m.id = c.assigned_to
   where c.twilio_call_sid like 'P_'), array[true], 'and her row says so');

select * from finish();
rollback;
