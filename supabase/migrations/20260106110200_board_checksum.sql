-- What a board should show, in three numbers: the highest version, how many calls are live, and a sum over the id and
-- version of every live call and member. A dashboard compares it with its own (`crates/model`, `checksum.rs`) and
-- so finds out within seconds that Realtime lost a change, which Realtime does without a word.
--
-- Everything is arithmetic modulo the prime 2^31 - 1, so that no product leaves 64 bits in SQL or in the browser.
-- Rows are added up, so their order does not matter. Id and version are multiplied: a plain sum would not see two
-- rows change places.
create function public.board_checksum() returns table (version bigint, calls bigint, checksum bigint)
language sql stable rows 1 set search_path = '' as $$
  with shown as (
    select c.id, c.version, 1 as calls from public.calls c where c.status in ('ringing', 'active', 'parked')
    union all
    select m.id, m.version, 0 from public.voip_users m where m.retired_at is null
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
  'The highest version on the board, how many calls are live, and a checksum over every live call and member.';
revoke execute on function public.board_checksum() from public;
grant execute on function public.board_checksum() to authenticated, service_role;
