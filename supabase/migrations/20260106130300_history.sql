-- The history of calls: found by words and filters, sorted, and read page by page. The next page begins after the last
-- row of this one (its sort_value and id), so no call is skipped or shown twice while new ones come in.

-- One call as a list shows it.
create type public.listed_call as (
  id uuid, direction text, status text, end_reason text, number text, name text, company text, created_at timestamptz,
  answered_at timestamptz, ended_at timestamptz, waited_s integer, talked_s integer, agents uuid[], agent_names text[],
  note text, disposition text, is_missed boolean, called_back_at timestamptz, called_back_by text,
  has_recording boolean, version bigint, sort_value bigint
);
comment on type public.listed_call is 'One call as the history shows it.';
comment on column public.listed_call.number is 'The customer''s number.';
comment on column public.listed_call.name is 'What the team calls the customer today; otherwise the name that came with the call.';
comment on column public.listed_call.company is 'Whom the customer calls for, if they are a contact.';
comment on column public.listed_call.answered_at is 'When it was answered first.';
comment on column public.listed_call.waited_s is 'Seconds until the first answer, or until the end if nobody answered.';
comment on column public.listed_call.talked_s is 'Seconds that somebody talked to the customer, without music on hold and parking.';
comment on column public.listed_call.agents is 'Everybody whose call it was, in that order.';
comment on column public.listed_call.agent_names is 'Their names.';
comment on column public.listed_call.is_missed is 'A customer called and nobody answered; the same for the whole team.';
comment on column public.listed_call.called_back_at is
  'Of a missed call, when somebody called that number, or answered it when it called again.';
comment on column public.listed_call.called_back_by is 'Who did.';
comment on column public.listed_call.has_recording is 'Whether there is a message to listen to.';
comment on column public.listed_call.sort_value is
  'What the list is sorted by: microseconds since 1970, or seconds waited or talked. With id, where the next page begins.';

-- The first later call with a customer that somebody had: who called them, or whom they reached.
create function private.call_back_of(customer text, since timestamptz) returns table (at timestamptz, by_name text)
language plpgsql stable rows 1 set search_path = '' as $$
begin
  return query
  select
    case c.direction when 'outbound' then c.created_at else c.answered_at end,
    (
      select m.display_name from public.call_events e join public.voip_users m on m.id = e.assigned_to
      where e.call_id = c.id order by e.id limit 1
    )
  from public.calls c
  where case c.direction when 'outbound' then c.to_number else c.from_number end = customer
    and c.created_at > since and (c.direction = 'outbound' or c.answered_at is not null)
  order by c.created_at
  limit 1;
end
$$;

create function private.list_call(c public.calls, sort_value bigint) returns setof public.listed_call
language plpgsql stable rows 1 set search_path = '' as $$
begin
  return query
  select
    c.id, c.direction, c.status, c.end_reason, its.number, coalesce(k.name, c.caller_name), k.company, c.created_at,
    t.first_answered_at, c.ended_at, t.waited_s, t.talked_s, t.agents,
    array(
      select m.display_name from unnest(t.agents) with ordinality as a (id, n)
      join public.voip_users m on m.id = a.id order by a.n
    ),
    c.note, c.disposition, its.missed, back.at, back.by_name,
    c.recording_sid is not null, c.version, sort_value
  from (
    select
      case c.direction when 'outbound' then c.to_number else c.from_number end as number,
      coalesce(
        c.direction = 'inbound'
          and private.outcome_of(c.status, c.answered_at, c.end_reason) in ('abandoned', 'missed', 'voicemail'),
        false
      ) as missed
  ) as its
  cross join lateral private.tally_of(c.id) as t
  left join public.contacts k on k.number = its.number
  left join lateral private.call_back_of(its.number, c.created_at) as back on its.missed;
end
$$;
comment on function private.list_call(public.calls, bigint) is 'A call as the history shows it.';

create function public.earlier_calls(
  number text, before timestamptz default 'infinity', page_size integer default 10
) returns setof public.listed_call language sql stable rows 10 set search_path = '' as $$
  select listed.*
  from (
    select c.* from public.calls c
    where case c.direction when 'outbound' then c.to_number else c.from_number end = earlier_calls.number
      and c.created_at < before
    order by c.created_at desc
    limit least(greatest(page_size, 1), 100)
  ) as c
  cross join lateral private.list_call(
    (select whole from public.calls whole where whole.id = c.id), (extract(epoch from c.created_at) * 1000000)::bigint
  ) as listed
  order by c.created_at desc
$$;
comment on function public.earlier_calls(text, timestamptz, integer) is
  'Calls with that number that began before a moment, the newest first; 10 unless told, 100 at most.';

revoke execute on function
  private.call_back_of(text, timestamptz), private.list_call(public.calls, bigint),
  public.earlier_calls(text, timestamptz, integer)
  from public;
grant execute on function
  private.call_back_of(text, timestamptz), private.list_call(public.calls, bigint),
  public.earlier_calls(text, timestamptz, integer)
  to authenticated, service_role;
