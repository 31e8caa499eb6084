-- Finding calls. Which calls fit is asked as the tables' owner, because under a policy PostgreSQL uses no index with an
-- operator that is not leakproof, as `like` is not; only members get an answer, and the rows themselves are read under
-- the policies. Each search is planned for what it asks: a rare word goes by trigrams, no word at all by time.

-- What to look for: each word that was typed, as a pattern. A number is one word however it is written, and is looked
-- for by its digits, because numbers are stored without spaces: (202) 555-0150, 202.555.0150. A leading 0 or 00 goes
-- when the number is long enough to be a whole one, as it does when such a number is dialled from abroad.
create function private.patterns_of(typed text) returns text[] language sql immutable set search_path = '' as $$
  select case
    when cleaned ~ '^[+ ().\-/0-9]*$' and cleaned ~ '[0-9]' then
      array['%' || case when char_length(digits) >= 8 then ltrim(digits, '0') else digits end || '%']
    else (
      select coalesce(array_agg('%' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%'), '{}')
      from (
        select word from regexp_split_to_table(private.plain(cleaned), '\s+') with ordinality as w (word, n)
        where word <> '' order by n limit 8
      ) as words
    )
  end
  from (select btrim(replace(left(typed, 200), '(0)', '')) as cleaned) as read,
    lateral (select regexp_replace(cleaned, '[^0-9]', '', 'g') as digits) as of_it
$$;
comment on function private.patterns_of(text) is 'Patterns of LIKE for what somebody typed; a call is found if each fits.';

-- What makes a call fit, as a condition on the call `c` and on what it is searched by, `h`. Everything that came from
-- outside is a quoted literal.
create function private.condition_of(
  words text, first_day date, last_day date, state text, reason text, way text, agent uuid, only_missed boolean
) returns text language plpgsql stable set search_path = '' as $$
declare
  conditions text[] := array['true'];
  pattern text;
  numbers text[];
begin
  foreach pattern in array private.patterns_of(coalesce(words, '')) loop
    numbers := array(
      select k.number from public.contacts k
      where private.plain(concat_ws(E'\n', k.name, k.company)) like pattern limit 1000
    );
    -- A contact who was written down later is found by the number.
    conditions := conditions || case
      when numbers = '{}' then format('h.words like %L', pattern)
      else format('(h.words like %L or h.number = any (%L::text[]))', pattern, numbers)
    end;
  end loop;
  if first_day is not null then
    conditions := conditions || format('h.created_at >= %L', private.start_of(first_day, private.time_zone()));
  end if;
  if last_day is not null then
    conditions := conditions || format('h.created_at < %L', private.start_of(last_day + 1, private.time_zone()));
  end if;
  if state is not null then
    conditions := conditions || format('c.status = %L', state);
  end if;
  if reason is not null then
    conditions := conditions || format('c.end_reason = %L', reason);
  end if;
  if way is not null then
    conditions := conditions || format('c.direction = %L', way);
  end if;
  if agent is not null then
    conditions := conditions || format(
      'exists (select from public.call_events e where e.call_id = c.id and e.assigned_to = %L)', agent
    );
  end if;
  if only_missed then
    conditions := conditions || $sql$c.status = 'ended' and c.direction = 'inbound' and c.answered_at is null
      and c.end_reason in ('abandoned', 'missed', 'voicemail')$sql$::text;
  end if;
  return array_to_string(conditions, ' and ');
end
$$;

-- The statement of one page. Calls are sorted as `newest`, or ended ones by how long they `waited` or were `talked` to.
create function private.page_of(
  condition text, sort text, after_value bigint, after_id uuid, page_size integer
) returns text language plpgsql stable set search_path = '' as $$
declare
  by_time boolean := coalesce(sort, 'newest') = 'newest';
  value text := case sort when 'waited' then 'h.waited_s' when 'talked' then 'h.talked_s' else 'h.created_at' end;
  after text := 'true';
begin
  if sort not in ('newest', 'waited', 'talked') then
    raise exception sqlstate 'PT400' using
      message = 'Calls are sorted as newest, waited or talked', hint = 'unknown_sort';
  end if;
  if after_value is not null and after_id is not null then
    after := format('(%s, h.call_id) < (%s, %L)', value,
      case when by_time then format('timestamptz ''epoch'' + %s * interval ''1 microsecond''', after_value)
      else after_value::text end, after_id);
  end if;
  return format(
    'select c.id, %s from private.searchable_calls h join public.calls c on c.id = h.call_id'
      ' where %s and %s and %s is not null order by %s desc, h.call_id desc limit %s',
    case when by_time then '(extract(epoch from h.created_at) * 1000000)::bigint' else value || '::bigint' end,
    condition, after, value, value, least(greatest(coalesce(page_size, 50), 1), 500)
  );
end
$$;

revoke execute on function
  private.patterns_of(text), private.condition_of(text, date, date, text, text, text, uuid, boolean),
  private.page_of(text, text, bigint, uuid, integer)
  from public;
