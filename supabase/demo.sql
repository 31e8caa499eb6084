-- An invented yesterday and today, so that a new board on this machine has a history, figures and something to replay.
-- For development only, after seed.sql. The calls are made by the referee like everybody's, one change after the other
-- in the order of their times; then their log is dated back, which nobody but the database's owner can do.
-- The same day begins and goes the same way whenever this runs: the calls that would not be over yet are left out.

-- Its office may call the countries of those who call it.
update public.board_settings set outbound_prefixes = '{+1,+33,+34,+44,+49}', caller_id = '+12025550199'
where outbound_prefixes = '{}' and not exists (select from public.calls);

create temporary table step (
  n integer primary key generated always as identity,
  at timestamptz not null,
  call integer not null,
  -- The account that does it; null for the service.
  account text,
  statement text not null,
  event bigint
) on commit drop;

create function pg_temp.plan(at timestamptz, call integer, account text, statement text) returns void language sql as $$
  insert into step (at, call, account, statement) values ($1, $2, $3, $4)
$$;
create function pg_temp.change(at timestamptz, call integer, account text, change text) returns void language sql as $$
  select pg_temp.plan(at, call, account, format('update public.calls set %s where id = %L', change, md5('demo' || call)))
$$;
create function pg_temp.seconds(low double precision, high double precision) returns interval language sql as $$
  select (low + random() * (high - low)) * interval '1 second'
$$;

do $$
declare
  accounts text[] := array['doug@example.com', 'rhonda@example.com', 'sue@example.com'];
  members uuid[] := array(
    select m.id from unnest(accounts) with ordinality as a (email, n)
    join auth.users u using (email) join public.voip_users m on m.user_id = u.id order by n
  );
  numbers text[] := array[
    '+12025550101', '+12025550102', '+12025550103', '+12025550104', '+12025550105', '+12025550117', '+13125550142',
    '+14155550186', '+16465550109', '+442079460018', '+33199005512', '+4915199950123', '+34911234567', '+19175550135'
  ];
  names text[] := array[
    null, null, null, null, null, 'MARGARET HAYES', 'O''BRIEN & SONS', 'Tomás Herrera', 'Priya Raman', 'Imogen Clarke',
    'Chloé Marchand', 'Jürgen Weiß', null, null
  ];
  notes text[] := array[
    'Wants the quote again, by mail.', 'Delivery moved to Thursday morning.', 'Asked for Doug; calls back after lunch.',
    'Invoice 1043 is settled.', 'New address: 12 Harbour Lane.', 'Needs two more before the weekend.'
  ];
  -- How busy each hour from eight o'clock on is.
  bustle double precision[] := array[0.6, 1.2, 1.5, 1.4, 0.8, 0.7, 1.3, 1.4, 1.0, 0.6];
  free_at timestamptz[] := array['-infinity'::timestamptz, '-infinity', '-infinity'];
  day date;
  opens timestamptz;
  t timestamptz;
  at timestamptz;
  call integer := 0;
  who integer;
  other integer;
  customer integer;
  kind double precision;
