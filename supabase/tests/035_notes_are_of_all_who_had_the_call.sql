-- Who may write the note of a call: whoever has it or had it, and everybody where nobody did.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(7);
select pg_temp.ring('C1');
select is(pg_temp.patch('Bob', 'C1', 'note = ''x'''), 'PT409 not_yours', 'while it rings, whoever answers will write it');
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));
select pg_temp.patch('Ann', 'C1', 'status = ''parked'', assigned_to = null');
select pg_temp.patch('Bob', 'C1', pg_temp.give('Bob'));
select is(pg_temp.patch('Ann', 'C1', 'note = ''of Ann'''), 'rows 1', 'who parked it writes on, though a colleague has it');
select is(pg_temp.patch('Bob', 'C1', 'note = ''of Bob'''), 'rows 1', 'and so does the colleague');
select pg_temp.patch('Bob', 'C1', 'status = ''ended''');
select is(pg_temp.patch('Ann', 'C1', 'note = ''after it'''), 'rows 1', 'also after the end');
select pg_temp.ring('C2');
select pg_temp.patch('Ann', 'C2', pg_temp.give('Ann'));
select pg_temp.patch('Ann', 'C2', 'status = ''ended''');
select is(pg_temp.patch('Bob', 'C2', 'note = ''x'''), 'PT409 not_yours', 'who never had it does not');
select pg_temp.ring('C3');
select pg_temp.be('service');
update public.calls set status = 'ended', end_reason = 'missed' where id = md5('C3')::uuid;
select is(pg_temp.patch('Bob', 'C3', 'note = ''called back'''), 'rows 1', 'a call that nobody answered is everybody''s');
select is(pg_temp.patch('Mallory', 'C3', 'note = ''x'''), 'rows 0', 'but no stranger''s');

select * from finish();
rollback;
