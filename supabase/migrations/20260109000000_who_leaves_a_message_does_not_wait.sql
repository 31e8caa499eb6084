-- Whoever speaks to the answering machine waits for nobody any more: counted as waiting, they would make a wall turn
-- red over callers whom no agent keeps waiting. Only the two filters differ from what was.
comment on column public.wallboard_figures.waiting is
  'Customers whose call rings at this moment. Whoever is leaving a message no longer waits.';

create or replace function public.wallboard(day date default null) returns setof public.wallboard_figures
language sql stable rows 1 set search_path = '' as $$
  select
    its.day, s.time_zone, s.service_level_s, live.waiting, live.longest_wait_s, live.talking, live.parked,
    sums.offered, sums.answered, sums.abandoned, sums.missed, sums.voicemail, sums.other,
    round(sums.soon_enough::numeric / nullif(sums.offered, 0), 4), sums.mean_answer_s, sums.p90_answer_s,
    sums.median_answer_s, sums.p95_answer_s
  from public.board_settings s
  cross join lateral (select coalesce(wallboard.day, private.today()) as day) as its
  cross join lateral (
    select
      count(*) filter (where c.status = 'ringing' and c.voicemail_at is null)::integer as waiting,
      -- Since it began to ring; a call that came back from an agent or the lot began again.
      extract(epoch from clock_timestamp() - min(
        case when c.status = 'ringing' and c.voicemail_at is null then (
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
      ), 1) as p90_answer_s,
      round(extract(epoch from
        percentile_disc(0.5) within group (order by o.wait) filter (where o.outcome = 'answered')
      ), 1) as median_answer_s,
      round(extract(epoch from
        percentile_disc(0.95) within group (order by o.wait) filter (where o.outcome = 'answered')
      ), 1) as p95_answer_s
    from private.outcomes(
      private.start_of(its.day, s.time_zone), private.start_of(its.day + 1, s.time_zone)
    ) as o
  ) as sums
$$;
