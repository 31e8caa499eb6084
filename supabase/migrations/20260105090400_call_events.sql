-- What happened to each call, in order, for ever: the board at any past moment can be rebuilt from it.
-- Written by trigger only; not even the service may write or change a line.
create table public.call_events (
  id bigint generated always as identity primary key,
  call_id uuid not null references public.calls (id) on delete cascade,
  version bigint not null,
  at timestamptz not null default clock_timestamp(),
  actor uuid references public.voip_users (id),
  kind text not null check (
    kind in (
      'created', 'answered', 'retrieved', 'transferred', 'connected', 'held', 'resumed', 'parked', 'moved', 'requeued',
      'ended', 'noted', 'corrected'
    )
  ),
  from_status text check (from_status in ('ringing', 'active', 'parked', 'ended')),
  to_status text not null check (to_status in ('ringing', 'active', 'parked', 'ended')),
  assigned_to uuid references public.voip_users (id),
  detail jsonb not null
);
comment on table public.call_events is 'Append-only log of every change of every call, written by trigger.';
comment on column public.call_events.version is 'The call''s version after this change.';
comment on column public.call_events.actor is 'The member who did it; null for the service.';
comment on column public.call_events.detail is 'The columns that changed, with their new values; the whole row for ''created''.';

create index call_events_by_call on public.call_events (call_id, id);
create index call_events_by_actor on public.call_events (actor);
create index call_events_by_agent on public.call_events (assigned_to);
create index call_events_by_time on public.call_events (at);

alter table public.call_events enable row level security;
grant select on public.call_events to authenticated, service_role;
create policy "Members read the log" on public.call_events for select to authenticated
  using ((select private.is_member()));
