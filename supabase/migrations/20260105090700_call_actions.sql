-- The transition table, one function per column of it: what a call becomes, and who may make it so.
-- Each takes the row as it is and what was asked, and returns the row as it will be. `crates/model` holds the same
-- rules for the dashboard, which offers only what would be allowed.

-- Ringing or parked -> active: to oneself; a supervisor gives it to anybody who is free.
create function private.claim_call(call public.calls, asked public.calls, actor private.actor) returns public.calls
language plpgsql set search_path = '' as $$
declare
  agent uuid := coalesce(asked.assigned_to, actor.id);
begin
  if not actor.leads and agent is distinct from actor.id then
    perform private.refuse('not_yours', 'You can take a call for yourself only');
  end if;
  perform private.lock_members(agent);
  perform private.must_be_free(agent, call, actor);
  -- An answer happens inside the dial that is ringing the agents: the customer's audio need not be told.
  call.epoch := call.epoch + (call.status = 'parked')::integer;
  call.status := 'active';
  call.assigned_to := agent;
  call.last_agent := agent;
  call.answered_at := coalesce(call.answered_at, clock_timestamp());
  call.connected_at := null;
  call.parking_slot := null;
  call.parked_at := null;
  call.park_reason := null;
  return call;
end
$$;

-- Active -> active with somebody else: by its agent or a supervisor, to somebody free.
create function private.transfer_call(call public.calls, asked public.calls, actor private.actor) returns public.calls
language plpgsql set search_path = '' as $$
begin
  if not actor.leads and call.assigned_to is distinct from actor.id and asked.assigned_to = actor.id then
    -- Somebody tried to take a call that was ringing or parked a moment ago.
    perform private.tell_who_was_first(call);
  end if;
  perform private.must_own(call, actor);
  if asked.assigned_to is null then
    perform private.refuse('wrong_state', 'An active call belongs to somebody: park it, or give it to a colleague');
  end if;
  perform private.lock_members(call.assigned_to, asked.assigned_to);
  perform private.must_be_free(asked.assigned_to, call, actor);
  call.assigned_to := asked.assigned_to;
  call.last_agent := asked.assigned_to;
  call.connected_at := null;
  call.on_hold := false;
  call.held_at := null;
  call.epoch := call.epoch + 1;
  return call;
end
$$;

-- Active -> active, on or off hold: by its agent alone.
create function private.hold_call(call public.calls, asked public.calls, actor private.actor) returns public.calls
language plpgsql set search_path = '' as $$
begin
  if not actor.service and call.assigned_to is distinct from actor.id then
    perform private.must_own(call, row(actor.id, false, false)::private.actor);
  end if;
  call.on_hold := asked.on_hold;
  call.held_at := case when asked.on_hold then clock_timestamp() end;
  call.epoch := call.epoch + 1;
  return call;
end
$$;

-- Active -> parked: by its agent or a supervisor. The service also parks a ringing call, and says why.
create function private.park_call(call public.calls, asked public.calls, actor private.actor) returns public.calls
language plpgsql set search_path = '' as $$
declare
  slot smallint;
begin
  if call.status = 'ringing' and not actor.service then
    perform private.refuse('wrong_state', 'This call is still ringing: answer it before you park it');
  elsif call.status = 'active' then
    perform private.must_own(call, actor);
  end if;
  slot := private.claim_slot(call, asked.parking_slot, actor.service);
  perform private.lock_members(call.assigned_to);
  call.park_reason := case
    when not actor.service then 'parked_by_agent'
    when asked.park_reason is not null then asked.park_reason
    when call.status = 'active' then 'agent_dropped'
    else 'unreachable'
  end;
  call.status := 'parked';
  call.parking_slot := slot;
  call.parked_at := clock_timestamp();
  call.assigned_to := null;
  call.connected_at := null;
  call.on_hold := false;
  call.held_at := null;
  call.epoch := call.epoch + 1;
  return call;
end
$$;

revoke execute on function
  private.claim_call(public.calls, public.calls, private.actor),
  private.transfer_call(public.calls, public.calls, private.actor),
  private.hold_call(public.calls, public.calls, private.actor),
  private.park_call(public.calls, public.calls, private.actor)
  from public;
