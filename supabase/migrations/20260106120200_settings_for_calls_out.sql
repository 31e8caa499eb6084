-- Whom agents may call, and as whom. The list is what keeps a stolen password from costing a fortune in calls to
-- expensive numbers: it is empty at first, and then nobody calls out.
create function private.are_prefixes(written text[]) returns boolean language sql immutable set search_path = '' as $$
  select written is not null and cardinality(written) <= 50
    and array_position(written, null) is null
    and not exists (select from unnest(written) as prefix where prefix !~ '^\+[1-9][0-9]{0,13}$')
$$;

alter table public.board_settings
  add column outbound_prefixes text[] not null default '{}',
  add column caller_id text,
  add constraint outbound_prefixes_are_up_to_50_beginnings_of_e164 check (private.are_prefixes(outbound_prefixes)),
  add constraint a_caller_id_is_e164 check (caller_id ~ '^\+[1-9][0-9]{1,14}$');
comment on column public.board_settings.outbound_prefixes is
  'Numbers that agents may call begin with one of these, such as +1 or +4420; none: nobody calls out.';
comment on column public.board_settings.caller_id is
  'Our number, as the called party sees it; null for the one in the service''s settings.';

-- Constraints are checked with the rights of whoever writes the row.
revoke execute on function private.are_prefixes(text[]) from public;
grant execute on function private.are_prefixes(text[]) to authenticated, service_role;
grant update (outbound_prefixes, caller_id) on public.board_settings to authenticated;
