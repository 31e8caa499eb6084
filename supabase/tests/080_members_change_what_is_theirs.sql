-- Who may change what in whose row of the team, and when the boards are told.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(38);
create function pg_temp.told() returns bigint language plpgsql as $$
begin
  perform pg_temp.be('owner');
  return (select count(*) from realtime.messages where payload ->> 'table' = 'voip_users');
end
$$;
select pg_temp.be('owner');
delete from realtime.messages;

select is(pg_temp.member('Ann', 'Ann', 'is_available = false'), 'rows 1', 'an agent goes on a break');
select is(pg_temp.told(), 1::bigint, 'and the boards are told');
select is(
  (select payload - 'id' - 'commit_timestamp' from realtime.messages),
  (select jsonb_build_object('table', 'voip_users', 'type', 'UPDATE', 'version', version, 'record', to_jsonb(m))
   from public.voip_users m where id = md5('Ann')::uuid), 'with the whole row');
select is(pg_temp.member('Ann', 'Ann', 'is_available = false'), 'rows 1', 'the same again');
select is(pg_temp.told(), 1::bigint, 'is no news');
select is(pg_temp.member('Ann', 'Ann', 'device_state = ''ready'''), 'rows 1', 'her browser reports its device');
select is(pg_temp.told(), 2::bigint, 'which is news');
select is(pg_temp.member('Ann', 'Ann', format('device_state = %L', word)), 'rows 1', 'in one of five words: ' || word)
from unnest('{off,connecting,no_microphone,unreachable,ready}'::text[]) as word;
select is(pg_temp.member('Ann', 'Ann', 'device_state = ''asleep'''), '23514', 'and in no sixth');

select is(pg_temp.member('Ann', 'Bob', 'is_available = false'), 'rows 0', 'an agent changes no colleague');
select is(pg_temp.member('Ann', 'Ann', 'role = ''supervisor'''), '42501', 'nor her own role');
select is(pg_temp.member('Ann', 'Ann', 'display_name = ''Sal'''), '42501', 'nor her name');
select is(pg_temp.member('Ann', 'Ann', 'retired_at = now()'), '42501', 'nor does she retire herself');
select is(pg_temp.member('Sal', 'Ann', 'is_available = true'), 'rows 1', 'a supervisor calls an agent back');
select is(pg_temp.member('Sal', 'Ann', 'display_name = ''Anna'''), 'rows 1', 'corrects a name');
select is(pg_temp.member('Sal', 'Ann', 'role = ''supervisor'''), 'rows 1', 'and makes a supervisor');
select is(pg_temp.member('Sal', 'Bob', 'device_state = ''ready'''), '42501', 'but knows no colleague''s device');
select is(pg_temp.member('Sal', 'Bob', 'display_name = '' '''), '23514', 'and leaves nobody without a name');
select is(pg_temp.member('Sal', 'Bob', 'role = ''owner'''), '23514', 'nor with an unknown role');

-- Retiring
select pg_temp.ring('C1');
select pg_temp.patch('Bob', 'C1', pg_temp.give('Bob'));
select is(pg_temp.member('Sal', 'Bob', 'retired_at = now()'), 'PT409 colleague_busy', 'nobody is retired while on a call');
select pg_temp.patch('Bob', 'C1', 'status = ''parked''');
select is(pg_temp.member('Sal', 'Bob', 'retired_at = ''2001-01-01'''), 'rows 1', 'afterwards one is');
select pg_temp.be('owner');
select is(
  (select (retired_at >= now(), is_available)::text from public.voip_users where id = md5('Bob')::uuid), '(t,f)',
  'as of now, and not available');
select is(pg_temp.patch('Bob', 'C1', pg_temp.give('Bob')), 'rows 0', 'who has left acts no more');
select is(pg_temp.patch('Sal', 'C1', pg_temp.give('Bob')), 'PT409 no_such_colleague', 'and gets no calls');
select is(pg_temp.member('Sal', 'Bob', 'is_available = true'), '23514', 'nor is available');
select is(pg_temp.member('Sal', 'Bob', 'retired_at = null'), 'rows 1', 'who comes back');
select is(pg_temp.patch('Bob', 'C1', pg_temp.give('Bob')), 'rows 1', 'takes calls again');

-- Presence, contacts, settings
select pg_temp.be('Bob');
select is(
  pg_temp.try(format('insert into public.presence (member_id) values (%1$L) on conflict (member_id) do update set member_id = excluded.member_id', md5('Bob')::uuid)),
  'rows 1', 'a heartbeat is an upsert of the own row');
select is(pg_temp.try($$insert into public.contacts (number, name) values ('+12025550178', 'New')$$), 'rows 1', 'an agent adds a contact');
select is(pg_temp.try($$insert into public.contacts (number, name) values ('555 0178', 'New')$$), '23514', 'with a number in E.164');
select is(pg_temp.try('update public.board_settings set parking_slots = 20'), 'rows 0', 'the settings are not an agent''s');
select pg_temp.be('Sal');
select is(pg_temp.try('update public.board_settings set parking_slots = 20'), 'rows 1', 'but a supervisor''s');

-- Somebody joins
select pg_temp.be('owner');
delete from realtime.messages;
insert into auth.users (id, email) values (md5('account of Zoe')::uuid, 'zoe@test.example');
select pg_temp.be('service');
select is(
  pg_temp.try(format('insert into public.voip_users (user_id, display_name, identity) values (%L, ''Zoe'', ''test_zoe'')',
    md5('account of Zoe')::uuid)), 'rows 1', 'the service takes somebody into the team');
select pg_temp.be('owner');
select is(
  (select array_agg(payload #>> '{record,display_name}') from realtime.messages where payload ->> 'table' = 'voip_users'),
  array['Zoe'], 'and the boards are told once');

select * from finish();
rollback;
