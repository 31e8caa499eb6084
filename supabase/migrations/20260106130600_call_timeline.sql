-- What happened to one call, line by line, with the names that a sentence needs: who did it, whose it was before and
-- after, where it was parked and why, and how long it then stayed so.
create type public.timeline_entry as (
  id bigint, at timestamptz, kind text, by text, by_id uuid, to_whom text, to_id uuid, from_whom text, from_status text,
  to_status text, parking_slot smallint, park_reason text, end_reason text, caller_name text, lasted_s numeric
);
comment on type public.timeline_entry is 'One line of a call''s timeline.';
comment on column public.timeline_entry.at is 'When it happened.';
comment on column public.timeline_entry.kind is 'What happened, as in call_events.';
comment on column public.timeline_entry.by is 'Who did it; null for the telephone service.';
comment on column public.timeline_entry.to_whom is 'Whose call it is after it; null for nobody''s.';
comment on column public.timeline_entry.from_whom is 'Whose call it was before it.';
comment on column public.timeline_entry.parking_slot is 'Where it was parked or moved to.';
comment on column public.timeline_entry.park_reason is 'Why it was parked.';
comment on column public.timeline_entry.end_reason is 'How it ended.';
comment on column public.timeline_entry.caller_name is 'The customer''s new name, where somebody gave one.';
comment on column public.timeline_entry.lasted_s is
  'Seconds until what happened next to the call; null while that goes on, for the end, and for what changes no state (notes, names, recordings).';

create function public.call_timeline(call uuid) returns setof public.timeline_entry
language sql stable rows 20 set search_path = '' as $$
  with steps as (
    select e.*, e.kind not in ('connected', 'noted', 'corrected', 'recorded') as is_state
    from public.call_events e where e.call_id = call
  ),
  spans as (
    select
      s.*,
      lag(s.assigned_to) over (order by s.id) as was_assigned_to,
      case when s.is_state and s.to_status <> 'ended' then
        -- The next line that is a state; of those after this one the first.
        min(s.at) filter (where s.is_state)
          over (order by s.id rows between 1 following and unbounded following)
      end as next_at
    from steps s
  )
  select
    s.id, s.at, s.kind, actor.display_name, s.actor, now_of.display_name, s.assigned_to, was_of.display_name,
    s.from_status, s.to_status, (s.detail ->> 'parking_slot')::smallint, s.detail ->> 'park_reason',
    s.detail ->> 'end_reason', s.detail ->> 'caller_name',
    case when s.next_at is not null then round(extract(epoch from greatest(s.next_at - s.at, '0')), 3) end
  from spans s
  left join public.voip_users actor on actor.id = s.actor
  left join public.voip_users now_of on now_of.id = s.assigned_to
  left join public.voip_users was_of on was_of.id = s.was_assigned_to
  order by s.id
$$;
comment on function public.call_timeline(uuid) is 'What happened to a call, oldest first, with names and how long each state lasted.';
revoke execute on function public.call_timeline(uuid) from public;
grant execute on function public.call_timeline(uuid) to authenticated, service_role;
