-- What the history is searched and sorted by, of each ended call. People look for whatever they remember: some digits of
-- the number, a name, a word of the note. Trigrams find any part of a text by an index. A table of its own, because in
-- `calls` it would be part of every change that every board receives.
create extension if not exists pg_trgm with schema extensions;

-- As one types it: small letters, no accents.
create function private.plain(written text) returns text language plpgsql immutable set search_path = '' as $$
begin
  return lower(translate(
    written,
    'ÁÀÂÄÃÅáàâäãåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÖÕØóòôöõøÚÙÛÜúùûüÝýÿÑñÇç',
    'AAAAAAaaaaaaEEEEeeeeIIIIiiiiOOOOOOooooooUUUUuuuuYyyNnCc'
  ));
end
$$;
comment on function private.plain(text) is 'A text without accents, in small letters.';

-- A line each: the customer's number, the names it had, the note, what came of it, and everybody whose call it was.
create function private.words_of(call public.calls) returns text language plpgsql stable set search_path = '' as $$
declare
  its_number text := case call.direction when 'outbound' then call.to_number else call.from_number end;
begin
  return private.plain(concat_ws(
    E'\n', its_number, call.caller_name, (select concat_ws(E'\n', name, company) from public.contacts where number = its_number),
    call.note, call.disposition,
    (
      select string_agg(distinct m.display_name, E'\n')
      from public.call_events e join public.voip_users m on m.id = e.assigned_to where e.call_id = call.id
    )
  ));
end
$$;

create table private.ended_calls (
  call_id uuid primary key references public.calls (id) on delete cascade,
  created_at timestamptz not null,
  number text not null,
  words text not null,
  waited_s integer not null,
  talked_s integer not null
);
comment on table private.ended_calls is 'What the history is searched and sorted by, of each ended call.';
create index ended_calls_by_words on private.ended_calls using gin (words extensions.gin_trgm_ops);
create index ended_calls_by_number on private.ended_calls (number);
create index ended_calls_by_time on private.ended_calls (created_at desc, call_id desc);
create index ended_calls_by_wait on private.ended_calls (waited_s desc, call_id desc);
create index ended_calls_by_talk on private.ended_calls (talked_s desc, call_id desc);
alter table private.ended_calls enable row level security;
grant select on private.ended_calls to authenticated, service_role;
create policy "Members search ended calls" on private.ended_calls for select to authenticated
  using ((select private.is_member()));

create function private.keep_for_history(call public.calls) returns void
language sql set search_path = '' as $$
  insert into private.ended_calls as kept (call_id, created_at, number, words, waited_s, talked_s)
  select
    call.id, call.created_at, case call.direction when 'outbound' then call.to_number else call.from_number end,
    private.words_of(call), coalesce(t.waited_s, 0), coalesce(t.talked_s, 0)
  from private.tally_of(call.id) t
  on conflict (call_id) do update set words = excluded.words
$$;
create function private.keep_ended_call() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.keep_for_history(new);
  return null;
end
$$;
-- Runs after the change was recorded (triggers run by name), since it reads the log.
create trigger the_history_keeps_ended_calls after update on public.calls
  for each row when (
    new.status = 'ended' and (old.status, old.note, old.disposition, old.caller_name)
      is distinct from (new.status, new.note, new.disposition, new.caller_name)
  )
  execute function private.keep_ended_call();

select private.keep_for_history(c) from public.calls c where c.status = 'ended';

-- Ended calls as they are kept; and the live ones, which are few and change all the time, as they are.
create view private.searchable_calls with (security_invoker = true) as
  select call_id, created_at, number, words, waited_s, talked_s from private.ended_calls
  union all
  select
    c.id, c.created_at, case c.direction when 'outbound' then c.to_number else c.from_number end, private.words_of(c),
    null, null
  from public.calls c where c.status in ('ringing', 'active', 'parked');
comment on view private.searchable_calls is 'What the history is searched by, of each call.';

revoke execute on function
  private.plain(text), private.words_of(public.calls), private.keep_for_history(public.calls), private.keep_ended_call()
  from public;
