-- What follows from a change of a call, in the same transaction: the members' rows, the log, the message to the boards.

-- The fast lane: one broadcast per change of a row on the private channel `board`, 2-16 ms after commit. A hint like
-- any other: realtime.send only warns when it fails, and a board that missed it is healed by its next snapshot.
create function private.send_to_boards(table_name text, operation text, version bigint, record jsonb) returns void
language sql set search_path = '' as $$
  select realtime.send(
    jsonb_build_object(
      'table', table_name,
      'type', operation,
      'version', version,
      'commit_timestamp', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
      'record', record
    ),
    'change', 'board', true
  )
$$;

-- What to call the change from `was` to `is` in the log.
create function private.kind_of_change(was public.calls, "is" public.calls) returns text
language sql immutable set search_path = '' as $$
  select case
    when was.status <> "is".status then
      case "is".status
        when 'ringing' then 'requeued'
        when 'active' then case was.status when 'parked' then 'retrieved' else 'answered' end
        else "is".status
      end
    when was.assigned_to <> "is".assigned_to then 'transferred'
    when was.on_hold <> "is".on_hold then case when "is".on_hold then 'held' else 'resumed' end
    when was.parking_slot <> "is".parking_slot then 'moved'
    when was.connected_at is distinct from "is".connected_at then 'connected'
    when (was.note, was.disposition) is distinct from ("is".note, "is".disposition) then 'noted'
    else 'corrected'
  end
$$;

-- Both rows were locked by the referee, in order: see the migration about locks.
create function private.keep_current_call(was public.calls, "is" public.calls) returns void
language plpgsql set search_path = '' as $$
begin
  if was.status = 'active' and ("is".status <> 'active' or was.assigned_to <> "is".assigned_to) then
    update public.voip_users set current_call_id = null where id = was.assigned_to and current_call_id = was.id;
  end if;
  if "is".status = 'active' and (was.status <> 'active' or was.assigned_to <> "is".assigned_to) then
    update public.voip_users set current_call_id = "is".id where id = "is".assigned_to;
  end if;
end
$$;

-- Timestamps in JSON follow the session's time zone; the log and the boards read UTC whoever asked.
create function private.record_change() returns trigger language plpgsql security definer
set search_path = '' set timezone = 'UTC' as $$
declare
  after jsonb := to_jsonb(new);
  before jsonb;
begin
  if tg_op = 'INSERT' then
    insert into public.call_events (call_id, version, actor, kind, to_status, detail)
    values (new.id, new.version, private.me(), 'created', new.status, after);
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
create trigger a_new_call_is_recorded after insert on public.calls
  for each row execute function private.record_change();
create trigger a_changed_call_is_recorded after update on public.calls
  for each row when (old.* is distinct from new.*) execute function private.record_change();

-- An agent once ended every waiting call with one request. It is also what keeps the order of locks: with one call per
-- statement, no two requests can hold each other's. Only the database's own password may change more.
create function private.refuse_mass_action() returns trigger language plpgsql set search_path = '' as $$
begin
  if (select count(*) from (select from changed limit 2) as two) > 1 then
    raise exception sqlstate 'PT400' using
      message = format('One request changes one %s', tg_argv[0]),
      hint = format('one_%s_per_statement', tg_argv[0]);
  end if;
  return null;
end
$$;
create trigger one_call_per_statement after update on public.calls
  referencing new table as changed
  for each statement when (current_setting('role') <> 'none')
  execute function private.refuse_mass_action('call');

revoke execute on function
  private.send_to_boards(text, text, bigint, jsonb), private.kind_of_change(public.calls, public.calls),
  private.keep_current_call(public.calls, public.calls), private.record_change(), private.refuse_mass_action()
  from public;
