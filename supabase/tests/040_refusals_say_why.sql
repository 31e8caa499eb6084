-- Every action that is not allowed is refused with a code for the program and a sentence for the person.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(44);
update public.board_settings set parking_slots = 2;
select pg_temp.ring('C1'), pg_temp.ring('C2'), pg_temp.ring('C3'), pg_temp.ring('C4');

-- Ringing
select is(pg_temp.patch('Ann', 'C1', pg_temp.give('Bob')), 'PT409 not_yours', 'an agent answers for nobody else');
select is(pg_temp.patch('Sal', 'C1', pg_temp.give('Rex')), 'PT409 no_such_colleague', 'nobody gives a call to somebody who left');
select is(pg_temp.patch('Sal', 'C1', pg_temp.give('Mallory')), 'PT409 no_such_colleague', 'nor to a stranger');
select is(pg_temp.patch('Ann', 'C1', 'status = ''parked'''), 'PT409 wrong_state', 'a ringing call is not parked');
select is(pg_temp.patch('Ann', 'C1', 'parking_slot = 1'), 'PT409 wrong_state', 'nor put into a slot');
select is(pg_temp.patch('Ann', 'C1', 'on_hold = true'), 'PT409 wrong_state', 'nor held');
select is(pg_temp.patch('Ann', 'C1', format('assigned_to = %L', md5('Ann')::uuid)), 'PT409 wrong_state', 'nor assigned without an answer');
select is(pg_temp.patch('Ann', 'C1', 'status = ''ended'''), 'PT409 not_yours', 'an agent does not end a ringing call');
select is(pg_temp.patch('Ann', 'C1', 'note = ''x'''), 'PT409 not_yours', 'nor writes its note');
select is(pg_temp.patch('Ann', 'C1', 'status = ''lost'''), 'PT400 unknown_status', 'an unknown status is a bad request');
select is(pg_temp.patch('Ann', 'C1', 'status = null'), 'PT400 unknown_status', 'and so is none');

-- Active
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));
select is(pg_temp.patch('Bob', 'C1', pg_temp.give('Bob')), 'PT409 already_answered', 'who comes second is told');
select is(pg_temp.patch('Ann', 'C2', pg_temp.give('Ann')), 'PT409 on_another_call', 'nobody answers two calls');
select is(pg_temp.patch('Sal', 'C2', pg_temp.give('Ann')), 'PT409 colleague_busy', 'nor is given a second one');
select is(pg_temp.patch('Bob', 'C1', 'status = ''parked'', assigned_to = null'), 'PT409 not_yours', 'nobody parks a colleague''s call');
select is(pg_temp.patch('Bob', 'C1', 'status = ''ended'''), 'PT409 not_yours', 'nor ends it');
select is(pg_temp.patch('Bob', 'C1', 'on_hold = true'), 'PT409 not_yours', 'nor holds it');
select is(pg_temp.patch('Sal', 'C1', 'on_hold = true'), 'PT409 not_yours', 'and neither does a supervisor');
select is(pg_temp.patch('Bob', 'C1', 'note = ''x'''), 'PT409 not_yours', 'nobody writes a colleague''s note');
select is(pg_temp.patch('Bob', 'C1', format('assigned_to = %L', md5('Sal')::uuid)), 'PT409 not_yours', 'nor gives the call away');
select is(pg_temp.patch('Ann', 'C1', 'assigned_to = null'), 'PT409 wrong_state', 'an active call always has an agent');
select is(pg_temp.patch('Ann', 'C1', format('assigned_to = %L', md5('Rex')::uuid)), 'PT409 no_such_colleague', 'it cannot go to somebody who left');
select is(pg_temp.patch('Ann', 'C1', 'status = ''ringing'''), 'PT409 service_only', 'nor back into the queue');
select is(pg_temp.patch('Ann', 'C1', 'status = ''parked'', parking_slot = 3'), 'PT409 slot_out_of_range', 'the lot has two slots');
select is(pg_temp.patch('Ann', 'C1', 'status = ''parked'', parking_slot = 0'), 'PT409 slot_out_of_range', 'and no slot 0');
select pg_temp.patch('Bob', 'C2', pg_temp.give('Bob'));
select is(pg_temp.patch('Ann', 'C1', format('assigned_to = %L', md5('Bob')::uuid)), 'PT409 colleague_busy', 'a colleague on a call gets no transfer');

