-- Row level security stands everywhere, `anon` has no right at all, and what comes later starts closed.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
select plan(17);

select is_empty(
  $$select relname from pg_class where relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and relkind in ('r', 'p') and not relrowsecurity$$,
  'row level security is on for every table');
select is_empty(
  $$select relname from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
    and not exists (select from pg_policy where polrelid = c.oid)$$,
  'every table has a policy');
select is_empty(
  $$select policyname from pg_policies where schemaname = 'public' and roles && array['public', 'anon']::name[]$$,
  'no policy speaks to anon or to everybody');
select is_empty(
  $$select policyname from pg_policies where schemaname = 'public'
    and (coalesce(qual, with_check) !~ 'SELECT private\.' or coalesce(with_check, qual) !~ 'SELECT private\.')$$,
  'every policy asks its question once per statement');
select is_empty(
  $$select tablename, cmd from pg_policies where schemaname = 'public' group by tablename, cmd, roles having count(*) > 1$$,
  'each command of each table has one policy');
select is_empty(
  $$select c.relname, p.privilege from pg_class c,
      unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p (privilege)
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
      and has_table_privilege('anon', c.oid, p.privilege)$$,
  'anon has no right on any table');
select is_empty(
  $$select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and has_column_privilege('anon', c.oid, a.attnum, 'select, insert, update, references')$$,
  'anon has no right on any column');
select is_empty(
  $$select s.relname, r.role from pg_class s, unnest(array['anon', 'authenticated', 'service_role']) as r (role)
    where s.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and s.relkind = 'S'
      and has_sequence_privilege(r.role, s.oid, 'usage, select, update')$$,
  'no API role touches a sequence');
select is_empty(
  $$select p.oid::regprocedure from pg_proc p where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
      and has_function_privilege('anon', p.oid, 'execute')$$,
  'anon executes no function');
select ok(not has_schema_privilege('anon', 'private', 'usage'), 'anon does not look into private');
select ok(
  not has_schema_privilege('authenticated', 'public', 'create') and not has_schema_privilege('anon', 'public', 'create'),
  'nobody creates things in public');
select is_empty(
  $$select c.relname, r.role, p.privilege from pg_class c, unnest(array['authenticated', 'service_role']) as r (role),
      unnest(array['truncate', 'references', 'trigger']) as p (privilege)
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
      and has_table_privilege(r.role, c.oid, p.privilege)$$,
  'no API role empties a table or hangs anything on one; what else they may is listed in access.md');
select is_empty(
  $$select p.privilege from unnest(array['insert', 'update', 'delete', 'truncate']) as p (privilege)
    where has_table_privilege('service_role', 'public.call_events', p.privilege)$$,
  'not even the service writes the log by hand');
select is_empty(
  $$select p.oid::regprocedure from pg_proc p where p.pronamespace = 'private'::regnamespace
      and not coalesce(array_to_string(p.proconfig, ',') like '%search_path=""%', false)$$,
  'every function has an empty search path');
select is_empty(
  $$select conrelid::regclass, conname from pg_constraint k where contype = 'f' and connamespace = 'public'::regnamespace
      and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1])$$,
  'every foreign key has an index');
select is_empty(
  $$select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S')
      and obj_description(oid, 'pg_class') is null and relname <> 'call_events_id_seq'$$,
  'every table says what it is for');

create table public.made_later (id bigint generated always as identity);
select is_empty(
  $$select r.role from unnest(array['anon', 'authenticated', 'service_role']) as r (role)
    where has_table_privilege(r.role, 'public.made_later', 'select, insert, update, delete')
      or has_sequence_privilege(r.role, pg_get_serial_sequence('public.made_later', 'id'), 'usage, select')$$,
  'what a later migration makes starts closed');

select * from finish();
rollback;
