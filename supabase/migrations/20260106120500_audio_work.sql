-- Several service processes share the work on the audio. Each takes calls for a few seconds by a note in call_audio;
-- one that dies loses them by time, and then another goes on. What is due is decided by `due` in crates/webhook; here
-- is only the coarse question whether it could be anything, so that a quiet call costs nothing.

create function private.may_be_due(call public.calls, audio public.call_audio, quiet_s integer) returns boolean
language sql stable set search_path = '' as $$
  select audio.rendered_epoch is distinct from call.epoch or call.status <> 'ended' and (
    call.status = 'ringing' and call.voicemail_at is null
      and (audio.legs = '{}' or jsonb_path_exists(audio.legs, '$.* ? (@.state == "answered")'))
    or call.status = 'active' and not call.on_hold and (
      call.connected_at is null or audio.lease_until is not null
      or jsonb_path_exists(audio.legs, '$.* ? (@.state == "ended")')
    )
    or call.status = 'parked' and call.parked_at < now() - interval '20 seconds'
    or coalesce(audio.checked_at, call.created_at) <= now() - make_interval(secs => quiet_s)
  )
$$;
revoke execute on function private.may_be_due(public.calls, public.call_audio, integer) from public;

create function public.claim_audio_work(worker text, at_most integer, quiet_s integer) returns jsonb
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
    set claimed_by = left(claim_audio_work.worker, 100), claimed_until = clock_timestamp() + interval '5 seconds'
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
  'Takes calls whose audio may have to change, for 5 s; the service only.';

-- The work on a call is over for now: nobody looks at it before `pause_ms` have passed, unless it is rendered.
-- A failure counts; a check is remembered. Of a call that was rendered meanwhile nothing is noted but the check.
create function public.release_audio_work(call uuid, worker text, pause_ms integer, is_failure boolean, is_check boolean)
returns void language sql security definer set search_path = '' as $$
  update public.call_audio a set
    checked_at = case when is_check then clock_timestamp() else a.checked_at end,
    claimed_until = case when a.claimed_by = worker and a.claimed_until is not null
      then clock_timestamp() + make_interval(secs => pause_ms / 1000.0) else a.claimed_until end,
    attempts = case when is_failure then least(a.attempts + 1, 100) else 0 end
  where a.call_id = call
$$;
comment on function public.release_audio_work(uuid, text, integer, boolean, boolean) is
  'Gives back a call that was taken with claim_audio_work; the service only.';

revoke execute on function public.claim_audio_work(text, integer, integer),
  public.release_audio_work(uuid, text, integer, boolean, boolean) from public;
grant execute on function public.claim_audio_work(text, integer, integer),
  public.release_audio_work(uuid, text, integer, boolean, boolean) to service_role;
