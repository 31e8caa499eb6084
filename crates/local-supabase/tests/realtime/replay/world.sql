-- What the recordings were made against beside golden/schema.sql: rights on the private channel `board`, a table whose
-- trigger broadcasts; and a table of the player's own, whose rows show that everything before them has been told.
create policy "Members may listen to the board" on realtime.messages for select to authenticated
  using (realtime.topic() = 'board' and (select private.me()) is not null);
create policy "Members may speak to the board" on realtime.messages for insert to authenticated
  with check (realtime.topic() = 'board' and (select private.me()) is not null);

create table public.bc_demo (v text, id integer primary key);
create function private.tell_demo() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.broadcast_changes('board', tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
  return null;
end $$;
create trigger tell_demo after insert or update or delete on public.bc_demo
  for each row execute function private.tell_demo();

create table public.marks (id uuid primary key);
alter publication supabase_realtime add table public.marks;
