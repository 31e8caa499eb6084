-- Whoever answers wants to know for whom the caller speaks before the first word: a ringing call shows the company that
-- the team has written down, as it shows the name, on every board and as soon as somebody writes it.
alter table public.calls add column caller_company text
  constraint a_caller_company_has_1_to_200_characters check (char_length(caller_company) between 1 and 200);
comment on column public.calls.caller_company is 'The customer''s company, from contacts and nowhere else.';

-- What the team calls a customer. Nobody else is asked for a company.
create or replace function private.name_caller() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  known record;
begin
  if tg_op = 'INSERT' then
    perform private.lock_names(and_write => false);
    new.caller_company := null;
  end if;
  select name, nullif(btrim(company), '') as company into known
    from public.contacts where number = private.customer_of(new);
  if found and (known.name, known.company) is distinct from (new.caller_name, new.caller_company) then
    new.caller_name := known.name;
    new.caller_company := known.company;
    if tg_op = 'UPDATE' then
      new.version := nextval('public.board_version');
    end if;
  end if;
  return new;
end
$$;

-- Contacts that are new or have a new name or company: see the migration about contacts by the thousand. The name is
-- written here, which the trigger above lets the company follow.
create or replace function private.name_live_calls() returns trigger language plpgsql security definer
set search_path = '' as $$
declare
  call_id uuid;
  known text;
begin
  if tg_op = 'UPDATE' then
    perform number, name, company from written except select number, name, company from was;
    if not found then
      return null;
    end if;
  end if;
  perform private.lock_names(and_write => true);
  for call_id, known in
    select c.id, w.name from public.calls c join written w on w.number = private.customer_of(c)
    where c.status in ('ringing', 'active', 'parked')
      and (c.caller_name, c.caller_company) is distinct from (w.name, nullif(btrim(w.company), ''))
    order by c.id
  loop
    update public.calls set caller_name = known where id = call_id and status <> 'ended';
  end loop;
  return null;
end
$$;
