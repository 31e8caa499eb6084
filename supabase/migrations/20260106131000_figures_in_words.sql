-- What a figure means is said once, in the comment on its column; the page shows that to whoever points at the figure.
create function public.figures_in_words() returns table (list text, figure text, words text)
language sql stable rows 60 set search_path = '' as $$
  select c.relname::text, a.attname::text, pg_catalog.col_description(c.oid, a.attnum)
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace
    and c.relname in ('wallboard_figures', 'wallboard_hour', 'wallboard_agent', 'listed_call')
    and pg_catalog.col_description(c.oid, a.attnum) is not null
  order by c.relname, a.attnum
$$;
comment on function public.figures_in_words() is 'What each figure of the wallboard and column of the history means.';
revoke execute on function public.figures_in_words() from public;
grant execute on function public.figures_in_words() to authenticated, service_role;
