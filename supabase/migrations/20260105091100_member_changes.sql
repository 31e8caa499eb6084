-- What a member's row lets through, and when the boards hear of it.

-- A policy sees only the new row; what changed, and by whom, is decided here.
create function private.referee_member() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  actor private.actor := private.current_actor();
begin
  new.id := old.id;
  new.created_at := old.created_at;
  new.version := old.version;
  -- Deeper than one trigger means: by the change of a call.
  if pg_trigger_depth() = 1 then
    new.current_call_id := old.current_call_id;
  end if;
  if not actor.leads
    and (new.display_name, new.role, new.retired_at) is distinct from (old.display_name, old.role, old.retired_at) then
    raise exception using errcode = 'insufficient_privilege',
      message = 'Only a supervisor changes names, roles and who is on the team';
  end if;
  if not actor.service and actor.id is distinct from old.id and new.device_state <> old.device_state then
    raise exception using errcode = 'insufficient_privilege',
      message = 'Only a member''s own browser knows the state of its device';
  end if;
  if new.retired_at is not null and old.retired_at is null then
    perform from public.calls where assigned_to = old.id and status = 'active';
    if found then
      perform private.refuse('colleague_busy', format('%s is on a call', old.display_name), old.id);
    end if;
    new.retired_at := clock_timestamp();
    new.is_available := false;
  elsif new.retired_at is not null then
    new.retired_at := old.retired_at;
  end if;
  if (new.user_id, new.display_name, new.identity, new.role, new.is_available, new.device_state, new.retired_at)
    is distinct from
    (old.user_id, old.display_name, old.identity, old.role, old.is_available, old.device_state, old.retired_at) then
    new.version := nextval('public.board_version');
  end if;
  return new;
end
$$;
create trigger every_member_change_is_refereed before update on public.voip_users
  for each row execute function private.referee_member();

create function private.begin_member() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.current_call_id := null;
  new.created_at := clock_timestamp();
  new.version := nextval('public.board_version');
  return new;
end
$$;
create trigger every_member_begins_without_a_call before insert on public.voip_users
  for each row execute function private.begin_member();

create function private.announce_member() returns trigger language plpgsql security definer
set search_path = '' set timezone = 'UTC' as $$
begin
  perform private.send_to_boards('voip_users', tg_op, new.version, to_jsonb(new));
  return null;
end
$$;
create trigger a_new_member_is_announced after insert on public.voip_users
  for each row execute function private.announce_member();
-- The version rises only with what a board shows, so a change of current_call_id alone is not announced.
create trigger a_changed_member_is_announced after update on public.voip_users
  for each row when (old.version <> new.version) execute function private.announce_member();

-- Members are locked by id elsewhere; a mass update would lock them in any order.
create trigger one_member_per_statement after update on public.voip_users
  referencing new table as changed
  for each statement when (current_setting('role') <> 'none' and pg_trigger_depth() = 0)
  execute function private.refuse_mass_action('member');

revoke execute on function private.referee_member(), private.begin_member(), private.announce_member() from public;
