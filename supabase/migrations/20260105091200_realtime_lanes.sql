-- The two lanes that bring changes to the boards. Both are hints; a snapshot is the truth.

-- Lane one: postgres_changes. Calls only, since each table more costs every board a share of one message budget;
-- members' changes come by the fast lane and with every snapshot.
alter publication supabase_realtime add table public.calls;

-- Lane two: broadcasts of the database's own triggers on the private channel `board`.
-- Members listen. There is no policy to insert, so no browser can speak: a forged change would be shown until the next
-- snapshot, and nothing that a board has to say is not said better by a row.
create policy "Members listen to the board" on realtime.messages for select to authenticated
  using (
    extension = 'broadcast'
    and (select realtime.topic()) = 'board'
    and (select private.is_member())
  );
