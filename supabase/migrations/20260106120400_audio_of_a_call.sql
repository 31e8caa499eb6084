-- What the service notes about a customer's audio. A `<Dial>` has a number of its own (`render`), which stands in every
-- URL that it gives out with the epoch: what is said of an older one is late, and changes nothing.
alter table public.call_audio rename column leg_sequences to legs;
alter table public.call_audio rename constraint call_audio_leg_sequences_check to call_audio_legs_check;
alter table public.call_audio
  add column render integer not null default 0,
  add column round integer not null default 0,
  add column customer_sid text check (char_length(customer_sid) <= 64),
  add column attempts smallint not null default 0 check (attempts >= 0),
  add column checked_at timestamptz;
comment on column public.call_audio.legs is
  'Who is dialled by the current render, by identity: state, highest SequenceNumber, sid, since when.';
comment on column public.call_audio.render is 'Counts what the customer was given to hear; stands in URLs as r.';
comment on column public.call_audio.round is 'Which ten are rung, counted from 0 in each epoch.';
comment on column public.call_audio.customer_sid is 'Twilio''s id of the customer''s leg when an agent dialled it.';
comment on column public.call_audio.attempts is 'How often Twilio has failed to take the change that is due.';
comment on column public.call_audio.checked_at is 'When Twilio was last asked whether the customer''s leg lives.';

-- All that there is to know about one call's audio: its row, the notes, its agent, and what only the log knows.
create function private.scene_of(call uuid) returns jsonb
language sql stable set search_path = '' set timezone = 'UTC' as $$
  select jsonb_build_object(
    'now', clock_timestamp(),
    'call', to_jsonb(c),
    'audio', to_jsonb(a) - 'call_id',
    'agent', (select to_jsonb(m) from public.voip_users m where m.id = c.assigned_to),
    'rung_since', queued.at,
    'claimed_at', claim.at,
    'claimed_by', claim.kind,
    -- Parked for too long, it rings whoever had it first.
    'rings_first', case
      when queued.kind = 'requeued' and queued.from_status = 'parked' and (
        select e.detail ->> 'park_reason' from public.call_events e
        where e.call_id = c.id and e.kind = 'parked' and e.id < queued.id order by e.id desc limit 1
      ) <> 'agent_dropped' then c.last_agent
    end
  )
  from public.calls c
  left join public.call_audio a on a.call_id = c.id
  left join lateral (
    select e.* from public.call_events e where e.call_id = c.id and e.kind in ('created', 'requeued')
    order by e.id desc limit 1
  ) as queued on true
  left join lateral (
    select e.* from public.call_events e
    where e.call_id = c.id and e.kind in ('created', 'answered', 'retrieved', 'transferred', 'resumed')
    order by e.id desc limit 1
  ) as claim on true
  where c.id = call
$$;
revoke execute on function private.scene_of(uuid) from public;

create function public.audio_of(call uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('scene', private.scene_of(call), 'floor', private.floor())
$$;
comment on function public.audio_of(uuid) is 'What the service needs to render a call; the scene is null if there is no such call.';

-- The customer is about to hear what belongs to `epoch`. Returns the number of this render, and for how long, in
-- milliseconds, the audio was behind the row.
create function public.note_render(call uuid, epoch integer, dialled text[], round integer, lease_s integer)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  noted public.call_audio;
  legs jsonb := (
    select coalesce(jsonb_object_agg(who, jsonb_build_object('state', 'dialled', 'at', clock_timestamp())), '{}')
    from unnest(dialled) as who
  );
begin
  insert into public.call_audio as a (call_id, rendered_epoch, render, round, legs, lease_until)
  values (
    note_render.call, note_render.epoch, 1, note_render.round, legs,
    clock_timestamp() + make_interval(secs => note_render.lease_s)
  )
  on conflict (call_id) do update set
    rendered_epoch = excluded.rendered_epoch,
    render = a.render + 1,
    round = excluded.round,
    legs = excluded.legs,
    -- An agent who is dialled again has no more time for it.
    lease_until = case
      when excluded.lease_until is not null and a.rendered_epoch = excluded.rendered_epoch
        then coalesce(a.lease_until, excluded.lease_until)
      else excluded.lease_until
    end,
    agent_call_sid = null,
    claimed_until = null,
    attempts = 0
  returning * into noted;
  return jsonb_build_object(
    'render', noted.render,
    'behind_ms', (
      select round(extract(epoch from clock_timestamp() - max(e.at)) * 1000) from public.call_events e
      where e.call_id = note_render.call and e.detail ? 'epoch'
    )
  );
end
$$;
comment on function public.note_render(uuid, integer, text[], integer, integer) is
  'Notes what a customer is about to hear; the service only.';

revoke execute on function public.audio_of(uuid), public.note_render(uuid, integer, text[], integer, integer) from public;
grant execute on function public.audio_of(uuid), public.note_render(uuid, integer, text[], integer, integer) to service_role;
