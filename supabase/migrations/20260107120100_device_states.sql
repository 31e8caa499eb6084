-- A browser says one of five things of its device, and boards show each in words of their own. Anything else is a mistake,
-- and is told at once instead of being a light that nobody can read. What older pages may have left counts as off; one
-- member a statement, as everywhere.
do $$
declare
  member uuid;
begin
  for member in
    select id from public.voip_users
    where device_state not in ('off', 'connecting', 'ready', 'no_microphone', 'unreachable')
    order by id
  loop
    update public.voip_users set device_state = 'off' where id = member;
  end loop;
end
$$;
alter table public.voip_users add constraint a_device_state_is_one_of_five
  check (device_state in ('off', 'connecting', 'ready', 'no_microphone', 'unreachable'));
