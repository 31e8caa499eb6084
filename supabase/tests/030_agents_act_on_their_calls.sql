-- The way of a call by its agents: answer, hold, resume, park, move, retrieve, transfer, end; and what the row says each time.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(34);
create function pg_temp.row_of(sid text) returns public.calls language sql as $$
  select c from public.calls c where c.id = md5(sid)::uuid
$$;
create function pg_temp.current_call(name text) returns uuid language sql as $$
  select current_call_id from public.voip_users where id = md5(name)::uuid
$$;
insert into public.contacts (number, name) values ('+12025550150', 'Nora Test');
update public.board_settings set parking_slots = 3;

select pg_temp.ring('C1');
select is((pg_temp.row_of('C1')).status, 'ringing', 'a call begins ringing');
select is((pg_temp.row_of('C1')).caller_name, 'Nora Test', 'with the name that contacts know');
select is((pg_temp.row_of('C1')).epoch, 0, 'at epoch 0');

select is(pg_temp.patch('Ann', 'C1', pg_temp.give('Ann')), 'rows 1', 'an agent answers');
select is((pg_temp.row_of('C1')).assigned_to, md5('Ann')::uuid, 'and has the call');
select is((pg_temp.row_of('C1')).epoch, 0, 'the dial is running: the customer''s audio need not change');
select ok((pg_temp.row_of('C1')).answered_at between now() and clock_timestamp(), 'answered now, by the server''s clock');
select is(pg_temp.current_call('Ann'), md5('C1')::uuid, 'her row shows the call');

select is(pg_temp.patch('Ann', 'C1', 'on_hold = true'), 'rows 1', 'she puts it on hold');
select ok((pg_temp.row_of('C1')).held_at is not null and (pg_temp.row_of('C1')).epoch = 1, 'held since now, new audio');
select is(pg_temp.patch('Ann', 'C1', 'on_hold = false'), 'rows 1', 'and resumes it');
select ok((pg_temp.row_of('C1')).held_at is null and (pg_temp.row_of('C1')).epoch = 2, 'held no more, new audio');

select pg_temp.patch('Ann', 'C1', 'on_hold = true');
select is(pg_temp.patch('Ann', 'C1', 'status = ''parked'', assigned_to = null, parking_slot = 3'), 'rows 1', 'parks it into slot 3');
select is(
  (select (status, parking_slot, park_reason, assigned_to, last_agent, on_hold, epoch)::text from pg_temp.row_of('C1')),
  (select ('parked', 3, 'parked_by_agent', null, md5('Ann')::uuid, false, 4)::text),
  'a parked call is nobody''s, is not on hold and knows who had it');
select is(pg_temp.current_call('Ann'), null, 'her row is free');
select is(pg_temp.patch('Bob', 'C1', 'parking_slot = 2'), 'rows 1', 'anybody moves it to another slot');
select is((pg_temp.row_of('C1')).epoch, 4, 'which the customer does not hear');

select is(pg_temp.patch('Bob', 'C1', pg_temp.give('Bob')), 'rows 1', 'another agent retrieves it');
select is(
  (select (status, assigned_to, parking_slot, parked_at, park_reason, epoch)::text from pg_temp.row_of('C1')),
  (select ('active', md5('Bob')::uuid, null, null, null, 5)::text),
  'it has left its slot');
select is(pg_temp.patch('Bob', 'C1', 'on_hold = true'), 'rows 1', 'Bob holds it');
select is(pg_temp.patch('Bob', 'C1', format('assigned_to = %L', md5('Ann')::uuid)), 'rows 1', 'and transfers it to Ann');
select is(
  (select (assigned_to, last_agent, on_hold, held_at, epoch)::text from pg_temp.row_of('C1')),
  (select (md5('Ann')::uuid, md5('Ann')::uuid, false, null, 7)::text),
  'who gets it off hold');
select is(pg_temp.current_call('Bob'), null, 'Bob is free');
select is(pg_temp.current_call('Ann'), md5('C1')::uuid, 'Ann is not');

select is(pg_temp.patch('Ann', 'C1', 'note = ''calls back'', disposition = ''sale'''), 'rows 1', 'she takes a note');
select is(pg_temp.patch('Ann', 'C1', format('status = ''ended'', assigned_to = %L', md5('Bob')::uuid)), 'rows 1', 'and ends it');
select is(
  (select (status, end_reason, assigned_to, epoch)::text from pg_temp.row_of('C1')),
  (select ('ended', 'ended_by_agent', md5('Ann')::uuid, 8)::text),
  'the ending names nobody else than its agent');
select is(pg_temp.current_call('Ann'), null, 'and she is free');
select is(pg_temp.patch('Ann', 'C1', 'note = ''done'''), 'rows 1', 'the note stays open after the end');

-- Parking without a slot, ending a parked call.
select pg_temp.ring('C2');
select pg_temp.patch('Ann', 'C2', pg_temp.give('Ann'));
select pg_temp.patch('Ann', 'C2', 'status = ''parked'', assigned_to = null');
select is((pg_temp.row_of('C2')).parking_slot, 1::smallint, 'without a wish a call gets the first free slot');
select is(pg_temp.patch('Ann', 'C2', 'status = ''ended'''), 'rows 1', 'her parked call she may end');

-- A supervisor acts for others.
select pg_temp.ring('C3');
select is(pg_temp.patch('Sal', 'C3', pg_temp.give('Bob')), 'rows 1', 'a supervisor gives a ringing call to an agent');
select is(pg_temp.patch('Sal', 'C3', pg_temp.give('Sal')), 'rows 1', 'takes it over');
select is(pg_temp.patch('Sal', 'C3', 'status = ''ended'''), 'rows 1', 'and ends it');

select * from finish();
rollback;
