-- An agent calls somebody: the service brings the call in, and it is that agent's from its first moment. It is active,
-- so the agent is busy and no other board offers it; connected_at and answered_at stay empty until the customer answers.
create or replace function private.begin_call() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  is_placed boolean := new.direction = 'outbound' and new.status = 'active';
begin
  if not is_placed and new.status is distinct from 'ringing' then
    perform private.refuse('wrong_state', 'A call begins ringing');
  end if;
  new.id := coalesce(new.id, gen_random_uuid());
  if is_placed then
    new.last_agent := new.assigned_to;
  else
    new.assigned_to := null;
    new.last_agent := null;
  end if;
  new.from_number := left(new.from_number, 256);
  new.to_number := left(new.to_number, 256);
  new.caller_name := coalesce(
    nullif(left(btrim(new.caller_name), 200), ''),
    (select name from public.contacts
     where number = case new.direction when 'outbound' then new.to_number else new.from_number end)
  );
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
  new.voicemail_at := null;
  new.recording_sid := null;
  new.recording_s := null;
  return new;
end
$$;

-- Runs after all other triggers of an insert (they run by name), so that members are locked last, as everywhere.
create function private.place_call() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_members(new.assigned_to);
  perform private.must_be_free(new.assigned_to, new, private.current_actor());
  return new;
end
$$;
revoke execute on function private.place_call() from public;
create trigger placed_calls_find_their_agent_free before insert on public.calls
  for each row when (new.status = 'active') execute function private.place_call();

comment on column public.calls.answered_at is
  'When an agent claimed it first, cleared when it rings again; of an outbound call, when the customer answered.';

create or replace function private.change_active_call(call public.calls, asked public.calls, actor private.actor)
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
    call.answered_at := coalesce(call.answered_at, call.connected_at);
  end if;
  return call;
end
$$;

-- Whose call it was from the first moment is the one to name to a latecomer.
create or replace function private.tell_who_was_first(call public.calls) returns void
language plpgsql set search_path = '' as $$
declare
  won public.call_events;
begin
  select * into won from public.call_events
  where call_id = call.id and (kind in ('answered', 'retrieved') or (kind = 'created' and to_status = 'active'))
  order by id desc limit 1;
  perform private.refuse(
    'already_answered',
    format(
      case won.kind
        when 'retrieved' then '%s took this call %s earlier'
        when 'created' then '%s placed this call %s earlier'
        else '%s answered this call %s earlier'
      end,
      private.name_of(won.assigned_to), private.in_words(clock_timestamp() - won.at)
    ) || case
      when won.assigned_to <> call.assigned_to then format(', and %s has it now', private.name_of(call.assigned_to))
      else ''
    end,
    won.assigned_to, won.at
  );
end
$$;

create or replace function private.record_change() returns trigger language plpgsql security definer
set search_path = '' set timezone = 'UTC' as $$
declare
  after jsonb := to_jsonb(new);
  before jsonb;
begin
  if tg_op = 'INSERT' then
    if new.status = 'active' then
      update public.voip_users set current_call_id = new.id where id = new.assigned_to;
    end if;
    insert into public.call_events (call_id, version, actor, kind, to_status, assigned_to, detail)
    values (new.id, new.version, private.me(), 'created', new.status, new.assigned_to, after);
  else
    before := to_jsonb(old);
    perform private.keep_current_call(old, new);
    insert into public.call_events (call_id, version, actor, kind, from_status, to_status, assigned_to, detail)
    values (
      new.id, new.version, private.me(), private.kind_of_change(old, new), old.status, new.status, new.assigned_to,
      (select jsonb_object_agg(key, value) from jsonb_each(after) where value is distinct from before -> key)
    );
  end if;
  perform private.send_to_boards('calls', tg_op, new.version, after);
  return null;
end
$$;
