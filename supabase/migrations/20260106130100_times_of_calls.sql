-- How long a call waited and how long it was talked to, told from its log: the row keeps only its last answer, and a
-- call may ring again, be parked and be held.

-- Calls in spans, one from each line of its log to the next: whose it was, and whether somebody talked to the customer.
-- They do when an agent has it, not on hold, and it is answered: an inbound call by an agent, an outbound one by its
-- customer. In PL/pgSQL, as what uses it: asked for each call of a list, such functions keep their plans.
create function private.spans_of(calls uuid[]) returns table (
  call_id uuid, line bigint, kind text, direction text, status text, member_id uuid, since timestamptz, until timestamptz,
  is_answered boolean, is_talk boolean
) language plpgsql stable rows 100 set search_path = '' as $$
begin
  return query
  with lines as (
    select
      e.call_id as its_call, e.id, e.kind, e.to_status, e.assigned_to, e.at,
      first_value(e.detail ->> 'direction') over in_order as direction,
      -- Every line that puts a call on hold or takes it off names the column.
      max(e.id) filter (where e.detail -> 'on_hold' = 'true') over in_order as held_by,
      max(e.id) filter (where e.detail -> 'on_hold' = 'false') over in_order as resumed_by,
      lead(e.at) over in_order as next_at
    from public.call_events e
    where e.call_id = any (calls)
    window in_order as (partition by e.call_id order by e.id)
  ),
  answers as (
    select l.*,
      bool_or(case l.direction when 'outbound' then l.kind = 'connected' else l.to_status = 'active' end)
        over (partition by l.its_call order by l.id) as is_answered
    from lines l
  )
  select
    a.its_call, a.id, a.kind, a.direction, a.to_status, a.assigned_to, a.at,
    case when a.to_status = 'ended' then a.at else greatest(a.at, coalesce(a.next_at, clock_timestamp())) end,
    a.is_answered,
    a.is_answered and a.to_status = 'active' and coalesce(a.held_by, 0) < coalesce(a.resumed_by, 0)
  from answers a;
end
$$;
comment on function private.spans_of(uuid[]) is 'Calls, each from each line of its log to the next.';

create function private.tally_of(call uuid)
returns table (first_answered_at timestamptz, waited_s integer, talked_s integer, agents uuid[])
language plpgsql stable rows 1 set search_path = '' as $$
begin
  return query
  with spans as materialized (select * from private.spans_of(array[call])),
  -- By line and not by time: the server's clock may be set back.
  moments as (
    select
      (array_agg(since order by line))[1] as began,
      (array_agg(since order by line) filter (where is_answered))[1] as answered,
      max(until) as over,
      coalesce(sum(until - since) filter (where is_talk), '0') as talked
    from spans
  )
  select
    m.answered,
    floor(extract(epoch from greatest(coalesce(m.answered, m.over) - m.began, '0')))::integer,
    floor(extract(epoch from m.talked))::integer,
    array(select member_id from spans where member_id is not null group by member_id order by min(line))
  from moments m;
end
$$;
comment on function private.tally_of(uuid) is
  'When a call was answered first, seconds waited until then (or until its end), seconds talked, and whose it was.';
revoke execute on function private.spans_of(uuid[]), private.tally_of(uuid) from public;
grant execute on function private.spans_of(uuid[]), private.tally_of(uuid) to authenticated, service_role;
