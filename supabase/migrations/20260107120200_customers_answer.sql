-- Of a call out, answered_at is when the customer answered, and only their audio says so. An agent who parked it while it
-- rang, and took it out of the parking lot again, had answered nothing: it then ended as completed, and nobody had talked.
create or replace function private.claim_call(call public.calls, asked public.calls, actor private.actor) returns public.calls
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
  if call.direction = 'inbound' then
    call.answered_at := coalesce(call.answered_at, clock_timestamp());
  end if;
  call.connected_at := null;
  call.parking_slot := null;
  call.parked_at := null;
  call.park_reason := null;
  return call;
end
$$;