-- Parked
select pg_temp.patch('Ann', 'C1', 'status = ''parked'', parking_slot = 1');
select is(pg_temp.patch('Bob', 'C2', 'status = ''parked'', parking_slot = 1'), 'PT409 slot_taken', 'a slot holds one call');
select pg_temp.patch('Bob', 'C2', 'status = ''parked'', parking_slot = 2');
select is(pg_temp.patch('Bob', 'C2', 'parking_slot = 1'), 'PT409 slot_taken', 'also when moving');
select is(pg_temp.patch('Bob', 'C2', 'parking_slot = 3'), 'PT409 slot_out_of_range', 'within the lot');
select is(pg_temp.patch('Bob', 'C2', 'on_hold = true'), 'PT409 wrong_state', 'a parked call is not held');
select is(pg_temp.patch('Bob', 'C1', 'status = ''ended'''), 'PT409 not_yours', 'nor ended by somebody who never had it');
select is(pg_temp.patch('Bob', 'C1', 'status = ''ringing'''), 'PT409 service_only', 'nor sent back to ring');
select is(pg_temp.patch('Bob', 'C1', pg_temp.give('Ann')), 'PT409 not_yours', 'nobody retrieves for a colleague');
select pg_temp.patch('Ann', 'C3', pg_temp.give('Ann'));
select is(pg_temp.patch('Ann', 'C3', 'status = ''parked'''), 'PT409 lot_full', 'a full lot says so');
select is(pg_temp.patch('Ann', 'C1', pg_temp.give('Ann')), 'PT409 on_another_call', 'nobody retrieves a second call');

-- Ended
select pg_temp.patch('Ann', 'C3', 'status = ''ended''');
select is(pg_temp.patch('Bob', 'C3', pg_temp.give('Bob')), 'PT409 already_ended', 'an ended call is not answered');
select is(pg_temp.patch('Ann', 'C3', 'status = ''parked'''), 'PT409 already_ended', 'nor parked');
select is(pg_temp.patch('Sal', 'C3', 'status = ''ringing'''), 'PT409 already_ended', 'nor rung again');
select is(pg_temp.patch('Bob', 'C3', 'note = ''x'''), 'PT409 not_yours', 'and its note stays its agent''s');
select is(pg_temp.patch('Ann', 'C3', format('note = repeat(%L, 10001)', 'x')), '23514', 'which is bounded');

-- What the person reads, and what the program knows.
create function pg_temp.said(who text, sid text, change text) returns text language plpgsql as $$
declare
  said text;
begin
  perform pg_temp.be(who);
  execute format('update public.calls set %s where id = %L', change, md5(sid)::uuid);
  return 'nothing';
exception when others then
  get stacked diagnostics said = pg_exception_detail;
  return sqlerrm || ' | ' || (said::jsonb - 'at')::text || case when said::jsonb ? 'at' then ' | at' else '' end;
end
$$;
select pg_temp.patch('Ann', 'C4', pg_temp.give('Ann'));
select matches(
  pg_temp.said('Bob', 'C4', pg_temp.give('Bob')),
  '^Ann answered this call \d+ ms earlier \| \{"by": "Ann", "by_id": "' || md5('Ann')::uuid || '"\} \| at$',
  'the loser of a race reads who was faster, and by how much');
select is(pg_temp.said('Ann', 'C2', pg_temp.give('Ann')), 'You are already on a call | {"by": "Ann", "by_id": "' || md5('Ann')::uuid || '"}', 'a busy agent reads it');
select is(
  pg_temp.said('Bob', 'C4', 'status = ''ended'''), 'This is Ann''s call | {"by": "Ann", "by_id": "' || md5('Ann')::uuid || '"}',
  'whose call it is');
select matches(pg_temp.said('Ann', 'C4', 'status = ''parked'', parking_slot = 2'), '^Slot 2 is taken \| .* \| at$', 'that a slot is taken');

select * from finish();
rollback;
