-- A supervisor invites a colleague with a link: no account console, no SQL. The link holds a secret of 244 random bits;
-- only its hash is kept here, so that no copy of the database lets anybody in. The service, which has the key for it,
-- makes the account and then accepts the invitation in its name: sign-ups stay closed to everybody else. An invitation
-- that was accepted or withdrawn is gone; so the same link never works twice.
create table private.invitations (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint an_invited_name_has_1_to_80_characters check (char_length(btrim(name)) between 1 and 80),
  role text not null constraint an_invited_role_is_agent_or_supervisor check (role in ('agent', 'supervisor')),
  secret_hash bytea not null unique,
  created_by uuid not null default private.me() references public.voip_users (id),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '7 days'
);
comment on table private.invitations is 'Who may join the team, with which role. The secret of the link is not kept, only its SHA-256.';
create index invitations_by_created_by on private.invitations (created_by);

alter table private.invitations enable row level security;
-- The hash is written and never read; who invites and until when is the database's to say.
grant select (id, name, role, created_by, created_at, expires_at) on private.invitations to authenticated;
grant insert (name, role, secret_hash) on private.invitations to authenticated;
grant delete on private.invitations to authenticated;
create policy "Supervisors see invitations" on private.invitations for select to authenticated
  using ((select private.is_supervisor()));
create policy "Supervisors invite" on private.invitations for insert to authenticated
  with check ((select private.is_supervisor()));
create policy "Supervisors withdraw invitations" on private.invitations for delete to authenticated
  using ((select private.is_supervisor()));

create function public.invite_member(name text, role text) returns jsonb language plpgsql set search_path = '' as $$
declare
  secret text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  until timestamptz;
begin
  -- Two at once would each see room for one more.
  perform pg_advisory_xact_lock(hashtextextended('public.invite_member', 0));
  delete from private.invitations where expires_at <= clock_timestamp();
  if (select count(*) from private.invitations) >= 50 then
    raise exception sqlstate 'PT409' using
      message = '50 invitations are open: withdraw one first', hint = 'too_many_invitations', detail = '{}';
  end if;
  insert into private.invitations (name, role, secret_hash)
  values (btrim(invite_member.name), invite_member.role, sha256(convert_to(secret, 'UTF8')))
  returning expires_at into until;
  return jsonb_build_object('secret', secret, 'expires_at', until);
end
$$;
comment on function public.invite_member(text, text) is
  'A supervisor invites a colleague: the secret of the link, which is told this once, and until when it is good.';

create function public.open_invitations()
returns table (id uuid, name text, role text, invited_by text, expires_at timestamptz)
language sql stable rows 50 set search_path = '' as $$
  select i.id, i.name, i.role, m.display_name, i.expires_at
  from private.invitations i join public.voip_users m on m.id = i.created_by
  where i.expires_at > now()
  order by i.created_at, i.id
$$;
comment on function public.open_invitations() is 'Invitations that may still be accepted, for supervisors; nothing for anybody else.';

create function public.withdraw_invitation(invitation uuid) returns boolean language sql set search_path = '' as $$
  with gone as (delete from private.invitations where id = invitation returning id)
  select exists (select from gone)
$$;
comment on function public.withdraw_invitation(uuid) is 'A supervisor takes an invitation back; false where there is none any more.';

-- These two are for the service alone.
create function public.invitation_is_open(secret text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.invitations where secret_hash = sha256(convert_to(secret, 'UTF8')) and expires_at > clock_timestamp()
  )
$$;
comment on function public.invitation_is_open(text) is 'Whether somebody may join with that secret. For the service.';

create function public.accept_invitation(secret text, account uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  accepted private.invitations;
  member uuid;
begin
  -- Of two at once the second waits for the row, and then finds it gone.
  delete from private.invitations i
  where i.secret_hash = sha256(convert_to(secret, 'UTF8')) and i.expires_at > clock_timestamp()
  returning * into accepted;
  if not found then
    -- The same question again, because the answer was lost on the way.
    return (select id from public.voip_users where user_id = account);
  end if;
  insert into public.voip_users (user_id, display_name, identity, role)
  values (
    account, accepted.name,
    -- Such as `eve_3fa94c21`: the name as Twilio takes one, and what tells two of that name apart.
    btrim(left(regexp_replace(private.plain(accepted.name), '[^a-z0-9]+', '_', 'g'), 40), '_')
      || '_' || left(accepted.id::text, 8),
    accepted.role
  )
  returning id into member;
  return member;
end
$$;
comment on function public.accept_invitation(text, uuid) is
  'The account joins the team as the invitation says, which is used up by it: the new member, or null where there is no such invitation. For the service.';

revoke execute on function
  public.invite_member(text, text), public.open_invitations(), public.withdraw_invitation(uuid),
  public.invitation_is_open(text), public.accept_invitation(text, uuid) from public;
grant execute on function public.invite_member(text, text), public.open_invitations(), public.withdraw_invitation(uuid)
  to authenticated;
grant execute on function public.invitation_is_open(text), public.accept_invitation(text, uuid) to service_role;
