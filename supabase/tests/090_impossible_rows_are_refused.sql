-- What a call can be is said by constraints too: they hold even with every trigger switched off.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql

select plan(17);
alter table public.calls disable trigger user;
create function pg_temp.make(columns text, vals text) returns text language sql as $$
  select pg_temp.try(format(
    'insert into public.calls (twilio_call_sid, from_number, to_number, %s) values (gen_random_uuid()::text, '''', '''', %s)',
    columns, vals
  ))
$$;
select is(pg_temp.make('status', '''ringing'''), 'rows 1', 'a ringing call is possible');
select is(pg_temp.make('status', '''waiting'''), '23514', 'a fifth state is not');
select is(pg_temp.make('status', '''active'''), '23514', 'an active call has an agent');
select is(pg_temp.make('status, assigned_to', format('''ringing'', %L', md5('Ann')::uuid)), '23514', 'a ringing one has none');
select is(pg_temp.make('status, assigned_to', format('''active'', %L', md5('Ann')::uuid)), 'rows 1', 'Ann has a call');
select is(pg_temp.make('status, assigned_to', format('''active'', %L', md5('Ann')::uuid)), '23505', 'one, not two');
select is(pg_temp.make('status', '''parked'''), '23514', 'a parked call has a slot');
select is(
  pg_temp.make('status, parking_slot, parked_at, park_reason', '''parked'', 1, now(), ''unreachable'''), 'rows 1', 'slot 1 is taken');
select is(
  pg_temp.make('status, parking_slot, parked_at, park_reason', '''parked'', 1, now(), ''unreachable'''), '23505', 'by one call');
select is(
  pg_temp.make('status, parking_slot, parked_at, park_reason', '''parked'', 2, now(), ''boredom'''), '23514', 'for a known reason');
select is(pg_temp.make('status, parking_slot', '''ringing'', 2'), '23514', 'a ringing call has no slot');
select is(pg_temp.make('on_hold, held_at', 'true, now()'), '23514', 'only an active call is held');
select is(
  pg_temp.make('status, assigned_to, on_hold', format('''active'', %L, true', md5('Bob')::uuid)), '23514', 'and says since when');
select is(pg_temp.make('status', '''ended'''), '23514', 'an ended call says when and how');
select is(pg_temp.make('status, ended_at, end_reason', '''ended'', now(), ''completed'''), 'rows 1', 'and then it is possible');
select is(pg_temp.make('ended_at', 'now()'), '23514', 'no other has ended');

-- A text without an end would be a million characters on every board.
select is_empty(
  $$select c.relname, a.attname from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.atttypid in ('text'::regtype, 'jsonb'::regtype)
      and (has_column_privilege('authenticated', c.oid, a.attnum, 'insert, update')
        or has_column_privilege('service_role', c.oid, a.attnum, 'insert, update'))
      and not exists (
        select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]
          and pg_get_constraintdef(k.oid) ~ '_length\(|pg_column_size|ANY \(ARRAY\[|\{1,'
          and pg_get_constraintdef(k.oid) !~ 'btrim'
      )$$,
  'every text that somebody may write has an end');

select * from finish();
rollback;
