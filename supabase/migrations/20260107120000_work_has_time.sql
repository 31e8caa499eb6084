-- The work on one call may be several requests to Twilio, each of which may take 4 s, and the service stops after 12 s. So a
-- call is taken for 15 s: after 5, another service would have begun the same work while the first was still at it.
create or replace function public.claim_audio_work(worker text, at_most integer, quiet_s integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  taken uuid[];
begin
  -- A call whose first request was lost with its process has no notes yet.
  insert into public.call_audio (call_id)
  select c.id from public.calls c
  where c.status in ('ringing', 'active', 'parked')
    and not exists (select from public.call_audio a where a.call_id = c.id)
  on conflict do nothing;
  with work as (
    select a.call_id
    from public.calls c join public.call_audio a on a.call_id = c.id
    where (c.status in ('ringing', 'active', 'parked') or c.status = 'ended' and c.ended_at > now() - interval '1 hour')
      and (a.claimed_until is null or a.claimed_until < now())
      and private.may_be_due(c, a, claim_audio_work.quiet_s)
    order by a.claimed_until nulls first, c.id
    limit least(claim_audio_work.at_most, 500)
    for update of a skip locked
  ),
  claimed as (
    update public.call_audio a
    set claimed_by = left(claim_audio_work.worker, 100), claimed_until = clock_timestamp() + interval '15 seconds'
    from work where a.call_id = work.call_id
    returning a.call_id
  )
  select array_agg(call_id) into taken from claimed;
  return jsonb_build_object(
    'scenes', (select coalesce(jsonb_agg(private.scene_of(call)), '[]') from unnest(taken) as call),
    'floor', private.floor()
  );
end
$$;
comment on function public.claim_audio_work(text, integer, integer) is
  'Takes calls whose audio may have to change, for 15 s; the service only.';
