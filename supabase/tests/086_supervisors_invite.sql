-- A supervisor invites a colleague, whose link works once, for a week.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(25);
insert into auth.users (id, email) values
  (md5('account of Eve')::uuid, 'eve@test.example'), (md5('account of Dan')::uuid, 'dan@test.example');
create temp table invited (who text, secret text, until timestamptz);
grant all on invited to authenticated, service_role;
-- `who` invites somebody: 'rows 1', or the refusal.
create function pg_temp.invite(who text, name text, role text) returns text language plpgsql as $$
begin
  perform pg_temp.be(who);
  return pg_temp.try(format(
    $q$insert into pg_temp.invited select %L, i ->> 'secret', (i ->> 'expires_at')::timestamptz from public.invite_member(%L, %L) i$q$,
    name, name, role));
end
$$;
create function pg_temp.secret(name text) returns text language sql as $$
  select secret from pg_temp.invited where who = name
$$;

select is(pg_temp.invite('Ann', 'Eve', 'agent'), '42501', 'an agent invites nobody');
select is(pg_temp.invite('Mallory', 'Eve', 'supervisor'), '42501', 'nor does an account that is not on the team');
select is(pg_temp.invite('Sal', ' Ève the 2nd ', 'agent'), 'rows 1', 'a supervisor does');
select is(pg_temp.invite('Sal', 'Dan', 'supervisor'), 'rows 1', 'also another supervisor');
select is(pg_temp.invite('Sal', ' ', 'agent'), '23514', 'nobody without a name');
select is(pg_temp.invite('Sal', 'Dan', 'owner'), '23514', 'and to no other role');
select pg_temp.be('Sal');
select ok(
  (select bool_and(secret ~ '^[0-9a-f]{64}$' and until between now() + interval '6 days 23 hours' and now() + interval '7 days 1 hour')
     and count(distinct secret) = 2 from invited),
  'each link has a secret of its own, and is good for a week');
select results_eq(
  'select name, role, invited_by from public.open_invitations()',
  $$values ('Ève the 2nd', 'agent', 'Sal'), ('Dan', 'supervisor', 'Sal')$$, 'she sees who is invited, and by whom');
select throws_ok('select secret_hash from private.invitations', '42501', null, 'and not by what they are known');
select pg_temp.be('owner');
create temp table kept as select id from private.invitations;
grant select on kept to authenticated;
select pg_temp.be('Ann');
select is_empty('select * from public.open_invitations()', 'an agent sees no invitation');
select is(
  array(select public.withdraw_invitation(id) from kept), array[false, false], 'and withdraws none');
select pg_temp.be('owner');
select is(
  (select count(*) from private.invitations i, invited where i::text like '%' || secret || '%'), 0::bigint,
  'the secret itself is not kept');

select pg_temp.be('service');
select ok(public.invitation_is_open(pg_temp.secret('Dan')), 'the service knows an open invitation');
select ok(not public.invitation_is_open(repeat('0', 64)), 'and an invented one');
select isnt(public.accept_invitation(pg_temp.secret(' Ève the 2nd '), md5('account of Eve')::uuid), null, 'the account joins');
select pg_temp.be('owner');
select results_eq(
  $$select display_name, role, identity ~ '^eve_the_2nd_[0-9a-f]{8}$', is_available from public.voip_users
    where user_id = md5('account of Eve')::uuid$$,
  $$values ('Ève the 2nd', 'agent', true, false)$$, 'under that name, with that role and an identity for Twilio');
select pg_temp.be('service');
select isnt(public.accept_invitation(pg_temp.secret(' Ève the 2nd '), md5('account of Eve')::uuid), null, 'asked twice, it has joined');
select is(public.accept_invitation(pg_temp.secret(' Ève the 2nd '), md5('account of Dan')::uuid), null, 'the link works once');
select ok(not public.invitation_is_open(pg_temp.secret(' Ève the 2nd ')), 'and is known to be used up');

select pg_temp.be('owner');
update private.invitations set expires_at = now() - interval '1 second';
select pg_temp.be('service');
select ok(not public.invitation_is_open(pg_temp.secret('Dan')), 'after a week it is over');
select is(public.accept_invitation(pg_temp.secret('Dan'), md5('account of Dan')::uuid), null, 'and nobody joins with it');
select pg_temp.be('Sal');
select is_empty('select * from public.open_invitations()', 'nor is it on the list');

select is(pg_temp.invite('Sal', 'Gil', 'agent'), 'rows 1', 'another one');
select is(
  array(select public.withdraw_invitation(id) from public.open_invitations()), array[true], 'is withdrawn');

select string_agg(distinct pg_temp.invite('Sal', 'Number ' || n, 'agent'), '') from generate_series(1, 50) as n;
select is(pg_temp.invite('Sal', 'Number 51', 'agent'), 'PT409 too_many_invitations', 'and 50 are enough');

select * from finish();
rollback;
