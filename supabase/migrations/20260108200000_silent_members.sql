-- A browser that was closed, or a machine that sleeps, says nothing any more; least of all that nobody can be rung there.
-- Whom the service would not ring for that reason must not stand on any board as if they could be: whoever was silent for
-- longer than `ringable_members` has patience is out of reach, in their own row, so that every board hears of it.
-- A page that lives and reads that of itself says otherwise at once.

-- A member who says how it is with the device has been heard of, even if the heartbeat itself did not come through:
-- else the row would go to and fro.
create function private.hear_of_member() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if private.me() = new.id then
    insert into public.presence (member_id) values (new.id)
    on conflict (member_id) do update set member_id = excluded.member_id;
  end if;
  return null;
end
$$;
revoke execute on function private.hear_of_member() from public;
create trigger a_member_who_reports_is_heard_of after update on public.voip_users
  for each row when (old.device_state is distinct from new.device_state)
  execute function private.hear_of_member();

-- One member a statement, and nobody is waited for: whose row is in use is looked at next time.
create function private.note_silent_members() returns void language plpgsql set search_path = '' as $$
declare
  member uuid;
begin
  for member in
    select m.id
    from public.voip_users m
    left join public.presence p on p.member_id = m.id
    where m.device_state in ('connecting', 'ready', 'no_microphone')
      and coalesce(p.last_seen_at < now() - interval '75 seconds', true)
    order by m.id
    for no key update of m skip locked
  loop
    update public.voip_users set device_state = 'unreachable' where id = member;
  end loop;
end
$$;
revoke execute on function private.note_silent_members() from public;

create or replace function public.claim_audio_work(worker text, at_most integer, quiet_s integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  taken uuid[];
begin
  perform private.note_silent_members();
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
  'Takes calls whose audio may have to change, for 15 s, and notes who is silent; the service only.';
