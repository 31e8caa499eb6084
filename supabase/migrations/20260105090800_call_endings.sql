-- The rest of the transition table: back to the queue, the end, and what stays possible after it.

-- Active or parked -> ringing: the service alone, when an agent cannot be reached or nobody comes back for the call.
create function private.requeue_call(call public.calls, actor private.actor) returns public.calls
language plpgsql set search_path = '' as $$
begin
  if not actor.service then
    perform private.refuse('service_only', 'A call rings again by itself: park it instead');
  end if;
  perform private.lock_members(call.assigned_to);
  call.status := 'ringing';
  call.assigned_to := null;
  call.answered_at := null;
  call.connected_at := null;
  call.parking_slot := null;
  call.parked_at := null;
  call.park_reason := null;
  call.on_hold := false;
  call.held_at := null;
  call.epoch := call.epoch + 1;
  return call;
end
$$;

-- Anything -> ended: by its agent, a parked call by its last agent, a ringing one and every other by a supervisor.
-- Whose call it was stays as it was, whatever was asked: an ending names nobody.
create function private.end_call(call public.calls, asked public.calls, actor private.actor) returns public.calls
language plpgsql set search_path = '' as $$
begin
  if call.status = 'ringing' and not actor.leads then
    perform private.refuse('not_yours', 'Only a supervisor can end a call that is still ringing');
  elsif call.status = 'active' then
    perform private.must_own(call, actor);
  elsif call.status = 'parked' and not actor.leads and call.last_agent is distinct from actor.id then
    perform private.refuse(
      'not_yours', format('Only %s or a supervisor can end this call', private.name_of(call.last_agent)),
      call.last_agent, call.parked_at
    );
  end if;
  perform private.lock_members(call.assigned_to);
  call.end_reason := case
    when not actor.service then 'ended_by_agent'
    when asked.end_reason is not null then asked.end_reason
    when call.answered_at is null then 'abandoned'
    else 'completed'
  end;
  call.status := 'ended';
  call.ended_at := clock_timestamp();
  call.parking_slot := null;
  call.parked_at := null;
  call.park_reason := null;
  call.on_hold := false;
  call.held_at := null;
  call.epoch := call.epoch + 1;
  return call;
end
$$;

-- An ended row keeps its status for ever. To the service that is silent, because callbacks come twice and late; only
-- a voicemail, whose recording arrives after the hang-up, may still say so. To a person it is a refusal.
create function private.after_the_end(call public.calls, asked public.calls, actor private.actor) returns public.calls
language plpgsql set search_path = '' as $$
begin
  if actor.service then
    if asked.end_reason = 'voicemail' then
      call.end_reason := 'voicemail';
    end if;
  elsif (asked.status, asked.assigned_to, asked.on_hold, asked.parking_slot)
    is distinct from (call.status, call.assigned_to, call.on_hold, call.parking_slot) then
    perform private.refuse(
      'already_ended',
      format('This call ended %s ago', private.in_words(clock_timestamp() - call.ended_at)),
      case when call.end_reason = 'ended_by_agent' then call.last_agent end, call.ended_at
    );
  end if;
  return call;
end
$$;

revoke execute on function
  private.requeue_call(public.calls, private.actor),
  private.end_call(public.calls, public.calls, private.actor),
  private.after_the_end(public.calls, public.calls, private.actor)
  from public;
