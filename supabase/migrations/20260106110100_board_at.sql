-- The board as it was at any past moment, rebuilt from the log alone.
--
-- A change counts from `call_events.at`, when the database made it. Its transaction commits a little later, and only
-- then could anybody see it; so the board at a moment is what a reader saw then, plus what was being committed.
-- It never shows an effect without its cause: who waits for a row, a member or the parking lot goes on after the
-- commit and is stamped after it. No agent ever has two calls on it and no slot either.
-- A call is what its newest change until the moment left: should the clock be set back, versions keep the order.

-- Since when the log is whole: what `private.forget_calls` took away cannot be rebuilt.
create table private.retention (
  id boolean primary key default true constraint there_is_one_log check (id),
  complete_since timestamptz not null default '-infinity'
);
comment on table private.retention is 'How far the log of calls goes back: one row.';
insert into private.retention default values;
alter table private.retention enable row level security;
grant select on private.retention to authenticated, service_role;
create policy "Members see how far the log goes back" on private.retention for select to authenticated
  using ((select private.is_member()));

-- Which calls were there at a moment must not depend on how many there have ever been: that is a question to an index
-- of lifetimes. A clock that was set back during a call makes it endless here, which costs a look and no truth.
create index calls_by_lifetime on public.calls
  using gist (tstzrange(created_at, case when ended_at >= created_at then ended_at end, '[]'));

-- Calls that may have been on the board: their row's own times are stamped up to a minute before their events.
-- It runs as its owner, because under a policy PostgreSQL asks no index with an operator that is not leakproof.
create function private.calls_around(moment timestamptz) returns setof uuid
language sql stable security definer rows 50 set search_path = '' as $$
  select id from public.calls
  where (select private.is_member() or private.is_service())
    and tstzrange(created_at, case when ended_at >= created_at then ended_at end, '[]')
      && tstzrange(moment - interval '1 minute', moment, '[]')
$$;
revoke execute on function private.calls_around(timestamptz) from public;
grant execute on function private.calls_around(timestamptz) to authenticated, service_role;

create function public.board_at(moment timestamptz) returns setof public.calls
language plpgsql stable rows 50 set search_path = '' as $$
declare
  since timestamptz := (select complete_since from private.retention);
begin
  if moment is null then
    raise exception sqlstate 'PT400' using message = 'Of which moment?', hint = 'no_moment';
  elsif moment < since then
    raise exception sqlstate 'PT410' using
      message = 'Calls of that time have been forgotten', hint = 'forgotten',
      detail = jsonb_build_object('since', since)::text;
  end if;
  return query
    select was.*
    from private.calls_around(moment) as around (call)
    cross join lateral (
      select max(e.version) as version from public.call_events e where e.call_id = around.call and e.at <= moment
    ) as newest
    cross join lateral (
      -- Of one key's values the last one stays.
      select jsonb_object_agg(changed.key, changed.value order by e.version) as record
      from public.call_events e cross join lateral jsonb_each(e.detail) as changed
      where e.call_id = around.call and e.version <= newest.version
    ) as laid_over
    cross join lateral jsonb_populate_record(null::public.calls, laid_over.record) as was
    where was.status <> 'ended'
    order by was.created_at, was.id;
end
$$;
comment on function public.board_at(timestamptz) is
  'Every call that was live at that moment, as it was; 410 with hint `forgotten` for a moment before the log begins.';
revoke execute on function public.board_at(timestamptz) from public;
grant execute on function public.board_at(timestamptz) to authenticated, service_role;
