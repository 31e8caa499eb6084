-- The wallboard's charts: a day by hour, and by agent.
create type public.wallboard_hour as (
  starts_at timestamptz, hour smallint, offered integer, answered integer, missed integer
);
comment on type public.wallboard_hour is 'An hour of a day by the office''s clock. On days when the clock is changed one comes twice or not at all.';
comment on column public.wallboard_hour.starts_at is 'When the hour begins.';
comment on column public.wallboard_hour.hour is 'What the office''s clock says then, 0 to 23.';
comment on column public.wallboard_hour.offered is 'Customers'' calls that began in this hour and were answered or are over.';
comment on column public.wallboard_hour.answered is 'Of these, the calls that somebody answered.';
comment on column public.wallboard_hour.missed is 'Of these, the calls that nobody answered, with or without a message.';

create function public.wallboard_hours(day date default null) returns setof public.wallboard_hour
language sql stable rows 24 set search_path = '' as $$
  with bounds as (
    select s.time_zone, private.start_of(d, s.time_zone) as since, private.start_of(d + 1, s.time_zone) as until
    from public.board_settings s cross join lateral (select coalesce(wallboard_hours.day, private.today()) as d) as its
  ),
  hours as (
    -- Each quarter, because not every zone changes its clock by a whole hour.
    select distinct b.time_zone, date_trunc('hour', t, b.time_zone) as starts_at
    from bounds b cross join lateral generate_series(b.since, b.until - interval '1 second', interval '15 minutes') as t
  ),
  calls as (
    select date_trunc('hour', o.created_at, b.time_zone) as starts_at, o.outcome
    from bounds b cross join lateral private.outcomes(b.since, b.until) as o
  )
  select
    h.starts_at, extract(hour from h.starts_at at time zone h.time_zone)::smallint,
    count(c.outcome)::integer,
    count(*) filter (where c.outcome = 'answered')::integer,
    count(*) filter (where c.outcome in ('abandoned', 'missed', 'voicemail'))::integer
  from hours h left join calls c using (starts_at)
  group by h.starts_at, h.time_zone
  order by h.starts_at
$$;
comment on function public.wallboard_hours(date) is 'A day by hour: today unless told.';

create type public.wallboard_agent as (
  member_id uuid, display_name text, is_available boolean, on_call_since timestamptz, answered integer, handled integer,
  talked_s integer, mean_talk_s numeric
);
comment on type public.wallboard_agent is 'What an agent did on one day.';
comment on column public.wallboard_agent.display_name is 'Who it is.';
comment on column public.wallboard_agent.is_available is 'Whether they want to be rung now.';
comment on column public.wallboard_agent.on_call_since is 'Since when they have been on the call that they are on now.';
comment on column public.wallboard_agent.answered is 'Customers'' calls that they were the one to answer on this day.';
comment on column public.wallboard_agent.handled is 'Calls that were theirs at some time on this day: answered, placed, taken back, or handed to them.';
comment on column public.wallboard_agent.talked_s is 'Seconds of this day that they had a customer on the line, without music on hold.';
comment on column public.wallboard_agent.mean_talk_s is 'How many seconds that makes for each call that they handled.';

create function public.wallboard_agents(day date default null) returns setof public.wallboard_agent
language sql stable rows 50 set search_path = '' as $$
  with bounds as (
    select private.start_of(d, s.time_zone) as since, least(private.start_of(d + 1, s.time_zone), clock_timestamp()) as until
    from public.board_settings s cross join lateral (select coalesce(wallboard_agents.day, private.today()) as d) as its
  ),
  -- Calls of that day, and of the days before if they lasted until then.
  spans as (
    select t.member_id, t.call_id, t.kind, t.direction, t.since, t.is_talk,
      greatest(least(t.until, b.until) - greatest(t.since, b.since), '0') as lasted,
      t.since >= b.since and t.since < b.until as begins
    from bounds b
    cross join lateral private.spans_of(array(
      select c.id from public.calls c
      where c.created_at < b.until and c.created_at >= b.since - interval '1 day'
        and (c.ended_at is null or c.ended_at >= b.since)
    )) as t
    where t.until > b.since and t.since < b.until
  )
  select
    m.id, m.display_name, m.is_available,
    (select max(e.at) from public.call_events e
      where e.call_id = m.current_call_id and e.assigned_to = m.id
        and e.kind in ('created', 'answered', 'retrieved', 'transferred')),
    count(*) filter (where s.kind = 'answered' and s.direction = 'inbound' and s.begins)::integer,
    count(distinct s.call_id)::integer,
    coalesce(extract(epoch from sum(s.lasted) filter (where s.is_talk)), 0)::integer,
    round(extract(epoch from sum(s.lasted) filter (where s.is_talk))::numeric / nullif(count(distinct s.call_id), 0), 1)
  from public.voip_users m left join spans s on s.member_id = m.id
  group by m.id
  having m.retired_at is null or count(s.call_id) > 0
  order by m.display_name, m.id
$$;
comment on function public.wallboard_agents(date) is 'What each agent did on a day, today unless told; without those who had left before it.';

revoke execute on function public.wallboard_hours(date), public.wallboard_agents(date) from public;
grant execute on function public.wallboard_hours(date), public.wallboard_agents(date) to authenticated, service_role;
