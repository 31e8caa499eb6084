-- A call is a row, and the row is the truth. The constraints say what a call can be; how it may change is said by the
-- transition trigger that follows. Four states only: everything finer is a column, so that the board stays four lanes.
create table public.calls (
  id uuid primary key default gen_random_uuid(),
  twilio_call_sid text not null unique check (char_length(twilio_call_sid) between 1 and 64),
  direction text not null default 'inbound' check (direction in ('inbound', 'outbound')),
  from_number text not null check (char_length(from_number) <= 256),
  to_number text not null check (char_length(to_number) <= 256),
  caller_name text check (char_length(caller_name) between 1 and 200),
  status text not null default 'ringing' check (status in ('ringing', 'active', 'parked', 'ended')),
  assigned_to uuid references public.voip_users (id),
  last_agent uuid references public.voip_users (id),
  on_hold boolean not null default false,
  parking_slot smallint check (parking_slot >= 1),
  park_reason text check (park_reason in ('parked_by_agent', 'agent_dropped', 'unreachable', 'transfer_failed')),
  end_reason text check (
    end_reason in ('completed', 'missed', 'abandoned', 'voicemail', 'failed', 'reconciled', 'ended_by_agent')
  ),
  epoch integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  answered_at timestamptz,
  connected_at timestamptz,
  parked_at timestamptz,
  held_at timestamptz,
  ended_at timestamptz,
  version bigint not null default 0,
  note text check (char_length(note) <= 10000),
  disposition text check (char_length(disposition) <= 200),
  constraint an_active_call_has_an_agent check (status <> 'active' or assigned_to is not null),
  constraint a_waiting_call_has_no_agent check (status not in ('ringing', 'parked') or assigned_to is null),
  constraint only_an_active_call_is_on_hold check (not on_hold or status = 'active'),
  constraint a_held_call_says_since_when check (on_hold = (held_at is not null)),
  constraint a_call_has_a_slot_while_parked check ((status = 'parked') = (parking_slot is not null)),
  constraint a_call_says_why_and_when_it_was_parked check (
    (status = 'parked') = (parked_at is not null) and (status = 'parked') = (park_reason is not null)
  ),
  constraint a_call_says_how_and_when_it_ended check (
    (status = 'ended') = (ended_at is not null) and (status = 'ended') = (end_reason is not null)
  )
);
comment on table public.calls is 'Every call, one row each: the only truth about it.';
comment on column public.calls.twilio_call_sid is 'Twilio''s id of the customer''s leg; makes the webhook''s insert idempotent.';
comment on column public.calls.assigned_to is 'Whose call it is: set while active, kept when an active call ends.';
comment on column public.calls.last_agent is 'Who has it or had it last, also while it is parked or rings again.';
comment on column public.calls.parking_slot is 'Only while parked. Numbers beyond board_settings.parking_slots are overflow of the service.';
comment on column public.calls.epoch is 'Rises by one whenever the customer''s audio must change; an answer is no change, the dial is running already.';
comment on column public.calls.answered_at is 'When an agent claimed it first; cleared when it rings again.';
comment on column public.calls.connected_at is 'When the agent''s audio was connected, as the service learned it.';
comment on column public.calls.version is 'Rises with every change of this row.';

-- Referees of the two races that matter, below any trigger.
create unique index one_active_call_per_agent on public.calls (assigned_to) where status = 'active';
create unique index one_call_per_parking_slot on public.calls (parking_slot) where status = 'parked';
create index calls_on_the_board on public.calls (created_at) where status in ('ringing', 'active', 'parked');
create index calls_by_time on public.calls (created_at desc);
create index calls_by_agent on public.calls (assigned_to);
create index calls_by_last_agent on public.calls (last_agent);

alter table public.voip_users
  add constraint voip_users_current_call_id_fkey
  foreign key (current_call_id) references public.calls (id) on delete set null;
create index voip_users_by_current_call on public.voip_users (current_call_id);

-- What only telephony needs. A table of its own, so that none of it becomes a change that every board receives.
create table public.call_audio (
  call_id uuid primary key references public.calls (id) on delete cascade,
  rendered_epoch integer,
  agent_call_sid text check (char_length(agent_call_sid) <= 64),
  lease_until timestamptz,
  leg_sequences jsonb not null default '{}'
    check (jsonb_typeof(leg_sequences) = 'object' and pg_column_size(leg_sequences) <= 8000),
  claimed_by text check (char_length(claimed_by) <= 100),
  claimed_until timestamptz
);
comment on table public.call_audio is 'The customer''s audio as the service last rendered it. Service only, not published.';
comment on column public.call_audio.rendered_epoch is 'The epoch that the customer hears; behind calls.epoch, the audio must change.';
comment on column public.call_audio.lease_until is 'Until when the claiming agent''s browser may take to answer.';
comment on column public.call_audio.leg_sequences is 'Highest SequenceNumber seen, by leg: older callbacks are ignored.';
comment on column public.call_audio.claimed_by is 'The service process that is changing this call''s audio, until claimed_until.';

alter table public.calls enable row level security;
alter table public.call_audio enable row level security;

grant select on public.calls to authenticated;
grant update (status, assigned_to, on_hold, parking_slot, note, disposition) on public.calls to authenticated;
grant select, insert, update, delete on public.calls to service_role;
grant select, insert, update, delete on public.call_audio to service_role;

create policy "Members see every call" on public.calls for select to authenticated
  using ((select private.is_member()));
-- Wide on purpose: a refused action must be an answer with a reason, which a policy cannot give. The trigger decides.
create policy "Members act on calls" on public.calls for update to authenticated
  using ((select private.is_member()))
  with check ((select private.is_member()));
create policy "The service renders audio" on public.call_audio for all to service_role
  using ((select private.is_service()))
  with check ((select private.is_service()));
