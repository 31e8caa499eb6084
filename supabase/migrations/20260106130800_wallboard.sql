-- The figures of a day, for the big screen. A day is the office's, by its clock on the wall: it may have 23 or 25 hours.
-- Of customers' calls only those count of which it is known how they came out; so the outcomes add up to `offered`.
-- What each figure means is said by the comments, in words for the person who points at it.
create type public.wallboard_figures as (
  day date, time_zone text, service_level_s smallint, waiting integer, longest_wait_s integer, talking integer,
  parked integer, offered integer, answered integer, abandoned integer, missed integer, voicemail integer, other integer,
  service_level numeric, mean_answer_s numeric, p90_answer_s numeric
);
comment on type public.wallboard_figures is 'The team''s figures now and of one day.';
comment on column public.wallboard_figures.day is 'The day, by the office''s clock.';
comment on column public.wallboard_figures.time_zone is 'Where the office''s clock hangs.';
comment on column public.wallboard_figures.service_level_s is 'Seconds within which a call should be answered.';
comment on column public.wallboard_figures.waiting is 'Customers whose call rings at this moment.';
comment on column public.wallboard_figures.longest_wait_s is 'How long the one of them has been ringing who has waited longest.';
comment on column public.wallboard_figures.talking is 'Calls that an agent has at this moment, also on hold.';
comment on column public.wallboard_figures.parked is 'Calls in the parking lot at this moment.';
comment on column public.wallboard_figures.offered is
  'Customers'' calls that began on this day and were answered or are over. Calls that still ring are not counted yet.';
comment on column public.wallboard_figures.answered is 'Of these, the calls that somebody answered.';
comment on column public.wallboard_figures.abandoned is 'Of these, the calls whose customer hung up before anybody answered.';
comment on column public.wallboard_figures.missed is 'Of these, the calls that rang until the time was up, without a message.';
comment on column public.wallboard_figures.voicemail is 'Of these, the calls that nobody answered and that left a message.';
comment on column public.wallboard_figures.other is
  'Of these, the calls that ended unanswered in another way: a colleague ended them, or the telephone service failed.';
comment on column public.wallboard_figures.service_level is
  'The share of the day''s calls, from 0 to 1, that were answered soon enough. Calls that nobody answered count as too late.';
comment on column public.wallboard_figures.mean_answer_s is 'How many seconds an answered call rang on average.';
comment on column public.wallboard_figures.p90_answer_s is 'Nine of ten answered calls were answered within so many seconds.';

-- Customers' calls that began from `since` until before `until`: how they came out, and after how long.
create function private.outcomes(since timestamptz, until timestamptz)
returns table (created_at timestamptz, outcome text, wait interval)
language sql stable rows 1000 set search_path = '' as $$
  select
    c.created_at,
    private.outcome_of(c.status, c.answered_at, c.end_reason),
    (select min(e.at) from public.call_events e where e.call_id = c.id and e.to_status = 'active') - c.created_at
  from public.calls c
  where c.direction = 'inbound' and c.created_at >= since and c.created_at < until
    and private.outcome_of(c.status, c.answered_at, c.end_reason) is not null
$$;

create function public.wallboard(day date default null) returns setof public.wallboard_figures
language sql stable rows 1 set search_path = '' as $$
  select
    its.day, s.time_zone, s.service_level_s, live.waiting, live.longest_wait_s, live.talking, live.parked,
    sums.offered, sums.answered, sums.abandoned, sums.missed, sums.voicemail, sums.other,
    round(sums.soon_enough::numeric / nullif(sums.offered, 0), 4), sums.mean_answer_s, sums.p90_answer_s
  from public.board_settings s
  cross join lateral (select coalesce(wallboard.day, private.today()) as day) as its
  cross join lateral (
    select
      count(*) filter (where c.status = 'ringing')::integer as waiting,
      -- Since it began to ring; a call that came back from an agent or the lot began again.
      extract(epoch from clock_timestamp() - min(
        case when c.status = 'ringing' then (
          select max(e.at) from public.call_events e
          where e.call_id = c.id and e.kind in ('created', 'requeued')
        ) end
      ))::integer as longest_wait_s,
      count(*) filter (where c.status = 'active')::integer as talking,
      count(*) filter (where c.status = 'parked')::integer as parked
    from public.calls c where c.status in ('ringing', 'active', 'parked')
  ) as live
  cross join lateral (
    select
      count(*)::integer as offered,
      count(*) filter (where o.outcome = 'answered')::integer as answered,
      count(*) filter (where o.outcome = 'abandoned')::integer as abandoned,
      count(*) filter (where o.outcome = 'missed')::integer as missed,
      count(*) filter (where o.outcome = 'voicemail')::integer as voicemail,
      count(*) filter (where o.outcome = 'other')::integer as other,
      count(*) filter (where o.outcome = 'answered' and o.wait <= s.service_level_s * interval '1 second') as soon_enough,
      round(extract(epoch from avg(o.wait) filter (where o.outcome = 'answered')), 1) as mean_answer_s,
      round(extract(epoch from
        percentile_disc(0.9) within group (order by o.wait) filter (where o.outcome = 'answered')
      ), 1) as p90_answer_s
    from private.outcomes(
      private.start_of(its.day, s.time_zone), private.start_of(its.day + 1, s.time_zone)
    ) as o
  ) as sums
$$;
comment on function public.wallboard(date) is 'The team''s figures now, and of a day: today unless told.';

revoke execute on function
  private.outcomes(timestamptz, timestamptz), public.wallboard(date) from public;
grant execute on function
  private.outcomes(timestamptz, timestamptz), public.wallboard(date) to authenticated, service_role;
