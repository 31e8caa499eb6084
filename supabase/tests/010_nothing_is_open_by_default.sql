-- Row level security stands everywhere, `anon` has no right at all, and nobody has more than is listed here.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
select plan(19);

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
select set_eq(
  $$select p.proname::text from pg_proc p where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
      and (has_function_privilege('authenticated', p.oid, 'execute')
        or has_function_privilege('service_role', p.oid, 'execute'))$$,
  array['me', 'is_member', 'is_supervisor', 'is_service', 'calls_around', 'board_at', 'board_checksum'],
  'people and the service execute the questions of the policies, and what reads the board, only');
select ok(not has_schema_privilege('anon', 'private', 'usage'), 'anon does not look into private');
select ok(
  not has_schema_privilege('authenticated', 'public', 'create') and not has_schema_privilege('anon', 'public', 'create'),
  'nobody creates things in public');
select set_eq(
  $$select c.relname || ' ' || p.privilege from pg_class c,
      unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p (privilege)
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_table_privilege('authenticated', c.oid, p.privilege)$$,
  array[
    'board_settings select', 'call_events select', 'calls select', 'contacts select', 'presence select',
    'voip_users select'],
  'signed-in people have whole tables to read only, and telephony''s table not at all');
select set_eq(
  $$select c.relname || '.' || a.attname || ' ' || p.privilege
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped,
      unnest(array['insert', 'update', 'references']) as p (privilege)
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and has_column_privilege('authenticated', c.oid, a.attnum, p.privilege)$$,
  array[
    'calls.status update', 'calls.assigned_to update', 'calls.on_hold update', 'calls.parking_slot update',
    'calls.note update', 'calls.disposition update',
    'voip_users.is_available update', 'voip_users.device_state update', 'voip_users.display_name update',
    'voip_users.role update', 'voip_users.retired_at update',
    'presence.member_id insert', 'presence.member_id update',
    'contacts.number insert', 'contacts.name insert', 'contacts.company insert', 'contacts.notes insert',
    'contacts.number update', 'contacts.name update', 'contacts.company update', 'contacts.notes update',
    'board_settings.parking_slots update', 'board_settings.ring_timeout_s update',
    'board_settings.park_timeout_s update', 'board_settings.hold_music_url update',
    'board_settings.time_zone update', 'board_settings.business_hours update',
    'board_settings.voicemail_enabled update', 'board_settings.voicemail_greeting update'],
  'these are the columns that signed-in people may write');
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
