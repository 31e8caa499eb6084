-- The settings are on the board too: a lot of eight slots where there are twelve is a board that differs. Their row has
-- no uuid, so it goes into the sum under a fixed one, the lowest that is not zero (zero would sum up to nothing).
create or replace function public.board_checksum() returns table (version bigint, calls bigint, checksum bigint)
language sql stable rows 1 set search_path = '' as $$
  with shown as (
    select c.id, c.version, 1 as calls from public.calls c where c.status in ('ringing', 'active', 'parked')
    union all
    select m.id, m.version, 0 from public.voip_users m where m.retired_at is null
    union all
    select '00000000-0000-0000-0000-000000000001', s.version, 0 from public.board_settings s
  ),
  halves as (
    select
      s.version, s.calls,
      ('x' || left(replace(s.id::text, '-', ''), 16))::bit(64)::bigint % 2147483647 as high,
      ('x' || right(replace(s.id::text, '-', ''), 16))::bit(64)::bigint % 2147483647 as low
    from shown s
  )
  select
    coalesce(max(h.version), 0),
    coalesce(sum(h.calls), 0)::bigint,
    -- Remainders take the sign of what is divided; the last step makes it positive.
    (coalesce(sum((h.high * 16807 + h.low) % 2147483647 * (h.version % 2147483647 + 1) % 2147483647), 0)::bigint
      % 2147483647 + 2147483647) % 2147483647
  from halves h
$$;
comment on function public.board_checksum() is
  'The highest version on the board, how many calls are live, and a checksum over every live call, member and the settings.';
