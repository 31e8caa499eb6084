-- Whoever was not heard of lately is out of reach on every board, not only to the service.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(8);
create function pg_temp.state_of(name text) returns text language sql as $$
  select device_state from public.voip_users where id = md5(name)::uuid
$$;
create function pg_temp.look() returns void language plpgsql as $$
begin
  perform pg_temp.be('service');
  perform public.claim_audio_work('w', 500, 60);
  perform pg_temp.be('owner');
end
$$;
create function pg_temp.last_heard(name text, ago interval) returns void language plpgsql as $$
begin
  perform pg_temp.be('owner');
  alter table public.presence disable trigger user;
  insert into public.presence (member_id, last_seen_at) values (md5(name)::uuid, now() - ago)
  on conflict (member_id) do update set last_seen_at = excluded.last_seen_at;
  alter table public.presence enable trigger user;
end
$$;
update public.voip_users set device_state = 'off' where device_state <> 'off';
update public.voip_users set device_state = 'ready' where id in (md5('Ann')::uuid, md5('Bob')::uuid, md5('Sal')::uuid);
select pg_temp.last_heard('Ann', '74 seconds');
select pg_temp.last_heard('Bob', '76 seconds');
create temporary table heard as select count(*) as messages from realtime.messages;

select pg_temp.look();
select is(pg_temp.state_of('Ann'), 'ready', 'who was heard of lately stays');
select is(pg_temp.state_of('Bob'), 'unreachable', 'who was silent too long is out of reach');
select is(pg_temp.state_of('Sal'), 'unreachable', 'and who was never heard of');
select is((select count(*) from realtime.messages) - (select messages from heard), 2::bigint, 'the boards are told');
select pg_temp.look();
select is((select count(*) from realtime.messages) - (select messages from heard), 2::bigint, 'once');

-- Bob's page lives: only its heartbeats got lost.
select is(
  (select pg_temp.try(format('update public.voip_users set device_state = ''ready'' where id = %L', md5('Bob')::uuid))
   from pg_temp.be('Bob')),
  'rows 1', 'a page that lives says otherwise');
select pg_temp.look();
select is(pg_temp.state_of('Bob'), 'ready', 'and was heard of by that');
select pg_temp.last_heard('Bob', '76 seconds');
select pg_temp.be('owner');
update public.voip_users set device_state = 'off' where id = md5('Bob')::uuid;
select pg_temp.look();
select is(pg_temp.state_of('Bob'), 'off', 'whose audio is off is not looked for');

select * from finish();
rollback;
