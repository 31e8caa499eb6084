-- Who can really be rung, asked in one place: by the service that rings them and by a board that wants to say so.
-- A member who wants calls, has none, whose browser says that its device is ready, and whose dashboard was heard of
-- within 75 s: two heartbeats of 30 s and some patience. Whoever was idle longest comes first.
comment on column public.voip_users.device_state is
  'What the member''s browser says of its audio device: off, connecting, ready, no_microphone or unreachable. Only ready is rung.';

create index calls_by_last_agent_and_end on public.calls (last_agent, ended_at desc) where ended_at is not null;

create function public.ringable_members() returns setof public.voip_users
language sql stable rows 20 set search_path = '' as $$
  select m.*
  from public.voip_users m
  join public.presence p on p.member_id = m.id and p.last_seen_at > now() - interval '75 seconds'
  left join lateral (
    select c.ended_at from public.calls c where c.last_agent = m.id and c.ended_at is not null
    order by c.ended_at desc limit 1
  ) as last_call on true
  where m.retired_at is null and m.is_available and m.current_call_id is null and m.device_state = 'ready'
  order by last_call.ended_at nulls first, m.id
$$;
comment on function public.ringable_members() is 'Members who can be rung now, those who were idle longest first.';
revoke execute on function public.ringable_members() from public;
grant execute on function public.ringable_members() to authenticated, service_role;

-- Whether the office is open: {} is always, and a day that is not named is closed.
create function private.is_open(hours jsonb, time_zone text, moment timestamptz) returns boolean
language sql stable set search_path = '' as $$
  select hours = '{}' or exists (
    select from jsonb_array_elements(hours -> to_char(moment at time zone time_zone, 'dy')) as span
    where to_char(moment at time zone time_zone, 'HH24:MI') >= span ->> 0
      and to_char(moment at time zone time_zone, 'HH24:MI') < span ->> 1
  )
$$;
revoke execute on function private.is_open(jsonb, text, timestamptz) from public;

-- What every call's audio depends on besides its own row.
create function private.floor() returns jsonb language sql stable set search_path = '' set timezone = 'UTC' as $$
  select jsonb_build_object(
    'now', clock_timestamp(),
    'is_open', private.is_open(s.business_hours, s.time_zone, clock_timestamp()),
    'settings', to_jsonb(s),
    'ringable', (
      select coalesce(jsonb_agg(to_jsonb(m) order by m.n), '[]')
      from (select r.*, row_number() over () as n from public.ringable_members() r) as m
    )
  )
  from public.board_settings s
$$;
revoke execute on function private.floor() from public;
