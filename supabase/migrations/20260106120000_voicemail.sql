-- A caller whom nobody answers may leave a message. While that is recorded the call rings on: the card stays on every
-- board, says so, and can still be answered; the recording is found in the row afterwards.
alter table public.calls
  add column voicemail_at timestamptz,
  add column recording_sid text,
  add column recording_s integer,
  add constraint only_a_ringing_call_is_being_recorded check (voicemail_at is null or status = 'ringing'),
  add constraint a_recording_is_named_as_twilio_does check (recording_sid ~ '^RE[0-9A-Za-z]{1,62}$'),
  add constraint a_recording_lasts_0_to_86400_seconds check (recording_s between 0 and 86400);
comment on column public.calls.voicemail_at is 'Since when the caller leaves a message; only while it rings.';
comment on column public.calls.recording_sid is 'Twilio''s id of the message that the caller left.';
comment on column public.calls.recording_s is 'How long that message is, in seconds.';

alter table public.call_events drop constraint call_events_kind_check;
alter table public.call_events add constraint call_events_kind_check check (
  kind in (
    'created', 'answered', 'retrieved', 'transferred', 'connected', 'held', 'resumed', 'parked', 'moved', 'requeued',
    'ended', 'noted', 'corrected', 'voicemail', 'recorded'
  )
);

create or replace function private.kind_of_change(was public.calls, "is" public.calls) returns text
language sql immutable set search_path = '' as $$
  select case
    when was.status <> "is".status then
      case "is".status
        when 'ringing' then 'requeued'
        when 'active' then case was.status when 'parked' then 'retrieved' else 'answered' end
        else "is".status
      end
    when was.assigned_to <> "is".assigned_to then 'transferred'
    when was.on_hold <> "is".on_hold then case when "is".on_hold then 'held' else 'resumed' end
    when was.parking_slot <> "is".parking_slot then 'moved'
    when was.connected_at is distinct from "is".connected_at then 'connected'
    when was.voicemail_at is distinct from "is".voicemail_at then 'voicemail'
    when (was.recording_sid, was.recording_s) is distinct from ("is".recording_sid, "is".recording_s) then 'recorded'
    when (was.note, was.disposition) is distinct from ("is".note, "is".disposition) then 'noted'
    else 'corrected'
  end
$$;

-- What the service alone may write into any state of a call, and what becomes of a message that is being left.
create function private.keep_message(was public.calls, "is" public.calls, asked public.calls, actor private.actor)
returns public.calls language plpgsql set search_path = '' as $$
begin
  if actor.service then
    "is".caller_name := asked.caller_name;
    "is".recording_sid := asked.recording_sid;
    "is".recording_s := asked.recording_s;
  end if;
  if "is".status <> 'ringing' then
    "is".voicemail_at := null;
    -- No dial is running that an answer could happen in.
    if was.voicemail_at is not null and "is".status = 'active' then
      "is".epoch := was.epoch + 1;
    end if;
  elsif actor.service and was.status = 'ringing' and was.voicemail_at is null and asked.voicemail_at is not null then
    "is".voicemail_at := clock_timestamp();
    "is".epoch := was.epoch + 1;
  end if;
  return "is";
end
$$;
revoke execute on function private.keep_message(public.calls, public.calls, public.calls, private.actor) from public;

create or replace function private.referee_call() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  actor private.actor := private.current_actor();
  asked public.calls := new;
begin
  new := private.next_state(old, asked, actor);
  if (asked.note, asked.disposition) is distinct from (old.note, old.disposition) then
    if not actor.leads and actor.id is distinct from new.assigned_to and actor.id is distinct from new.last_agent then
      perform private.refuse(
        'not_yours', format('The notes are for %s to write', private.name_of(new.last_agent)), new.last_agent
      );
    end if;
    new.note := asked.note;
    new.disposition := asked.disposition;
  end if;
  new := private.keep_message(old, new, asked, actor);
  -- Asking for what already is changes nothing: same version, no event, no message.
  if new is distinct from old then
    new.version := nextval('public.board_version');
  end if;
  return new;
end
$$;
