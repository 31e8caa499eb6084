-- A team keeps a supervisor: without one nobody could change roles, settings or who is on the team, and no way back
-- leads through the dashboard. So whoever is the last one stays, whichever way they would go: by a page, by the service
-- or by hand in the SQL editor. A team that has no supervisor yet is not concerned: nobody stops being one.
create function private.keep_a_supervisor() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  -- Two supervisors who make agents of each other at the same moment would not see each other's change. The second one
  -- waits here, and then sees the first.
  perform pg_advisory_xact_lock(hashtextextended('private.keep_a_supervisor', 0));
  perform from public.voip_users where role = 'supervisor' and retired_at is null;
  if not found then
    perform private.refuse(
      'last_supervisor', format('%s is the only supervisor: make somebody else a supervisor first', old.display_name), old.id
    );
  end if;
  return null;
end
$$;
revoke execute on function private.keep_a_supervisor() from public;

-- After the whole statement's rows, so that one that changes several members is judged by what it leads to.
create trigger somebody_leads_after_a_change after update of role, retired_at on public.voip_users
  for each row
  when (
    old.role = 'supervisor' and old.retired_at is null
    and (new.role <> 'supervisor' or new.retired_at is not null)
  )
  execute function private.keep_a_supervisor();
create trigger somebody_leads_after_a_removal after delete on public.voip_users
  for each row when (old.role = 'supervisor' and old.retired_at is null)
  execute function private.keep_a_supervisor();

comment on function private.refuse(text, text, uuid, timestamptz) is
  'Refuses with 409. code is one of: wrong_state, already_answered, already_ended, on_another_call, not_yours, colleague_busy, no_such_colleague, slot_taken, slot_out_of_range, lot_full, service_only, last_supervisor.';
