-- The rules of Supabase's database linter that can be told from the catalogs, with its numbers, and ours on comments.
-- No finding; and to know that each rule can find something, the last claim makes every mistake on purpose.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
select plan(4);

create temp view our_tables as
select c.oid, c.relnamespace::regnamespace || '.' || c.relname as name, c.relkind, c.relrowsecurity, c.reloptions,
  c.relnamespace = 'public'::regnamespace as in_api
from pg_class c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e');
create temp view our_functions as
select p.oid, p.oid::regprocedure::text as name, p.prosecdef, p.proconfig, p.pronamespace = 'public'::regnamespace as in_api
from pg_proc p
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e');
-- Policies of ours, also on Supabase's own tables; `bare` is what is left of them without wrapped calls.
create temp view our_policies as
select p.schemaname || '.' || p.tablename as name, p.policyname, p.permissive, p.roles, p.cmd, p.qual, p.with_check,
  regexp_replace(concat_ws(' ', p.qual, p.with_check), '\( SELECT [a-z_.]+\([^()]*\) AS [a-z_]+\)', '', 'g') as bare
from pg_policies p;

create temp view findings as
select '0001 unindexed foreign key' as rule, k.conrelid::regclass || ' ' || k.conname as finding
from pg_constraint k
where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not exists (
    select from pg_index i
    where i.indrelid = k.conrelid and i.indpred is null
      and (i.indkey::int2[])[0:array_length(k.conkey, 1) - 1] operator(pg_catalog.@>) k.conkey
  )
union all
select '0002 auth.users exposed', t.name from our_tables t
where t.in_api and t.relkind in ('v', 'm') and pg_get_viewdef(t.oid) ~ '\mauth\.users\M'
union all
select '0003 auth call of a policy not wrapped in select', p.name || ': ' || p.policyname from our_policies p
where p.bare ~ '\m(auth|private|realtime)\.|current_setting'
union all
select '0004 no primary key', t.name from our_tables t
where t.relkind in ('r', 'p') and not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)
union all
select '0006 several permissive policies', p.name || ': ' || r.role || ' ' || c.cmd
from our_policies p, unnest(p.roles) as r (role), unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as c (cmd)
where p.permissive = 'PERMISSIVE' and p.cmd in (c.cmd, 'ALL')
group by p.name, r.role, c.cmd having count(*) > 1
union all
select '0007 policy exists but row-level security is off', t.name from our_tables t
where not t.relrowsecurity and exists (select from pg_policy p where p.polrelid = t.oid)
union all
select '0008 row-level security without a policy', t.name from our_tables t
where t.relrowsecurity and not exists (select from pg_policy p where p.polrelid = t.oid)
union all
select '0009 duplicate index', min(i.indexrelid::regclass::text) || ' and ' || max(i.indexrelid::regclass::text)
from pg_index i join our_tables t on t.oid = i.indrelid
group by i.indrelid, regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX \S+ ', '') having count(*) > 1
union all
select '0010 security definer view', t.name from our_tables t
where t.in_api and t.relkind = 'v' and not coalesce(t.reloptions && array['security_invoker=true', 'security_invoker=on'], false)
union all
select '0011 mutable search path', f.name from our_functions f
where not coalesce(array_to_string(f.proconfig, ',') ~ 'search_path=""', false)
union all
select '0013 row-level security is off', t.name from our_tables t where t.relkind in ('r', 'p') and not t.relrowsecurity
union all
select '0014 extension in public', extname from pg_extension where extnamespace = 'public'::regnamespace
union all
select '0015 policy trusts user metadata', p.name || ': ' || p.policyname from our_policies p
where concat_ws(' ', p.qual, p.with_check) ~ 'user_metadata'
union all
select '0016 materialized view or foreign table in the API', t.name from our_tables t where t.in_api and t.relkind in ('m', 'f')
union all
select '0018 column of a type that upgrades cannot keep', t.name || '.' || a.attname
from our_tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0
where a.atttypid in ('regproc'::regtype, 'regprocedure'::regtype, 'regoper'::regtype, 'regconfig'::regtype, 'regnamespace'::regtype)
union all
select '0024 always-true policy', p.name || ': ' || p.policyname from our_policies p
where p.permissive = 'PERMISSIVE' and (coalesce(p.qual, 'true') ~ '^\(*(true|1 = 1)\)*$' and coalesce(p.with_check, 'true') ~ '^\(*(true|1 = 1)\)*$')
union all
select '0028 security-definer function that the API executes', f.name || ' by ' || r.role
from our_functions f, unnest(array['anon', 'authenticated']) as r (role)
where f.in_api and f.prosecdef and has_function_privilege(r.role, f.oid, 'execute')
union all
select 'comment missing: table', t.name from our_tables t where obj_description(t.oid, 'pg_class') is null
union all
select 'comment missing: column', t.name || '.' || a.attname
from our_tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
where t.in_api and col_description(t.oid, a.attnum) is null
union all
select 'comment missing: function', f.name from our_functions f where f.in_api and obj_description(f.oid, 'pg_proc') is null;

select is_empty('select rule, finding from findings', 'the linter finds nothing');
select is_empty(
  $$select r.role, t.name from unnest(array['anon', 'authenticated', 'service_role']) as r (role),
      unnest(array['auth.users', 'auth.identities', 'auth.sessions', 'auth.refresh_tokens']) as t (name)
    where has_any_column_privilege(r.role, t.name, 'select, insert, update')
      and not (r.role = 'service_role' and has_table_privilege('service_role', 'auth.users', 'select'))$$,
  'accounts are nobody''s to read');
select is_empty(
  $$select p.polrelid::regclass, a.attname
    from pg_policy p
    join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
      and d.refobjid = p.polrelid and d.refobjsubid > 0
    join pg_attribute a on a.attrelid = p.polrelid and a.attnum = d.refobjsubid
    join our_tables t on t.oid = p.polrelid
    where not exists (select from pg_index i where i.indrelid = p.polrelid and i.indkey[0] = a.attnum)$$,
  'every column that a policy reads has an index');

-- Every mistake, made once.
create table public.bad (reference uuid references public.calls (id), proc regproc);
create policy "Always" on public.bad to authenticated using (true);
create policy "Bare" on public.bad for select to authenticated using (auth.uid() is not null and auth.jwt() ->> 'user_metadata' <> '');
create table public.bare (id bigint primary key);
alter table public.bare enable row level security;
create index bare_twice on public.bare (id);
create index bare_thrice on public.bare (id);
create view public.accounts as select id from auth.users;
create materialized view public.counted as select count(*) as calls from public.calls;
create extension hstore schema public;
create function public.anything() returns bigint language sql security definer as 'select count(*) from public.calls';
grant execute on function public.anything() to authenticated;
select set_eq(
  'select distinct rule from findings',
  array[
    '0001 unindexed foreign key', '0002 auth.users exposed', '0003 auth call of a policy not wrapped in select',
    '0004 no primary key', '0006 several permissive policies', '0007 policy exists but row-level security is off',
    '0008 row-level security without a policy', '0009 duplicate index', '0010 security definer view',
    '0011 mutable search path', '0013 row-level security is off', '0014 extension in public',
    '0015 policy trusts user metadata', '0016 materialized view or foreign table in the API',
    '0018 column of a type that upgrades cannot keep', '0024 always-true policy',
    '0028 security-definer function that the API executes', 'comment missing: table', 'comment missing: column',
    'comment missing: function'],
  'each rule finds its mistake');

select * from finish();
rollback;
