-- A team keeps a supervisor, whoever asks for what.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(19);
-- Only the team of this test: its one supervisor is Sal.
update public.voip_users set role = 'agent' where role = 'supervisor' and id <> md5('Sal')::uuid;

select is(pg_temp.member('Sal', 'Sal', 'role = ''agent'''), 'PT409 last_supervisor', 'the last supervisor makes no agent of herself');
select is(pg_temp.member('Sal', 'Sal', 'retired_at = now()'), 'PT409 last_supervisor', 'nor does she leave');
select is(
  pg_temp.member('Sal', 'Sal', 'display_name = ''Sally'', role = ''agent'', is_available = false'),
  'PT409 last_supervisor', 'not beside other changes');
select is(pg_temp.member('service', 'Sal', 'role = ''agent'''), 'PT409 last_supervisor', 'the service does not do it either');
select is(pg_temp.member('owner', 'Sal', 'retired_at = now()'), 'PT409 last_supervisor', 'nor does anybody by hand');
select pg_temp.be('owner');
select is(pg_temp.try('update public.voip_users set role = ''agent'''), 'PT409 last_supervisor', 'not of everybody at once');
select is(pg_temp.try('delete from public.voip_users where role = ''supervisor'''), 'PT409 last_supervisor', 'nor is she deleted');
select throws_ok(
  'update public.voip_users set role = ''agent'' where role = ''supervisor''', 'PT409',
  'Sal is the only supervisor: make somebody else a supervisor first', 'the refusal says who it is, and what to do');
select is(
  (select array_agg(display_name) from public.voip_users where role = 'supervisor' and retired_at is null),
  array['Sal'], 'so she leads as before');
select is(pg_temp.member('Sal', 'Sal', 'is_available = false'), 'rows 1', 'but she may go off duty');
select is(pg_temp.member('Sal', 'Sal', 'display_name = ''Sally'''), 'rows 1', 'and change her name');

select is(pg_temp.member('Sal', 'Ann', 'role = ''supervisor'''), 'rows 1', 'she makes a second one');
select is(pg_temp.member('Sal', 'Sal', 'role = ''agent'''), 'rows 1', 'and then goes back to the telephones');
select is(pg_temp.member('Ann', 'Ann', 'role = ''agent'''), 'PT409 last_supervisor', 'now the other one stays');
select is(pg_temp.member('Ann', 'Rex', 'role = ''supervisor'''), 'rows 1', 'somebody who has left');
select is(pg_temp.member('Ann', 'Ann', 'role = ''agent'''), 'PT409 last_supervisor', 'leads nobody');
select pg_temp.be('owner');
select is(
  pg_temp.try(format('update public.voip_users set role = case id when %L then ''supervisor'' else ''agent'' end', md5('Bob')::uuid)),
  'rows ' || (select count(*) from public.voip_users), 'one change may pass it on');
select is(
  (select array_agg(display_name) from public.voip_users where role = 'supervisor' and retired_at is null),
  array['Bob'], 'to somebody else');

-- Nobody stops being one where there is none.
alter table public.voip_users disable trigger somebody_leads_after_a_change;
update public.voip_users set role = 'agent';
alter table public.voip_users enable trigger somebody_leads_after_a_change;
select is(pg_temp.try(format('update public.voip_users set retired_at = now() where id = %L', md5('Ann')::uuid)),
  'rows 1', 'a team without one is not concerned');

select * from finish();
rollback;
