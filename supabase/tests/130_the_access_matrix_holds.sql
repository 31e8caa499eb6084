-- access.md lists everything that the API roles can reach, and the catalogs agree with each of its cells.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir access.md

select plan(11);
-- The lines of its tables, each with the heading above it.
create temp table listed as
select
  btrim(split_part(substr(max(line) filter (where line like '## %') over (partition by heading), 4), ' — ', 1)) as section,
  btrim(split_part(line, '|', 2), ' `') as item,
  array(select btrim(cell) from unnest(string_to_array(line, '|')) with ordinality as c (cell, n) where n > 2 and cell <> '') as cells
from (
  select line, n, count(*) filter (where line like '## %') over (order by n) as heading
  from access_matrix, regexp_split_to_table(matrix, E'\n') with ordinality as lines (line, n)
) as lines
where line like '## %' or line like '| %';
delete from listed where item in ('', 'column', 'function', 'relation', 'policy') or item is null or section is null;

create temp view columns as
select 'public.' || c.relname as section, a.attname::text as item, c.oid, a.attnum
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f');

select cmp_ok((select count(*) from listed where section like 'public.%'), '>', 70::bigint, 'the matrix was read');
select is_empty(
  $$select format('access.md, ## %s: add a line for %s', section, item) from columns c
    where not exists (select from listed l where (l.section, l.item) = (c.section, c.item))$$,
  'every column of every table and view is listed');
select is_empty(
  $$select format('access.md, ## %s: remove %s, which does not exist', section, item) from listed l
    where section like 'public.%' and item <> '(delete)'
      and not exists (select from columns c where (l.section, l.item) = (c.section, c.item))$$,
  'and nothing else');
select is_empty(
  $$select format('access.md, ## %s: add a line for (delete)', section) from (select distinct section from columns) as c
    where not exists (select from listed l where (l.section, l.item) = (c.section, '(delete)'))$$,
  'every table says who deletes');

-- Signed-in people are one role to the catalogs: it has the right if any of them gets further than `-`.
create temp view said as
select section, item, n as place, who.role, bool_or(substr(cells[who.cell], n, 1) <> '-') as may
from listed, generate_series(1, 3) as n,
  (values ('anon', 1), ('authenticated', 2), ('authenticated', 3), ('authenticated', 4), ('authenticated', 5),
    ('service_role', 6)) as who (role, cell)
where section not in ('policies') and length(cells[1]) >= n
group by section, item, n, who.role;
select is_empty(
  $$select format('access.md, ## %s: %s of %s by %s is %s', section, right_, item, role,
      case when may then 'listed but not granted' else 'granted but not listed' end)
    from said s join columns c using (section, item),
      unnest(array['select', 'insert', 'update']) with ordinality as r (right_, place)
    where r.place = s.place and has_column_privilege(s.role, c.oid, c.attnum, right_) <> may$$,
  'columns are granted as listed');
select is_empty(
  $$select format('access.md, ## %s: delete by %s is %s', section, role,
      case when may then 'listed but not granted' else 'granted but not listed' end)
    from said where item = '(delete)' and place = 1 and has_table_privilege(role, section, 'delete') <> may$$,
  'deletes are granted as listed');

-- Functions: all of `public`, and whatever an API role may execute elsewhere.
create temp view functions as
select p.pronamespace::regnamespace || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' as item, p.oid
from pg_proc p
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  and (p.pronamespace = 'public'::regnamespace or has_function_privilege('anon', p.oid, 'execute')
    or has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('service_role', p.oid, 'execute'));
select is_empty(
  $$select format('access.md, ## functions: add a line for %s, or revoke execute on it', item) from functions
    where item not in (select item from listed where section = 'functions')
    union all
    select format('access.md, ## functions: remove %s, which does not exist or is nobody''s', item) from listed
    where section = 'functions' and item not in (select item from functions)$$,
  'every function that somebody may execute is listed');
select is_empty(
  $$select format('access.md, ## functions: %s by %s is %s', item, role,
      case when may then 'listed but not granted' else 'granted but not listed' end)
    from said join functions using (item)
    where section = 'functions' and place = 1 and has_function_privilege(role, functions.oid, 'execute') <> may$$,
  'and executed as listed');

select is_empty(
  $$select format('access.md, ## beyond: %s by %s has the rights %s', r.name, r.role, r.rights)
    from (
      select format('%I.%I', n.nspname, c.relname) as name, role,
        (select string_agg(case when has_any_column_privilege(role, c.oid, p) then left(p, 1) else '-' end, '' order by o)
           from unnest(array['read', 'insert', 'update']) with ordinality as p0 (word, o),
             lateral (select case word when 'read' then 'select' else word end as p) as p1) as rights
      from pg_class c join pg_namespace n on n.oid = c.relnamespace,
        unnest(array['anon', 'authenticated', 'service_role']) as role
      -- Our own schemas, and the one relation of Supabase's that this project has policies on.
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('public', 'extensions')
        and (n.nspowner = 'postgres'::regrole or (n.nspname, c.relname) = ('realtime', 'messages'))
        and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
        and has_schema_privilege(role, n.oid, 'usage')
    ) as r
    where replace(r.rights, 's', 'r') <> coalesce(
      (select cells[case role when 'anon' then 1 when 'authenticated' then 3 else 6 end] from listed
       where section = 'beyond' and item = r.name), '---')$$,
  'what the roles may touch outside of public is listed');

select is_empty(
  $$select format('access.md, ## policies: add | %s | %s.%s | %s | %s |', policyname, schemaname, tablename, cmd, array_to_string(roles, ', '))
    from pg_policies
    where not exists (
      select from listed
      where section = 'policies' and item = policyname
        and cells = array[schemaname || '.' || tablename, cmd, array_to_string(roles, ', ')]
    )$$,
  'every policy is listed');
select is_empty(
  $$select format('access.md, ## policies: remove %s on %s, which does not exist', item, cells[1]) from listed
    where section = 'policies' and not exists (
      select from pg_policies where policyname = item and schemaname || '.' || tablename = cells[1]
    )$$,
  'and nothing else');

select * from finish();
rollback;
