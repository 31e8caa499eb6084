-- The two questions of the history page: a page of calls, and how many there are.

create type private.found_call as (id uuid, sort_value bigint);
comment on type private.found_call is 'A call that fits, and where it stands in the list.';

create function private.find_calls(
  words text, first_day date, last_day date, state text, reason text, way text, agent uuid, only_missed boolean,
  sort text, after_value bigint, after_id uuid, page_size integer
) returns setof private.found_call
language plpgsql stable security definer rows 50 set search_path = '' set timezone = 'UTC' as $$
begin
  if private.is_member() or private.is_service() then
    return query execute private.page_of(
      private.condition_of(words, first_day, last_day, state, reason, way, agent, only_missed),
      sort, after_value, after_id, page_size
    );
  end if;
end
$$;
comment on function private.find_calls(
  text, date, date, text, text, text, uuid, boolean, text, bigint, uuid, integer
) is 'The ids of one page of the history, for members and the service.';

create function private.count_found(
  words text, first_day date, last_day date, state text, reason text, way text, agent uuid, only_missed boolean
) returns bigint
language plpgsql stable security definer set search_path = '' set timezone = 'UTC' as $$
declare
  found bigint := 0;
begin
  if private.is_member() or private.is_service() then
    execute format(
      'select count(*) from (select from private.searchable_calls h join public.calls c on c.id = h.call_id'
        ' where %s limit 10001) as found',
      private.condition_of(words, first_day, last_day, state, reason, way, agent, only_missed)
    ) into found;
  end if;
  return found;
end
$$;
comment on function private.count_found(text, date, date, text, text, text, uuid, boolean) is
  'How many calls fit, for members and the service; 10001 means more than 10000.';

create function public.search_calls(
  words text default null, first_day date default null, last_day date default null, state text default null,
  reason text default null, direction text default null, agent uuid default null, only_missed boolean default false,
  sort text default 'newest', after_value bigint default null, after_id uuid default null, page_size integer default 50
) returns setof public.listed_call language sql stable rows 50 set search_path = '' as $$
  select listed.*
  from private.find_calls(
    words, first_day, last_day, state, reason, search_calls.direction, agent, only_missed, sort, after_value, after_id,
    page_size
  ) as found
  join public.calls c on c.id = found.id
  cross join lateral private.list_call(c, found.sort_value) as listed
  order by found.sort_value desc, found.id desc
$$;
comment on function public.search_calls(
  text, date, date, text, text, text, uuid, boolean, text, bigint, uuid, integer
) is
  'A page of the history. words: digits of a number in any form, or words of names, colleagues and notes, all of which must be found. Days are the office''s, both included. sort: newest, waited or talked (ended calls). The next page: after_value and after_id are sort_value and id of this one''s last row. page_size: 50 unless told, 500 at most.';

create function public.count_calls(
  words text default null, first_day date default null, last_day date default null, state text default null,
  reason text default null, direction text default null, agent uuid default null, only_missed boolean default false
) returns bigint language sql stable set search_path = '' as $$
  select private.count_found(
    words, first_day, last_day, state, reason, count_calls.direction, agent, only_missed
  )
$$;
comment on function public.count_calls(text, date, date, text, text, text, uuid, boolean) is
  'How many calls search_calls would find in all; 10001 means more than 10000.';

revoke execute on function
  private.find_calls(text, date, date, text, text, text, uuid, boolean, text, bigint, uuid, integer),
  private.count_found(text, date, date, text, text, text, uuid, boolean),
  public.search_calls(text, date, date, text, text, text, uuid, boolean, text, bigint, uuid, integer),
  public.count_calls(text, date, date, text, text, text, uuid, boolean)
  from public;
grant execute on function
  private.find_calls(text, date, date, text, text, text, uuid, boolean, text, bigint, uuid, integer),
  private.count_found(text, date, date, text, text, text, uuid, boolean),
  public.search_calls(text, date, date, text, text, text, uuid, boolean, text, bigint, uuid, integer),
  public.count_calls(text, date, date, text, text, text, uuid, boolean)
  to authenticated, service_role;
