-- A call changes hands with a word: who finds a call in the lot, is handed one, or loses one is told by whom. The log
-- knows it; a board shows the row alone.
alter table public.calls add column moved_by uuid references public.voip_users (id);
comment on column public.calls.moved_by is
  'The member who brought the call where it is: took it, parked it, handed it on or ended it. Null if the service did, or the caller.';
create index calls_by_mover on public.calls (moved_by);

create or replace function private.begin_call() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  is_placed boolean := new.direction = 'outbound' and new.status = 'active';
begin
  if not is_placed and new.status is distinct from 'ringing' then
    perform private.refuse('wrong_state', 'A call begins ringing');
  end if;
  new.id := coalesce(new.id, gen_random_uuid());
  if is_placed then
    new.last_agent := new.assigned_to;
  else
    new.assigned_to := null;
    new.last_agent := null;
  end if;
  new.from_number := left(new.from_number, 256);
  new.to_number := left(new.to_number, 256);
  new.caller_name := coalesce(
    nullif(left(btrim(new.caller_name), 200), ''),
    (select name from public.contacts
     where number = case new.direction when 'outbound' then new.to_number else new.from_number end)
  );
  new.on_hold := false;
  new.parking_slot := null;
  new.park_reason := null;
  new.end_reason := null;
  new.epoch := 0;
  new.created_at := clock_timestamp();
  new.answered_at := null;
  new.connected_at := null;
  new.parked_at := null;
  new.held_at := null;
  new.ended_at := null;
  new.version := nextval('public.board_version');
  new.moved_by := null;
  new.note := null;
  new.disposition := null;
  new.voicemail_at := null;
  new.recording_sid := null;
  new.recording_s := null;
  return new;
end
$$;

create or replace function private.referee_call() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  actor private.actor := private.current_actor();
  asked public.calls := new;
begin
  new := private.next_state(old, asked, actor);
  if (new.status, new.assigned_to) is distinct from (old.status, old.assigned_to) then
    new.moved_by := actor.id;
  end if;
  if (asked.note, asked.disposition) is distinct from (old.note, old.disposition) then
    if private.may_note(new, actor) is not true then
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
