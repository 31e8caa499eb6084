-- Who is in the contacts is called so on every board: from the first ring, and as soon as somebody writes it down.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(47);
delete from public.contacts;

create function pg_temp.ring_from(sid text, direction text, from_number text, to_number text, name text) returns text
language plpgsql as $$
begin
  perform pg_temp.be('service');
  insert into public.calls (id, twilio_call_sid, direction, from_number, to_number, caller_name)
  values (md5(sid)::uuid, sid, direction, from_number, to_number, name);
  return (select caller_name from public.calls where twilio_call_sid = sid);
end
$$;
create function pg_temp.contact(who text, statement text) returns text language plpgsql as $$
begin
  perform pg_temp.be(who);
  return pg_temp.try(statement);
end
$$;
-- The name, and how many events and messages a call has.
create function pg_temp.shown(sid text) returns text language plpgsql as $$
begin
  perform pg_temp.be('owner');
  return (
    select format('%s %s %s', c.caller_name,
      (select count(*) from public.call_events e where e.call_id = c.id),
      (select count(*) from realtime.messages m where m.payload #>> '{record,id}' = c.id::text))
    from public.calls c where c.twilio_call_sid = sid
  );
end
$$;

select is(
  pg_temp.contact('Ann', $$insert into public.contacts (number, name) values ('+12025550150', 'Nora')$$), 'rows 1',
  'an agent writes down who calls');
select is(pg_temp.ring_from('C1', 'inbound', '+12025550150', '+12025550199', null), 'Nora', 'a known caller has a name');
select is(
  pg_temp.ring_from('C2', 'inbound', '+12025550150', '+12025550199', 'WIRELESS CALLER'), 'Nora',
  'the team''s name goes before the network''s');
select is(
  pg_temp.ring_from('C3', 'inbound', '+12025550151', '+12025550150', 'Somebody'), 'Somebody',
  'the network''s name is better than none, and who is called is not the caller');
select is(pg_temp.ring_from('C4', 'outbound', '+12025550199', '+12025550150', null), 'Nora', 'of an outbound call it is');
select is(
  pg_temp.ring_from('C5', 'inbound', '+1 (202) 555-0150', '+12025550199', null), 'Nora', 'however the number is written');
select is(pg_temp.ring_from('C6', 'inbound', 'anonymous', '+12025550199', null), null, 'nobody is anonymous');

-- Whom nobody wrote down keeps the name that the network gave
select is(
  pg_temp.ring_from('L1', 'outbound', '+12025550199', '+12025550151', null), 'Somebody',
  'who is called back has the name they called with');
select is(
  pg_temp.ring_from('L2', 'inbound', '+12025550151', '+12025550199', 'Somebody Else'), 'Somebody Else',
  'a name that comes with the call is newer');
select is(pg_temp.ring_from('L3', 'inbound', '+12025550199', '+12025550198', null), null, 'the office''s number is not theirs');
select is(pg_temp.ring_from('L4', 'inbound', 'anonymous', '+12025550199', 'Ghost'), 'Ghost', 'somebody withholds a number');
select is(pg_temp.ring_from('L5', 'inbound', 'anonymous', '+12025550199', null), null, 'and lends nobody the name');

-- Numbers as people write them
select is(
  pg_temp.contact('Ann', $$insert into public.contacts (number, name) values ('0044 20.7946/0123', 'London')$$), 'rows 1',
  'a number may be written for people');
select is((select number from public.contacts where name = 'London'), '+442079460123', 'and is stored as E.164');
select is(
  pg_temp.contact('Ann', $$insert into public.contacts (number, name) values ('+44 20 7946 0123', 'x')$$), '23505',
  'so that nobody is there twice');
select is(
  (select string_agg(pg_temp.contact('Ann', format('insert into public.contacts (number, name) values (%L, ''x'')', n)), ' ')
   from unnest(array['555 0178', '(202) 555-0150', '+0123', '+', '', 'Nora', '+1202555015a', repeat('1', 100000)]) as n),
  '23514 23514 23514 23514 23514 23514 23514 23514', 'what no call can match is refused');

-- Live on every board
select is(pg_temp.shown('C1'), 'Nora 1 1', 'before');
select is(
  pg_temp.contact('Bob', $$update public.contacts set name = 'Nora Nye' where number = '+12025550150'$$), 'rows 1',
  'another agent corrects the name');
select is(pg_temp.shown('C1'), 'Nora Nye 2 2', 'the card shows it, with one event and one message');
select is(pg_temp.shown('C2'), 'Nora Nye 2 2', 'so does the other call of that number');
select is(pg_temp.shown('C4'), 'Nora Nye 2 2', 'the outbound one');
select is(pg_temp.shown('C5'), 'Nora Nye 2 2', 'and the one written otherwise');
select is(pg_temp.shown('C3'), 'Somebody 1 1', 'a call of another number does not change');
select is(
  (select (kind, actor, detail ->> 'caller_name')::text from public.call_events
   where call_id = md5('C1')::uuid order by id desc limit 1),
  (select ('corrected', md5('Bob')::uuid, 'Nora Nye')::text), 'the log says who corrected it');
select is(
  (select version from public.calls where twilio_call_sid = 'C1'),
  (select max(version) from public.call_events where call_id = md5('C1')::uuid), 'as a version like every other');
select is(
  pg_temp.contact('Ann', $$insert into public.contacts (number, name) values ('+12025550151', 'Sam')$$), 'rows 1',
  'a contact for somebody who is on the line');
select is(pg_temp.shown('C3'), 'Sam 2 2', 'takes the place of the network''s name');
select is(pg_temp.contact('Ann', $$update public.contacts set notes = 'x', name = 'Sam' where number = '+12025550151'$$), 'rows 1', 'notes');
select is(pg_temp.shown('C3'), 'Sam 2 2', 'are no news to the board');

-- Their company
create function pg_temp.company(sid text) returns text language plpgsql as $$
begin
  perform pg_temp.be('owner');
  return (select caller_company from public.calls where twilio_call_sid = sid);
end
$$;
select is(
  pg_temp.contact('Ann', $$update public.contacts set company = ' Nye & Co ' where number = '+12025550151'$$), 'rows 1',
  'a company');
select is(pg_temp.company('C3') || ' ' || pg_temp.shown('C3'), 'Nye & Co Sam 3 3', 'is told once to every board');
select is(
  pg_temp.contact('Ann', $$update public.contacts set company = ' ' where number = '+12025550151'$$), 'rows 1',
  'blanks are none');
select is(pg_temp.company('C3'), null, 'and it is gone');
select pg_temp.contact('Ann', $$update public.contacts set company = 'Nye & Co' where number = '+12025550150'$$);
select pg_temp.ring_from('C8', 'inbound', '+12025550150', '+12025550199', null);
select is(pg_temp.company('C8'), 'Nye & Co', 'a new call has it from its first ring');
select pg_temp.be('service');
select is(
  pg_temp.try($$insert into public.calls (twilio_call_sid, from_number, to_number, caller_company)
    values ('C9', '+12025550159', '+12025550199', 'Forged Ltd')$$), 'rows 1', 'no call brings one');
select is(pg_temp.company('C9'), null, 'that contacts do not know');
select pg_temp.patch('service', 'C3', 'status = ''ended''');
select pg_temp.contact('Ann', $$update public.contacts set name = 'Samira' where number = '+12025550151'$$);
select is(pg_temp.shown('C3'), 'Sam 5 5', 'an ended call keeps the name that people saw');

-- By the thousand
select is(
  pg_temp.contact('service', $$insert into public.contacts (number, name)
    select '+1303555' || lpad(n::text, 4, '0'), 'Customer ' || n from generate_series(0, 2999) as n$$), 'rows 3000',
  'an address book comes in one request');
select is(
  pg_temp.ring_from('C7', 'inbound', '+13035550007', '+12025550199', null), 'Customer 7', 'and everybody in it is known');
select is(
  (select count(distinct objid) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()), 1::bigint,
  'all that takes one lock, of which the server has few');
select is(
  pg_temp.contact('Ann', $$update public.contacts set name = 'x' where number like '+1303%'$$),
  'PT400 one_contact_per_statement', 'an agent does not rename everybody at once');
select is(
  pg_temp.contact('service', $$update public.contacts set name = upper(name) where number like '+1303%'$$), 'rows 3000',
  'the service may');
select is(pg_temp.shown('C7'), 'CUSTOMER 7 2 2', 'and each live call gets its own contact''s name');

-- And no way round it
select is(pg_temp.patch('Ann', 'C6', 'caller_name = ''x'''), '42501', 'nobody names a call itself');
select is(
  pg_temp.contact('Mallory', $$update public.contacts set name = 'Mallory' where number = '+12025550150'$$), 'rows 0',
  'a stranger names nobody');
select is(pg_temp.shown('C1'), 'Nora Nye 3 3', 'and no call');
select is(
  pg_temp.contact('Ann', $$insert into public.contacts (number, name) values ('+12025550152', repeat(' ', 300) || 'x')$$),
  '23514', 'a name of blanks has an end too');

select * from finish();
rollback;
