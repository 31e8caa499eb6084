-- A refusal repeats what was asked only as far as a person would read: a status of a million characters came back whole.
create or replace function private.next_state(call public.calls, asked public.calls, actor private.actor)
returns public.calls language plpgsql set search_path = '' as $$
begin
  if asked.status is null or asked.status not in ('ringing', 'active', 'parked', 'ended') then
    raise exception sqlstate 'PT400' using
      message = format('A call cannot be %s', coalesce(quote_literal(left(asked.status, 40)), 'without a status')),
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
