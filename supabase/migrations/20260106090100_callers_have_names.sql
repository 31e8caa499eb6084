-- A caller whom the team knows is called what the team calls them, from the first ring and as soon as somebody writes
-- the name down: the card that waits on every board shows it at once.

-- Numbers are written in many ways and stored in one, E.164. What cannot be read so stays as it is, and as a contact's
-- number is refused by the constraint: a contact that no call can match would be no use.
create function private.e164(written text) returns text language sql immutable set search_path = '' as $$
  select case
    -- Anything long is no number, and not worth reading.
    when char_length(written) > 64 then written
    when plain ~ '^\+[1-9][0-9]{1,14}$' then plain
    when plain ~ '^00[1-9][0-9]{1,14}$' then '+' || substr(plain, 3)
    else written
  end
  from (select regexp_replace(written, '[ ().\-/]', '', 'g') as plain) as read
$$;
comment on function private.e164(text) is 'A number as E.164 if it is written with its country code; otherwise as it was.';

create function private.write_contact_in_e164() returns trigger language plpgsql security definer
set search_path = '' as $$
begin
  new.number := private.e164(new.number);
  return new;
end
$$;
create trigger a_contact_number_is_written_in_e164 before insert or update of number on public.contacts
  for each row execute function private.write_contact_in_e164();

-- The customer's end of a call.
create function private.customer_of(call public.calls) returns text language sql immutable set search_path = '' as $$
  select private.e164(case call.direction when 'outbound' then call.to_number else call.from_number end)
$$;

-- A call that begins while its contact is being written would miss it, and the contact would miss the call. So both
-- take this lock on the number first, and whoever is second reads what the first has committed.
create function private.contact_lock(number text) returns bigint language sql immutable set search_path = '' as $$
  select pg_catalog.hashtextextended('switchboard.contact ' || number, 0)
$$;

-- The team's name for a caller goes before the network's. Runs after the referee (triggers run by name), which lets
-- no person write caller_name: the name is read here and not taken from what was asked.
create function private.name_caller() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  customer text := private.customer_of(new);
  known text;
begin
  if tg_op = 'INSERT' then
    perform pg_advisory_xact_lock_shared(private.contact_lock(customer));
  end if;
  select name into known from public.contacts where number = customer;
  if known is not null and known is distinct from new.caller_name then
    new.caller_name := known;
    if tg_op = 'UPDATE' then
      new.version := nextval('public.board_version');
    end if;
  end if;
  return new;
end
$$;
create trigger known_callers_have_their_name before insert on public.calls
  for each row execute function private.name_caller();
-- Only for the change that a contact makes: see below. Any other change of a call leaves the name alone.
create trigger known_callers_get_their_name before update on public.calls
  for each row when (pg_trigger_depth() > 0) execute function private.name_caller();

-- A contact that is new or has a new name: its live calls are written, each by a statement of its own (one version, one
-- event, one message a call), in order of id. Ended calls keep the name that people saw.
create function private.name_live_calls() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  call_id uuid;
begin
  perform pg_advisory_xact_lock(private.contact_lock(new.number));
  for call_id in
    select c.id from public.calls c
    where c.status in ('ringing', 'active', 'parked') and private.customer_of(c) = new.number
      and c.caller_name is distinct from new.name
    order by c.id
  loop
    update public.calls set caller_name = new.name where id = call_id;
  end loop;
  return null;
end
$$;
create trigger live_calls_show_a_new_contact after insert on public.contacts
  for each row execute function private.name_live_calls();
create trigger live_calls_show_a_new_name after update on public.contacts
  for each row when ((old.number, old.name) is distinct from (new.number, new.name))
  execute function private.name_live_calls();

revoke execute on function
  private.e164(text), private.write_contact_in_e164(), private.customer_of(public.calls),
  private.contact_lock(text), private.name_caller(), private.name_live_calls()
  from public;
