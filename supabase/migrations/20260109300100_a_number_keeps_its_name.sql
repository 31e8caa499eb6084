-- A number that calls, or is called, without a name has the one that it had last: whoever calls back somebody whom the
-- telephone network named sees that name, and a contact's name still goes before it. Only a whole number is somebody:
-- all who withhold theirs have the same word in its place.
create or replace function private.name_caller() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  customer text := private.customer_of(new);
  known record;
begin
  if tg_op = 'INSERT' then
    perform private.lock_names(and_write => false);
    new.caller_company := null;
  end if;
  select name, nullif(btrim(company), '') as company into known from public.contacts where number = customer;
  if found and (known.name, known.company) is distinct from (new.caller_name, new.caller_company) then
    new.caller_name := known.name;
    new.caller_company := known.company;
    if tg_op = 'UPDATE' then
      new.version := nextval('public.board_version');
    end if;
  elsif tg_op = 'INSERT' and new.caller_name is null and customer ~ '^\+[1-9]' then
    -- Not further back than a few calls: one that never had a name costs the next one little.
    select last.caller_name into new.caller_name
    from (
      select c.caller_name, c.created_at from public.calls c
      where case c.direction when 'outbound' then c.to_number else c.from_number end = customer
      order by c.created_at desc limit 10
    ) as last
    where last.caller_name is not null
    order by last.created_at desc limit 1;
  end if;
  return new;
end
$$;
