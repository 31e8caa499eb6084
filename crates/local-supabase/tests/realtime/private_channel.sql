-- What the recordings' schema lacks: who may listen and speak on the private channel `board`, and a sender.
create policy "Members may listen to the board" on realtime.messages for select to authenticated
  using (realtime.topic() = 'board' and (select private.me()) is not null);
create policy "Supervisors may speak to the board" on realtime.messages for insert to authenticated
  with check (realtime.topic() = 'board' and (select private.is_supervisor()));

create function private.tell_board() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.send(
    jsonb_build_object('table', tg_table_name, 'type', tg_op, 'version', new.version, 'record', to_jsonb(new)),
    'change', 'board', true
  );
  return null;
end $$;
create trigger tell_board after insert or update on public.calls
  for each row execute function private.tell_board();

-- A second table without policies, and one whose columns are not all for everybody.
create table public.notices (id bigint primary key, text text, secret text);
grant select (id, text) on public.notices to authenticated;
revoke select on public.notices from anon, authenticated;
grant select (id, text) on public.notices to authenticated;
alter publication supabase_realtime add table public.notices;
