-- Everything that two actions can want at once, and the one order in which it is taken:
--
--   1. the call's row            (the update itself holds it before any trigger runs)
--   2. the parking lot           (an advisory lock; parking and moving only)
--   3. members' rows, by id      (whoever loses or gets the call, for no key update)
--
-- Who is free and which slot is free is read after the lock, by a new statement, so it sees what the last holder
-- committed. Pairs of actions, each on its own call unless said otherwise:
--   same call                    the second waits at 1 and then meets the new row: lost, or refused with the reason
--   two answers by one agent     meet at 3; the second finds itself on a call
--   transfers A to B and B to A  both lock A and B, lower id first; the first sees B busy, then the second A
--   park and park, park and move meet at 2; the second takes another slot or reads that it is taken
--   retrieve and park            the retriever waits at 3 only, holding 1 of a call that the parker does not want
--   end and anything             the end takes 1 and 3: a later answer by that agent waits at 3, then finds it free
--   retiring a member            takes only that row of 3; it waits for a claim and sees the call, or the claim sees it
-- Foreign keys add `for key share` on members and calls, which conflicts with none of these.
-- Nobody who holds a later lock waits for an earlier one, as long as a statement changes one call: hence the trigger
-- that refuses more. A refused mass update can still be one half of a deadlock with itself as the loser.
create function private.lock_parking_lot() returns void language sql set search_path = '' as $$
  select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('switchboard.parking_lot', 0))
$$;

create function private.lock_members(variadic members uuid[]) returns void language plpgsql set search_path = '' as $$
begin
  perform from public.voip_users where id = any (members) order by id for no key update;
end
$$;

-- The slot that `call` gets. Agents' slots lie within the lot; the service never fails for want of one.
-- Takes the parking-lot lock and keeps it until the end of the transaction.
create function private.claim_slot(call public.calls, wanted smallint, service boolean) returns smallint
language plpgsql set search_path = '' as $$
declare
  lot_size smallint := (select parking_slots from public.board_settings);
  holder public.calls;
  free smallint;
begin
  if wanted is not null and not service and wanted not between 1 and lot_size then
    perform private.refuse('slot_out_of_range', format('The parking lot has slots 1 to %s', lot_size));
  end if;
  perform private.lock_parking_lot();
  if wanted >= 1 then
    select * into holder from public.calls c where c.status = 'parked' and c.parking_slot = wanted and c.id <> call.id;
    if not found then
      return wanted;
    elsif not service then
      perform private.refuse('slot_taken', format('Slot %s is taken', wanted), holder.last_agent, holder.parked_at);
    end if;
  end if;
  select min(s) into free
  from generate_series(1, 1 + (select count(*) from public.calls where status = 'parked')) as s
  where not exists (select from public.calls c where c.status = 'parked' and c.parking_slot = s);
  if free > lot_size and not service then
    perform private.refuse('lot_full', 'The parking lot is full: retrieve or end a parked call first');
  end if;
  return free;
end
$$;

-- Refuses unless `agent` is a member who can take `call`. The caller holds the member's lock.
create function private.must_be_free(agent uuid, call public.calls, actor private.actor) returns void
language plpgsql set search_path = '' as $$
begin
  perform from public.voip_users where id = agent and retired_at is null;
  if not found then
    perform private.refuse('no_such_colleague', 'There is no such colleague');
  end if;
  perform from public.calls c where c.assigned_to = agent and c.status = 'active' and c.id <> call.id;
  if found and agent = actor.id then
    perform private.refuse('on_another_call', 'You are already on a call', agent);
  elsif found then
    perform private.refuse('colleague_busy', format('%s is on another call', private.name_of(agent)), agent);
  end if;
end
$$;

revoke execute on function
  private.lock_parking_lot(), private.lock_members(uuid[]),
  private.claim_slot(public.calls, smallint, boolean), private.must_be_free(uuid, public.calls, private.actor)
  from public;
