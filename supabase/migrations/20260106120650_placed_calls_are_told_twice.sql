-- Twilio tells some things twice, and the service writes what it is told. A call that is there already is left to the
-- unique twilio_call_sid, on which the insert does nothing: its agent is busy with this very call, and no refusal.
create or replace function private.place_call() returns trigger language plpgsql security definer
set search_path = '' as $$
begin
  perform private.lock_members(new.assigned_to);
  -- Read after the lock: whoever told it first has committed by then.
  perform from public.calls where twilio_call_sid = new.twilio_call_sid;
  if not found then
    perform private.must_be_free(new.assigned_to, new, private.current_actor());
  end if;
  return new;
end
$$;