begin
  if exists (select from public.calls) or array_length(members, 1) is distinct from 3 then
    return;
  end if;
  perform setseed(0.25);
  foreach day in array array[private.today() - 1, private.today()] loop
    opens := private.start_of(day, private.time_zone()) + interval '8 hours';
    t := opens;
    loop
      t := t - ln(1 - random()) * interval '9 minutes'
        / bustle[least(1 + floor(extract(epoch from t - opens) / 3600)::integer, 10)];
      exit when t > opens + interval '9 hours 50 minutes';
      call := call + 1;
      customer := 1 + floor(random() * array_length(numbers, 1))::integer;
      kind := random();
      -- Whoever has been free longest; Sue helps out.
      who := case when free_at[1] <= free_at[2] then 1 else 2 end;
      if free_at[who] > t and free_at[3] <= t then
        who := 3;
      end if;
      if kind < 0.1 and free_at[who] <= t then
        perform pg_temp.plan(t, call, null, format(
          'insert into public.calls (id, twilio_call_sid, direction, from_number, to_number, status, assigned_to) '
          'values (%L, %L, %L, %L, %L, %L, %L)',
          md5('demo' || call), 'CA' || md5('demo' || call), 'outbound', '+12025550199', numbers[customer], 'active',
          members[who]
        ));
        at := t + pg_temp.seconds(6, 14);
        perform pg_temp.change(at, call, null, 'connected_at = now()');
        at := at + pg_temp.seconds(40, 260);
        perform pg_temp.change(at, call, accounts[who], 'status = ''ended''');
        free_at[who] := at + interval '20 seconds';
        continue;
      end if;
      perform pg_temp.plan(t, call, null, format(
        'insert into public.calls (id, twilio_call_sid, from_number, to_number, caller_name) values (%L, %L, %L, %L, %L)',
        md5('demo' || call), 'CA' || md5('demo' || call), numbers[customer], '+12025550199', names[customer]
      ));
      at := greatest(t, free_at[who]) + pg_temp.seconds(3, 16);
      if kind > 0.97 then
        perform pg_temp.change(t + interval '60 seconds', call, null, 'status = ''ended'', end_reason = ''missed''');
        continue;
      elsif at > t + interval '55 seconds' or kind > 0.93 then
        perform pg_temp.change(t + pg_temp.seconds(18, 50), call, null, 'status = ''ended'', end_reason = ''abandoned''');
        continue;
      end if;
      perform pg_temp.change(at, call, accounts[who], format('status = ''active'', assigned_to = %L', members[who]));
      at := at + interval '1 second';
      perform pg_temp.change(at, call, null, 'connected_at = now()');
      at := at + pg_temp.seconds(20, 120);
      other := 3 - who;
      if kind > 0.8 and who < 3 then
        perform pg_temp.change(at, call, accounts[who], 'status = ''parked'', assigned_to = null, parking_slot = null');
        free_at[who] := at + interval '2 seconds';
        at := greatest(at, free_at[other]) + pg_temp.seconds(15, 70);
        perform pg_temp.change(
          at, call, accounts[other], format('status = ''active'', assigned_to = %L', members[other])
        );
        who := other;
        at := at + interval '1 second';
        perform pg_temp.change(at, call, null, 'connected_at = now()');
      elsif kind > 0.7 then
        perform pg_temp.change(at, call, accounts[who], 'on_hold = true');
        at := at + pg_temp.seconds(10, 45);
        perform pg_temp.change(at, call, accounts[who], 'on_hold = false');
      elsif kind > 0.64 and who < 3 and free_at[other] <= at then
        perform pg_temp.change(at, call, accounts[who], format('assigned_to = %L', members[other]));
        free_at[who] := at + interval '2 seconds';
        who := other;
        at := at + interval '1 second';
        perform pg_temp.change(at, call, null, 'connected_at = now()');
      end if;
      at := at + pg_temp.seconds(30, 300);
      if random() < 0.5 then
        perform pg_temp.change(at, call, accounts[who], 'status = ''ended''');
      else
        perform pg_temp.change(at, call, null, 'status = ''ended''');
      end if;
      free_at[who] := at + interval '15 seconds';
      if random() < 0.3 then
        perform pg_temp.change(
          at + interval '12 seconds', call, accounts[who],
          format('note = %L', notes[1 + floor(random() * array_length(notes, 1))::integer])
        );
      end if;
    end loop;
  end loop;
  delete from step where step.call in (select s.call from step s where s.at > now() - interval '1 minute');
end
$$;

do $$
declare
  its record;
begin
  for its in select * from step order by at, n loop
    perform set_config('request.jwt.claims', case
      when its.account is null then '{"role": "service_role"}'
      else (select jsonb_build_object('role', 'authenticated', 'sub', id)::text from auth.users where email = its.account)
    end, true);
    perform set_config('role', case when its.account is null then 'service_role' else 'authenticated' end, true);
    execute its.statement;
    perform set_config('role', 'none', true);
    update step set event = (select max(id) from public.call_events) where n = its.n;
  end loop;
  perform set_config('request.jwt.claims', '', true);
end
$$;

set local timezone = 'UTC';
alter table public.call_events disable trigger user;
alter table public.calls disable trigger user;

-- Whatever time a change has written is the time of that change.
update public.call_events e set
  at = s.at,
  detail = (
    select jsonb_object_agg(key, case when key like '%\_at' and value <> 'null' then to_jsonb(s.at) else value end)
    from jsonb_each(e.detail)
  )
from step s where s.event = e.id;
update public.calls c set
  created_at = told.created_at, answered_at = told.answered_at, connected_at = told.connected_at, ended_at = told.ended_at
from (
  select e.call_id, jsonb_object_agg(changed.key, changed.value order by e.id) as record
  from public.call_events e cross join lateral jsonb_each(e.detail) as changed
  group by e.call_id
) as log
cross join lateral jsonb_populate_record(null::public.calls, log.record) as told
where log.call_id = c.id and exists (select from step);

alter table public.calls enable trigger user;
alter table public.call_events enable trigger user;
delete from private.ended_calls where exists (select from step);
select private.keep_for_history(c) from public.calls c where c.status = 'ended' and exists (select from step);
