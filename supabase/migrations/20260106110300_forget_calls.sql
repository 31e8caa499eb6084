-- Retention: ended calls that are old enough go, with their events, a bounded number at a time.
-- Run by the database's owner, by hand or by pg_cron (`supabase/README.md`); no API role reaches it.
create index calls_by_end on public.calls (ended_at) where status = 'ended';

-- Returns how many calls went: 0 when there is nothing left to forget. Live calls never go, however old they are, nor
-- one that somebody is writing a note to at this moment; the next run meets it.
create function private.forget_calls(older_than interval, at_most integer default 500) returns integer
language plpgsql set search_path = '' as $$
declare
  horizon timestamptz := now() - older_than;
  forgotten integer;
begin
  if (older_than >= interval '1 day' and at_most between 1 and 10000) is not true then
    raise exception sqlstate 'PT400' using
      message = 'Calls are forgotten after a day at the earliest, 1 to 10000 at a time', hint = 'out_of_range';
  end if;
  delete from public.calls where id in (
    select id from public.calls where status = 'ended' and ended_at < horizon
    order by ended_at limit at_most for update skip locked
  );
  get diagnostics forgotten = row_count;
  if forgotten > 0 then
    -- Events are stamped a moment after the row: `private.calls_around` looks back as far.
    update private.retention set complete_since = greatest(complete_since, horizon + interval '1 minute');
  end if;
  return forgotten;
end
$$;
comment on function private.forget_calls(interval, integer) is
  'Deletes up to at_most calls that ended longer ago, with their events; the owner of the database only.';
revoke execute on function private.forget_calls(interval, integer) from public;

-- A deleted call was off every board long before. Realtime would tell each deletion to every board all the same, and
-- a night's worth of them would use up the budget in which the calls of that minute travel. Nothing else of ours is
-- ever deleted, so deletions are not published at all.
alter publication supabase_realtime set (publish = 'insert, update');
