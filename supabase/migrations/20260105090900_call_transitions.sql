-- The referee: one trigger through which every change of a call goes.
-- It starts from the row as it was and lets in what the transition table allows, so a column that no rule names
-- (version, epoch, every timestamp, the Twilio id) cannot be set by anybody, the service included.

-- Active -> active is three different things.
create function private.change_active_call(call public.calls, asked public.calls, actor private.actor)
returns public.calls language plpgsql set search_path = '' as $$
begin
  if asked.assigned_to is distinct from call.assigned_to then
    return private.transfer_call(call, asked, actor);
  end if;
  if asked.on_hold is distinct from call.on_hold then
    call := private.hold_call(call, asked, actor);
  end if;
  if actor.service and asked.connected_at is not null then
    call.connected_at := coalesce(call.connected_at, clock_timestamp());
  end if;
  return call;
end
$$;

-- Ringing and parked calls that stay what they are: only the slot can change, and anybody may tidy the lot.
create function private.change_waiting_call(call public.calls, asked public.calls, actor private.actor)
returns public.calls language plpgsql set search_path = '' as $$
begin
  if asked.assigned_to is not null or asked.on_hold then
    perform private.refuse('wrong_state', format('This call is %s: somebody has to take it first', call.status));
  end if;
  if call.status = 'parked' and asked.parking_slot <> call.parking_slot then
    call.parking_slot := private.claim_slot(call, asked.parking_slot, actor.service);
  elsif call.status = 'ringing' and asked.parking_slot is not null then
    perform private.refuse('wrong_state', 'This call is still ringing: answer it before you park it');
  end if;
  return call;
end
$$;

create function private.next_state(call public.calls, asked public.calls, actor private.actor)
returns public.calls language plpgsql set search_path = '' as $$
begin
  if asked.status is null or asked.status not in ('ringing', 'active', 'parked', 'ended') then
    raise exception sqlstate 'PT400' using
      message = format('A call cannot be %s', coalesce(quote_literal(asked.status), 'without a status')),
      hint = 'unknown_status';
  end if;
  return case
    when call.status = 'ended' then private.after_the_end(call, asked, actor)
    when asked.status = 'ended' then private.end_call(call, asked, actor)
    when asked.status = call.status and call.status = 'active' then private.change_active_call(call, asked, actor)
    when asked.status = call.status then private.change_waiting_call(call, asked, actor)
    when asked.status = 'active' then private.claim_call(call, asked, actor)
    when asked.status = 'parked' then private.park_call(call, asked, actor)
    when asked.status = 'ringing' then private.requeue_call(call, actor)
  end;
end
$$;

create function private.referee_call() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  actor private.actor := private.current_actor();
  asked public.calls := new;
begin
  new := private.next_state(old, asked, actor);
  if (asked.note, asked.disposition) is distinct from (old.note, old.disposition) then
    if not actor.leads and actor.id is distinct from new.assigned_to and actor.id is distinct from new.last_agent then
      perform private.refuse(
        'not_yours', format('The notes are for %s to write', private.name_of(new.last_agent)), new.last_agent
      );
    end if;
    new.note := asked.note;
    new.disposition := asked.disposition;
  end if;
  if actor.service then
    new.caller_name := asked.caller_name;
  end if;
  -- Asking for what already is changes nothing: same version, no event, no message.
  if new is distinct from old then
    new.version := nextval('public.board_version');
  end if;
  return new;
end
$$;
create trigger every_change_is_refereed before update on public.calls
  for each row execute function private.referee_call();

-- A call begins ringing, now, with the best name that is known. Too long texts are cut: a call is never lost for one.
create function private.begin_call() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.status is distinct from 'ringing' then
    perform private.refuse('wrong_state', 'A call begins ringing');
  end if;
  new.id := coalesce(new.id, gen_random_uuid());
  new.from_number := left(new.from_number, 256);
  new.to_number := left(new.to_number, 256);
  new.caller_name := coalesce(
    nullif(left(btrim(new.caller_name), 200), ''),
    (select name from public.contacts
     where number = case new.direction when 'outbound' then new.to_number else new.from_number end)
  );
  new.assigned_to := null;
  new.last_agent := null;
  new.on_hold := false;
  new.parking_slot := null;
  new.park_reason := null;
  new.end_reason := null;
  new.epoch := 0;
  new.created_at := clock_timestamp();
  new.answered_at := null;
  new.connected_at := null;
  new.parked_at := null;
  new.held_at := null;
  new.ended_at := null;
  new.version := nextval('public.board_version');
  new.note := null;
  new.disposition := null;
  return new;
end
$$;
create trigger every_call_begins_ringing before insert on public.calls
  for each row execute function private.begin_call();

revoke execute on function
  private.change_active_call(public.calls, public.calls, private.actor),
  private.change_waiting_call(public.calls, public.calls, private.actor),
  private.next_state(public.calls, public.calls, private.actor), private.referee_call(), private.begin_call()
  from public;
