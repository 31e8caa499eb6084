-- What looking back at calls is made of: whose number it was, which day it was at the office, and how a call came out.

-- Written out and not as a function: under a policy PostgreSQL uses an index only where it can see that nothing leaks.
create index calls_by_customer on public.calls (
  (case direction when 'outbound' then to_number else from_number end), created_at desc
);

-- When a day begins in a time zone. Midnight may come twice on it, or not at all.
create function private.start_of(day date, time_zone text) returns timestamptz
language sql stable set search_path = '' as $$
  select coalesce(min(t) filter (where (t at time zone time_zone)::date = day), max(t))
  from (select day::timestamp at time zone time_zone as midnight) as its,
    unnest(array[midnight, midnight - interval '30 minutes', midnight - interval '1 hour']) as t
$$;
comment on function private.start_of(date, text) is 'The first moment of a day in a time zone.';

create function private.time_zone() returns text language sql stable set search_path = '' as $$
  select time_zone from public.board_settings
$$;
comment on function private.time_zone() is 'The office''s time zone.';

-- How a call came out for the customer: null while that is open. A call that was taken, lost and rang again until the
-- customer gave up was not answered in the end.
create function private.outcome_of(status text, answered_at timestamptz, end_reason text) returns text
language sql immutable set search_path = '' as $$
  select case
    when answered_at is not null then 'answered'
    when status <> 'ended' then null
    when end_reason in ('abandoned', 'missed', 'voicemail') then end_reason
    else 'other'
  end
$$;
comment on function private.outcome_of(text, timestamptz, text) is
  'answered, abandoned, missed, voicemail or other; null while it is open.';

create function private.today() returns date language sql stable set search_path = '' as $$
  select (now() at time zone private.time_zone())::date
$$;
comment on function private.today() is 'The day at the office.';

revoke execute on function
  private.start_of(date, text), private.time_zone(), private.today(), private.outcome_of(text, timestamptz, text)
  from public;
grant execute on function
  private.start_of(date, text), private.time_zone(), private.today(), private.outcome_of(text, timestamptz, text)
  to authenticated, service_role;
