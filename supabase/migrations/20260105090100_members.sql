-- The team, and the three questions that every policy asks about the one who is asking.
-- Nobody is deleted: calls and the log point at members for ever, so a member who leaves is retired.
create table public.voip_users (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references auth.users (id),
  display_name text not null check (char_length(btrim(display_name)) between 1 and 80),
  identity text not null unique check (identity ~ '^[A-Za-z0-9_]{1,121}$'),
  role text not null default 'agent' check (role in ('agent', 'supervisor')),
  is_available boolean not null default false,
  device_state text not null default 'off' check (char_length(device_state) between 1 and 40),
  current_call_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz,
  version bigint not null default 0,
  constraint nobody_retired_is_available check (retired_at is null or not is_available)
);
comment on table public.voip_users is 'Members of the team. A member is retired, never removed.';
comment on column public.voip_users.identity is 'Name of the member''s Twilio client.';
comment on column public.voip_users.device_state is 'What the member''s browser says of its audio device: can it really be rung?';
comment on column public.voip_users.current_call_id is 'The active call, kept by trigger in the transaction that changes the call; the same as calls.assigned_to.';
comment on column public.voip_users.retired_at is 'Since when the member has left: no rights, on no list.';
comment on column public.voip_users.version is 'Rises when anything that a board shows of the member changes; not with current_call_id, which the call tells.';

-- A heartbeat twice a minute from every open dashboard. Its own table, not published, so that being present does not
-- use up the message budget that the calls need.
create table public.presence (
  member_id uuid primary key references public.voip_users (id) on delete cascade,
  last_seen_at timestamptz not null default clock_timestamp()
);
comment on table public.presence is 'When each member''s dashboard was last heard of, by the server''s clock. Not published.';

-- Asked once per statement, as `(select private.me())`. They run as their owner: a policy that read voip_users with
-- the rights of the one asking would ask itself.
create function private.me() returns uuid language sql stable security definer set search_path = '' as $$
  select id from public.voip_users where user_id = (select auth.uid()) and retired_at is null
$$;
comment on function private.me() is 'The member who is asking; null for everybody else, also for a retired one.';

create function private.is_member() returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select from public.voip_users where user_id = (select auth.uid()) and retired_at is null)
$$;

create function private.is_supervisor() returns boolean language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.voip_users
    where user_id = (select auth.uid()) and retired_at is null and role = 'supervisor'
  )
$$;

-- The service role, or somebody with the database's own password. Both the role that the gateway took and the claims
-- must say so: a person's claims are never the service, whatever connection they come through.
create function private.is_service() returns boolean language sql stable set search_path = '' as $$
  select current_setting('role') not in ('anon', 'authenticated')
    and coalesce((select auth.role()), 'service_role') = 'service_role'
$$;

revoke execute on function private.me(), private.is_member(), private.is_supervisor(), private.is_service() from public;
grant execute on function private.me(), private.is_member(), private.is_supervisor(), private.is_service()
  to authenticated, service_role;

alter table public.voip_users enable row level security;
alter table public.presence enable row level security;

grant select on public.voip_users to authenticated;
grant update (is_available, device_state, display_name, role, retired_at) on public.voip_users to authenticated;
grant select, insert, update, delete on public.voip_users to service_role;

create policy "Members see the whole team" on public.voip_users for select to authenticated
  using ((select private.is_member()));
-- Which of these columns may change in whose row is decided by the trigger: a policy does not see the old row.
create policy "Members change their own row, supervisors every row" on public.voip_users for update to authenticated
  using (id = (select private.me()) or (select private.is_supervisor()))
  with check (id = (select private.me()) or (select private.is_supervisor()));

-- An upsert writes the key again, so the key is among the columns that may be updated.
grant select, insert (member_id), update (member_id) on public.presence to authenticated;
grant select, insert, update, delete on public.presence to service_role;

create policy "Members see who is present" on public.presence for select to authenticated
  using ((select private.is_member()));
create policy "Members report their own presence" on public.presence for insert to authenticated
  with check (member_id = (select private.me()));
create policy "Members renew their own presence" on public.presence for update to authenticated
  using (member_id = (select private.me()))
  with check (member_id = (select private.me()));

create function private.stamp_presence() returns trigger language plpgsql set search_path = '' as $$
begin
  new.last_seen_at := clock_timestamp();
  return new;
end
$$;
revoke execute on function private.stamp_presence() from public;
create trigger presence_is_stamped_by_the_server before insert or update on public.presence
  for each row execute function private.stamp_presence();
