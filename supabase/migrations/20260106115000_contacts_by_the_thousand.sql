-- Contacts also come by the thousand, from somebody's address book. A lock and a search of the calls for each of them
-- filled the server's table of locks, which every request needs, so that calls could not begin meanwhile. Now a
-- statement takes one lock and looks at the live calls once.
--
-- Its place in the order of locks is before all others: a call that begins takes it, shared, before anything else, and
-- whoever writes contacts holds nothing then that a call could want.
create function private.lock_names(and_write boolean) returns void language plpgsql set search_path = '' as $$
declare
  key bigint := hashtextextended('switchboard.names', 0);
begin
  if and_write then
    perform pg_advisory_xact_lock(key);
  else
    perform pg_advisory_xact_lock_shared(key);
  end if;
end
$$;
revoke execute on function private.lock_names(boolean) from public;

create or replace function private.name_caller() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  known text;
begin
  if tg_op = 'INSERT' then
    perform private.lock_names(and_write => false);
  end if;
  select name into known from public.contacts where number = private.customer_of(new);
  if known is not null and known is distinct from new.caller_name then
    new.caller_name := known;
    if tg_op = 'UPDATE' then
      new.version := nextval('public.board_version');
    end if;
  end if;
  return new;
end
$$;

-- Contacts that are new or have a new name: their live calls are written, each by a statement of its own (one version,
-- one event, one message a call), in order of id. Ended calls keep the name that people saw, also one that ends just
-- now: the update waits for that end and then leaves the call alone.
create or replace function private.name_live_calls() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  call_id uuid;
  known text;
begin
  if tg_op = 'UPDATE' then
    perform number, name from written except select number, name from was;
    if not found then
      return null;
    end if;
  end if;
  perform private.lock_names(and_write => true);
  for call_id, known in
    select c.id, w.name from public.calls c join written w on w.number = private.customer_of(c)
    where c.status in ('ringing', 'active', 'parked') and c.caller_name is distinct from w.name
    order by c.id
  loop
    update public.calls set caller_name = known where id = call_id and status <> 'ended';
  end loop;
  return null;
end
$$;
drop trigger live_calls_show_a_new_contact on public.contacts;
drop trigger live_calls_show_a_new_name on public.contacts;
create trigger live_calls_show_a_new_contact after insert on public.contacts
  referencing new table as written
  for each statement execute function private.name_live_calls();
create trigger live_calls_show_a_new_name after update on public.contacts
  referencing old table as was new table as written
  for each statement execute function private.name_live_calls();
drop function private.contact_lock(text);

-- People correct one contact at a time: one request of one agent could rename everybody, and with that every live call
-- on every board. The service may import what it likes.
create trigger one_contact_per_statement after update on public.contacts
  referencing new table as changed
  for each statement when (current_setting('role') = 'authenticated')
  execute function private.refuse_mass_action('contact');
