-- Whoever has talked to a customer has something to note, also when a colleague has the call now; and a message that
-- nobody answered is everybody's to follow up.
create function private.may_note(call public.calls, actor private.actor) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return actor.leads
    or actor.id = call.assigned_to or actor.id = call.last_agent
    or call.status = 'ended' and call.last_agent is null
    or exists (select from public.call_events e where e.call_id = call.id and e.assigned_to = actor.id);
end
$$;
revoke execute on function private.may_note(public.calls, private.actor) from public;

create or replace function private.referee_call() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  actor private.actor := private.current_actor();
  asked public.calls := new;
begin
  new := private.next_state(old, asked, actor);
  if (asked.note, asked.disposition) is distinct from (old.note, old.disposition) then
    if private.may_note(new, actor) is not true then
      perform private.refuse(
        'not_yours', format('The notes are for %s to write', private.name_of(new.last_agent)), new.last_agent
      );
    end if;
    new.note := asked.note;
    new.disposition := asked.disposition;
  end if;
  new := private.keep_message(old, new, asked, actor);
  -- Asking for what already is changes nothing: same version, no event, no message.
  if new is distinct from old then
    new.version := nextval('public.board_version');
  end if;
  return new;
end
$$;
