-- A signed-in stranger, a retired member and anon see nothing; members see the board; the service sees all.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(22);
insert into public.contacts (number, name) values ('+12025550177', 'Test Contact');
insert into public.presence (member_id) values (md5('Ann')::uuid);
select pg_temp.ring('C1');
insert into public.call_audio (call_id) values (md5('C1')::uuid);

create function pg_temp.seen(who text) returns text language plpgsql as $$
declare
  seen text := '';
  name text;
  found boolean;
begin
  perform pg_temp.be(who);
  foreach name in array array['calls', 'voip_users', 'presence', 'call_events', 'contacts', 'board_settings', 'call_audio'] loop
    begin
      execute format('select exists (select from public.%I)', name) into found;
      seen := seen || case when found then name || ' ' else '' end;
    exception when insufficient_privilege then
      seen := seen || name || ':forbidden ';
    end;
  end loop;
  return btrim(seen);
end
$$;
select is(pg_temp.seen('Mallory'), 'call_audio:forbidden', 'an account that is not on the team sees nothing');
select is(pg_temp.seen('Rex'), 'call_audio:forbidden', 'a retired member sees nothing');
select is(
  pg_temp.seen('anon'),
  'calls:forbidden voip_users:forbidden presence:forbidden call_events:forbidden contacts:forbidden '
    || 'board_settings:forbidden call_audio:forbidden',
  'anon is refused everywhere');
select is(
  pg_temp.seen('Ann'), 'calls voip_users presence call_events contacts board_settings call_audio:forbidden',
  'an agent sees the board, and nothing of telephony');
select is(
  pg_temp.seen('Sal'), 'calls voip_users presence call_events contacts board_settings call_audio:forbidden',
  'a supervisor sees what an agent sees');
select is(
  pg_temp.seen('service'), 'calls voip_users presence call_events contacts board_settings call_audio',
  'the service sees everything');

-- A stranger's changes do not fail, they find no rows.
select is(pg_temp.patch('Mallory', 'C1', pg_temp.give('Mallory')), 'rows 0', 'a stranger answers nothing');
select is(pg_temp.patch('Rex', 'C1', pg_temp.give('Rex')), 'rows 0', 'a retired member answers nothing');
select is(pg_temp.patch('anon', 'C1', pg_temp.give('Ann')), '42501', 'anon is refused');
select pg_temp.be('Mallory');
select is(pg_temp.try('update public.voip_users set is_available = true'), 'rows 0', 'a stranger changes no member');
select is(pg_temp.try('update public.board_settings set parking_slots = 1'), 'rows 0', 'nor the settings');
select is(pg_temp.try($$update public.contacts set name = 'x'$$), 'rows 0', 'nor a contact');
select is(
  pg_temp.try($$insert into public.contacts (number, name) values ('+12025550178', 'x')$$), '42501', 'nor adds one');
select is(
  pg_temp.try(format('insert into public.presence (member_id) values (%L)', md5('Ann')::uuid)), '42501',
  'nor pretends to be present');
select pg_temp.be('Rex');
select is(
  pg_temp.try(format('insert into public.presence (member_id) values (%L)', md5('Rex')::uuid)), '42501',
  'who has left is present no more');

-- Members insert and delete no calls.
select pg_temp.be('Sal');
select is(
  pg_temp.try($$insert into public.calls (twilio_call_sid, from_number, to_number) values ('X', '', '')$$), '42501',
  'not even a supervisor makes a call up');
select is(pg_temp.try('delete from public.calls where true'), '42501', 'nor deletes one');
select is(pg_temp.try('delete from public.voip_users where true'), '42501', 'nor a member');
select is(pg_temp.try('delete from public.contacts where true'), '42501', 'nor a contact');
select is(pg_temp.try('truncate public.calls cascade'), '42501', 'nor empties the board');

-- A token whose claims name a stranger is no service, whatever the connection may do.
select set_config('role', 'service_role', true),
  set_config('request.jwt.claims', '{"role": "authenticated"}', true);
select is(private.is_service(), false, 'a person''s claims are never the service');
select pg_temp.be('service');
select is(private.is_service(), true, 'the service is');

select * from finish();
rollback;
