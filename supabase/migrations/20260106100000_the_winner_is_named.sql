-- Who comes too late is told who was first, also when the winner has handed the call on since: the answer and the
-- transfer may be milliseconds apart, and then the sentence named somebody who had answered nothing.
-- The log knows: the last line that took the call out of the queue or the parking lot tells by whom it was taken.
-- `by`, `by_id` and `at` in the details are that one's; the sentence also says who has the call now.
create or replace function private.tell_who_was_first(call public.calls) returns void
language plpgsql set search_path = '' as $$
declare
  won public.call_events;
begin
  select * into won from public.call_events
  where call_id = call.id and kind in ('answered', 'retrieved')
  order by id desc limit 1;
  perform private.refuse(
    'already_answered',
    format(
      case won.kind when 'retrieved' then '%s took this call %s earlier' else '%s answered this call %s earlier' end,
      private.name_of(won.assigned_to), private.in_words(clock_timestamp() - won.at)
    ) || case
      when won.assigned_to <> call.assigned_to then format(', and %s has it now', private.name_of(call.assigned_to))
      else ''
    end,
    won.assigned_to, won.at
  );
end
$$;
