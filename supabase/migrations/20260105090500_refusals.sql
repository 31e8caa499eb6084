-- How the referee says no: a sentence for the person, a code for the program, and what is known about who was first.
-- SQLSTATE PT409 makes PostgREST answer 409 Conflict, with these three as message, hint and details.
-- Losing a race is an ordinary answer here, so the sentence names the winner.
create function private.refuse(code text, sentence text, by_id uuid default null, since timestamptz default null)
returns void language plpgsql set search_path = '' as $$
declare
  name text := (select display_name from public.voip_users where id = by_id);
begin
  raise exception sqlstate 'PT409' using
    message = sentence,
    hint = code,
    detail = jsonb_strip_nulls(jsonb_build_object('by', name, 'by_id', by_id, 'at', since))::text;
end
$$;
comment on function private.refuse(text, text, uuid, timestamptz) is
  'Refuses with 409. code is one of: wrong_state, already_answered, already_ended, on_another_call, not_yours, colleague_busy, no_such_colleague, slot_taken, slot_out_of_range, lot_full, service_only.';

create function private.name_of(member uuid) returns text language sql stable set search_path = '' as $$
  select coalesce((select display_name from public.voip_users where id = member), 'Somebody')
$$;

-- A time span as a person would say it: "140 ms", "3.2 s", "4 min", "2 h".
create function private.in_words(span interval) returns text language sql immutable set search_path = '' as $$
  select case
    when s < 1 then greatest(round(s * 1000), 0) || ' ms'
    when s < 60 then round(s, 1) || ' s'
    when s < 3600 then floor(s / 60) || ' min'
    else floor(s / 3600) || ' h'
  end
  from (select extract(epoch from span)::numeric as s) as seconds
$$;

-- Who asks for a change, found out once per row.
create type private.actor as (
  -- The member; null for the service.
  id uuid,
  -- Whether this one may act on other people's calls: a supervisor, or the service.
  leads boolean,
  service boolean
);

create function private.current_actor() returns private.actor language sql stable set search_path = '' as $$
  select private.me(), private.is_service() or private.is_supervisor(), private.is_service()
$$;

-- Refuses somebody who came too late for a call that is active now. The log knows how its agent came by it: a call that
-- was answered by one and transferred to another was not answered by the other.
create function private.tell_who_was_first(call public.calls) returns void language plpgsql set search_path = '' as $$
declare
  won public.call_events;
begin
  select * into won from public.call_events
  where call_id = call.id and kind in ('answered', 'retrieved', 'transferred')
  order by id desc limit 1;
  perform private.refuse(
    'already_answered',
    format(
      case won.kind
        when 'answered' then '%s answered this call %s earlier'
        when 'retrieved' then '%s took this call %s earlier'
        else '%s was given this call %s earlier'
      end,
      private.name_of(call.assigned_to), private.in_words(clock_timestamp() - won.at)
    ),
    call.assigned_to, won.at
  );
end
$$;

-- Refuses whoever may not act on an active call.
create function private.must_own(call public.calls, actor private.actor) returns void
language plpgsql set search_path = '' as $$
begin
  if not actor.leads and call.assigned_to is distinct from actor.id then
    perform private.refuse(
      'not_yours', format('This is %s''s call', private.name_of(call.assigned_to)), call.assigned_to
    );
  end if;
end
$$;

revoke execute on function
  private.refuse(text, text, uuid, timestamptz), private.name_of(uuid), private.in_words(interval),
  private.current_actor(), private.tell_who_was_first(public.calls), private.must_own(public.calls, private.actor)
  from public;
