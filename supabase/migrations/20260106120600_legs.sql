-- What legs tell of themselves. Callbacks come late, twice and out of order; each leg counts its own, and only what is
-- newer than all before is news.

-- `news`, `old` (a newer word was heard already), or `stale` (the leg belongs to an older `<Dial>`, or to none).
-- Without a sequence it is the service's own finding, and always news.
create function public.note_leg(
  call uuid, epoch integer, render integer, identity text, leg_sid text, state text, sequence integer
) returns text language plpgsql security definer set search_path = '' as $$
declare
  audio public.call_audio;
  leg jsonb;
begin
  select * into audio from public.call_audio a where a.call_id = note_leg.call for update;
  leg := audio.legs -> note_leg.identity;
  if leg is null or (audio.rendered_epoch, audio.render) is distinct from (note_leg.epoch, note_leg.render) then
    return 'stale';
  end if;
  if note_leg.sequence <= (leg ->> 'sequence')::integer or leg ->> 'state' = 'ended' then
    return 'old';
  end if;
  update public.call_audio a set
    legs = jsonb_set(audio.legs, array[note_leg.identity], jsonb_strip_nulls(jsonb_build_object(
      'state', left(note_leg.state, 20), 'sid', left(note_leg.leg_sid, 64), 'at', clock_timestamp(),
      'sequence', coalesce(note_leg.sequence, (leg ->> 'sequence')::integer)
    ))),
    agent_call_sid = case note_leg.state when 'answered' then left(note_leg.leg_sid, 64) else a.agent_call_sid end
  where a.call_id = note_leg.call;
  return 'news';
end
$$;
comment on function public.note_leg(uuid, integer, integer, text, text, text, integer) is
  'Notes what a leg told: news, old or stale; the service only.';

-- The agent is connected and has all the time of the world.
create function public.note_connected(call uuid, epoch integer, render integer) returns void
language sql security definer set search_path = '' as $$
  update public.call_audio a set lease_until = null
  where a.call_id = note_connected.call
    and (a.rendered_epoch, a.render) = (note_connected.epoch, note_connected.render)
$$;
comment on function public.note_connected(uuid, integer, integer) is 'Ends the lease of a claim; the service only.';

-- The leg of a customer whom an agent called.
create function public.note_customer(call uuid, leg_sid text) returns void
language sql security definer set search_path = '' as $$
  insert into public.call_audio as a (call_id, customer_sid) values (note_customer.call, left(leg_sid, 64))
  on conflict (call_id) do update set customer_sid = coalesce(a.customer_sid, excluded.customer_sid)
$$;
comment on function public.note_customer(uuid, text) is 'Notes the leg of a called customer; the service only.';

-- The customer's leg is over: nothing has to be done about its audio any more.
create function public.note_over(call uuid) returns void
language sql security definer set search_path = '' as $$
  insert into public.call_audio as a (call_id, rendered_epoch)
  select c.id, c.epoch from public.calls c where c.id = note_over.call and c.status = 'ended'
  on conflict (call_id) do update set rendered_epoch = excluded.rendered_epoch, lease_until = null, claimed_until = null
$$;
comment on function public.note_over(uuid) is 'Notes that an ended call''s leg is over; the service only.';

revoke execute on function public.note_leg(uuid, integer, integer, text, text, text, integer),
  public.note_connected(uuid, integer, integer), public.note_customer(uuid, text), public.note_over(uuid) from public;
grant execute on function public.note_leg(uuid, integer, integer, text, text, text, integer),
  public.note_connected(uuid, integer, integer), public.note_customer(uuid, text), public.note_over(uuid) to service_role;
