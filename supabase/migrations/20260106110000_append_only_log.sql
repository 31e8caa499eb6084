-- The log is append-only for everybody, the database's owner included, and nobody's request removes a call.
-- Rights alone did not say so: the service role could delete a call, and the foreign key took its events along.
revoke delete on public.calls from service_role;

-- A line of the log goes with its call and in no other way. The foreign key deletes it after the call is gone.
create function private.keep_the_log() returns trigger language plpgsql set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    perform from public.calls where id = old.call_id;
    if not found then
      return old;
    end if;
  end if;
  raise exception using errcode = 'insufficient_privilege', message = 'The log of calls is append-only';
end
$$;
revoke execute on function private.keep_the_log() from public;

create trigger the_log_is_append_only before update or delete on public.call_events
  for each row execute function private.keep_the_log();
create trigger the_log_is_never_emptied before truncate on public.call_events
  for each statement execute function private.keep_the_log();
