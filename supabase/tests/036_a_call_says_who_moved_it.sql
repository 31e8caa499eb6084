-- Who brought a call where it is stands in its row, for every board to say: nobody writes it, the database knows it.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(13);
create function pg_temp.mover(sid text) returns text language plpgsql as $$
begin
  perform pg_temp.be('owner');
  return (
    select coalesce(u.display_name, 'nobody')
    from public.calls c left join public.voip_users u on u.id = c.moved_by
    where c.id = md5(sid)::uuid
  );
end
$$;

select pg_temp.ring('C1');
select is(pg_temp.mover('C1'), 'nobody', 'a call rings by itself');
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));
select is(pg_temp.mover('C1'), 'Ann', 'who answers took it');
select pg_temp.patch('Sal', 'C1', 'status = ''parked'', assigned_to = null');
select is(pg_temp.mover('C1'), 'Sal', 'a supervisor parked it, whoever had it');
select pg_temp.patch('Bob', 'C1', 'parking_slot = 3');
select is(pg_temp.mover('C1'), 'Sal', 'to tidy the lot is not to park');
select pg_temp.patch('Bob', 'C1', pg_temp.give('Bob'));
select pg_temp.patch('Bob', 'C1', format('assigned_to = %L', md5('Ann')::uuid));
select is(pg_temp.mover('C1'), 'Bob', 'who hands it on is named, not who gets it');
select pg_temp.patch('service', 'C1', 'connected_at = now()');
select pg_temp.patch('Ann', 'C1', 'on_hold = true');
select pg_temp.patch('Ann', 'C1', 'note = ''x''');
select is(pg_temp.mover('C1'), 'Bob', 'it stays where it is when it is connected, held or written about');
select pg_temp.patch('service', 'C1', 'status = ''parked'', assigned_to = null');
select is(pg_temp.mover('C1'), 'nobody', 'what the service does, no member did');
select pg_temp.patch('Ann', 'C1', pg_temp.give('Ann'));
select pg_temp.patch('Sal', 'C1', 'status = ''ended''');
select is(pg_temp.mover('C1'), 'Sal', 'who ended it is named');
select pg_temp.patch('Ann', 'C1', 'note = ''y''');
select is(pg_temp.mover('C1'), 'Sal', 'also when more is written');

select pg_temp.be('service');
select is(
  pg_temp.try(format($$insert into public.calls (id, twilio_call_sid, from_number, to_number, moved_by)
    values (%L, 'C2', '', '', %L)$$, md5('C2')::uuid, md5('Ann')::uuid)), 'rows 1', 'a new call brings a name');
select is(pg_temp.mover('C2'), 'nobody', 'in vain');
select is(pg_temp.patch('service', 'C2', format('moved_by = %L', md5('Ann')::uuid)), 'rows 1', 'the service writes one');
select is(pg_temp.mover('C2'), 'nobody', 'in vain too');

select * from finish();
rollback;
