-- Any call is found again by what somebody remembers of it, page by page, by members only, and without reading them all.
begin;
set local client_min_messages = warning;
create extension if not exists pgtap with schema extensions;
\ir team.psql
\ir past.psql

select plan(60);
update public.board_settings set time_zone = 'America/New_York';
insert into public.contacts (number, name, company) values ('+12025550160', 'Erin Walsh', 'Walsh Legal');
select pg_temp.past('C1', '2025-06-01 12:00Z', '[[10, "answered", "Ann"], [70, "ended", "Ann"]]', name => 'José Núñez');
select pg_temp.past('C2', '2025-06-01 13:00Z', '[[5, "answered", "Ann"], [30, "transferred", "Bob"], [305, "ended", "Bob"]]',
  'ended_by_agent', customer => '+442079460123', words => 'Wants 100% wool_socks from Weiß & O’Brien');
select pg_temp.past('C3', '2025-06-02 03:59Z', '[[40, "ended"]]', 'abandoned', customer => '+12025550160');
select pg_temp.past('C4', '2025-06-02 04:00Z', '[[60, "ended"]]', 'voicemail', customer => '+12025550162');
select pg_temp.past('C5', '2025-06-02 05:00Z', '[[3, "connected", "Bob"], [23, "ended", "Bob"]]',
  way => 'outbound', customer => '+12025550160');
select pg_temp.past('C6', '2025-06-02 06:00Z', '[[20, "answered", "Ann"], [50, "requeued"], [90, "ended"]]', 'abandoned',
  customer => 'sip:lobby@example.com');
select pg_temp.past('C7', '2025-06-02 07:00Z', '[[60, "ended"]]', 'missed', customer => '+12025550162');
select pg_temp.past('C8', '2025-06-02 08:00Z', '[[9, "answered", "Ann"]]', customer => '+12025550162');

-- The calls that a search finds, in order: 'C2 C1'.
create function pg_temp.named(id uuid) returns text language sql as $$
  select 'C' || n from generate_series(1, 8) as n where md5('C' || n)::uuid = id
$$;
create function pg_temp.found(who text, search text) returns text language plpgsql as $$
declare
  names text;
begin
  perform pg_temp.be(who);
  execute format(
    'select string_agg(pg_temp.named(f.id), '' '' order by f.ordinality)
     from public.search_calls(%s) with ordinality as f', search) into names;
  return names;
end
$$;

select is(pg_temp.found('Ann', ''), 'C8 C7 C6 C5 C4 C3 C2 C1', 'the newest come first');
select is(pg_temp.found('Sal', ''), 'C8 C7 C6 C5 C4 C3 C2 C1', 'a supervisor sees the same');
select is(pg_temp.found('service', ''), 'C8 C7 C6 C5 C4 C3 C2 C1', 'and the service');
select is(pg_temp.found('Mallory', ''), null, 'a stranger finds nothing');
select is(pg_temp.found('Rex', ''), null, 'nor does who has left');
select pg_temp.be('Mallory');
select is(public.count_calls(), 0::bigint, 'nor counts anything');
select is_empty('select private.find_calls(null, null, null, null, null, null, null, null, null, null, null, 50)', 'nor gets an id');
select is_empty('select * from public.earlier_calls(''+12025550150'')', 'nor learns of earlier calls');
select is_empty('select * from private.ended_calls', 'nor what calls are searched by');
select pg_temp.be('anon');
select is(pg_temp.try('select * from public.search_calls()'), '42501', 'anon may not ask');

select is(pg_temp.found('Ann', $$'(202) 555-0150'$$), 'C1', 'a number is found as it is written at home');
select is(pg_temp.found('Ann', $$'+1 202.555.0150'$$), 'C1', 'and with its country code');
select is(pg_temp.found('Ann', $$'020 7946 0123'$$), 'C2', 'with the zero that is dialled at home');
select is(pg_temp.found('Ann', $$'+44 (0)20 7946 0123'$$), 'C2', 'with the zero in brackets');
select is(pg_temp.found('Ann', $$'0044 20 7946 0123'$$), 'C2', 'and as dialled from abroad');
select is(pg_temp.found('Ann', $$'0150'$$), 'C1', 'by any part of it');
select is(pg_temp.found('Ann', $$'lobby'$$), 'C6', 'also a SIP address');
select is(pg_temp.found('Ann', $$'jose nunez'$$), 'C1', 'a name is found without its accents');
select is(pg_temp.found('Ann', $$'NÚÑEZ'$$), 'C1', 'and in capitals');
select is(pg_temp.found('Ann', $$'weiss'$$), 'C2', 'a letter that is two');
select is(pg_temp.found('Ann', $$'obrien'$$), 'C2', 'a name without its apostrophe');
select is(pg_temp.found('Ann', $$'o''brien'$$), 'C2', 'or with another one');
select is(pg_temp.found('Ann', $$'wool_socks'$$), 'C2', 'a word of the note');
select is(pg_temp.found('Ann', $$'100%'$$), 'C2', 'with a sign that means something to the database');
select is(pg_temp.found('Ann', $$'%'$$), 'C2', 'which means itself only');
select is(pg_temp.found('Ann', $$'wool socks'$$), 'C2', 'parts of words will do');
select is(pg_temp.found('Ann', $$'wool nunez'$$), null, 'each word must be there');
select is(pg_temp.found('Ann', $$'walsh'$$), 'C5 C3', 'a contact''s name');
select is(pg_temp.found('Ann', $$'legal bob'$$), 'C5', 'a company and a colleague');
select is(pg_temp.found('Ann', $$'ann'$$), 'C8 C6 C2 C1', 'a colleague, also who handed the call on, also of a live call');
select is(pg_temp.try($$select * from public.search_calls(state => ''' or true --')$$), 'rows 0', 'a quote is a quote');
select is(pg_temp.found('Ann', $$'  '$$), 'C8 C7 C6 C5 C4 C3 C2 C1', 'nothing is asked of blanks');
select pg_temp.be('owner');
insert into public.contacts (number, name) values ('+442079460123', 'Zoe Late');
select is(pg_temp.found('Ann', $$'zoe'$$), 'C2', 'a contact who was written down later');
select pg_temp.patch('Ann', 'C1', 'note = ''Left an umbrella''');
select is(pg_temp.found('Bob', $$'umbrella'$$), 'C1', 'a note that was written afterwards');

select is(pg_temp.found('Ann', $$first_day => '2025-06-01', last_day => '2025-06-01'$$), 'C3 C2 C1', 'a day is the office''s');
select is(pg_temp.found('Ann', $$first_day => '2025-06-02'$$), 'C8 C7 C6 C5 C4', 'which begins at its midnight');
select is(pg_temp.found('Ann', $$state => 'active'$$), 'C8', 'by state');
select is(pg_temp.found('Ann', $$reason => 'abandoned'$$), 'C6 C3', 'by how it ended');
select is(pg_temp.found('Ann', $$direction => 'outbound'$$), 'C5', 'by direction');
select is(pg_temp.found('Ann', format('agent => %L', md5('Bob')::uuid)), 'C5 C2', 'by who had it');
select is(pg_temp.found('Ann', 'only_missed => true'), 'C7 C6 C4 C3', 'missed is what nobody answered in the end');
select is(pg_temp.found('Ann', $$'555', reason => 'voicemail', only_missed => true$$), 'C4', 'and all of it at once');

select matches(pg_temp.found('Ann', $$sort => 'talked'$$), '^C2 C1 C6 C5 ', 'the longest talks first');
select matches(pg_temp.found('Ann', $$sort => 'waited'$$), '^C[47] C[47] C3 C6 C1 C2 C5$', 'or the longest waits');
select is(pg_temp.try($$select * from public.search_calls(sort => 'id; drop table calls')$$), 'PT400 unknown_sort', 'and no other way');

-- Page by page, each way, while a call comes in and one is noted.
create function pg_temp.paged(sorted text) returns text language plpgsql as $$
declare
  at public.listed_call;
  names text := '';
begin
  perform pg_temp.be('Ann');
  for n in 1..20 loop
    select * into at from public.search_calls(
      sort => sorted, after_value => at.sort_value, after_id => at.id, page_size => 1);
    exit when at.id is null;
    names := names || ' ' || coalesce(pg_temp.named(at.id), 'new');
    if n = 3 then
      perform pg_temp.ring('C during ' || sorted);
      perform pg_temp.patch('Sal', 'C2', 'note = ''wool ' || sorted || '''');
      perform pg_temp.be('Ann');
    end if;
  end loop;
  return btrim(names);
end
$$;
select is(pg_temp.paged('newest'), 'C8 C7 C6 C5 C4 C3 C2 C1', 'page after page, each call once');
select is(pg_temp.paged('waited'), pg_temp.found('Ann', $$sort => 'waited'$$), 'sorted by waiting');
select is(pg_temp.paged('talked'), pg_temp.found('Ann', $$sort => 'talked'$$), 'or by talking, where many are equal');
select is(public.count_calls('555'), (select count(*) from public.search_calls('555')), 'as many are counted as are found');
select is(public.count_calls(only_missed => true), 4::bigint, 'with the same filters');

select results_eq(
  $$select number, name, company, waited_s, talked_s, agent_names, is_missed, called_back_by, called_back_at, has_recording
    from public.search_calls(last_day => '2025-06-02') where id <> md5('C8')::uuid order by created_at$$,
  $$values
    ('+12025550150', 'José Núñez', null::text, 10, 60, '{Ann}'::text[], false, null::text, null::timestamptz, false),
    ('+442079460123', 'Zoe Late', null, 5, 300, '{Ann,Bob}', false, null, null, false),
    ('+12025550160', 'Erin Walsh', 'Walsh Legal', 40, 0, '{}', true, 'Bob', '2025-06-02 05:00Z', false),
    ('+12025550162', null, null, 60, 0, '{}', true, 'Ann', '2025-06-02 08:00:09Z', false),
    ('+12025550160', 'Erin Walsh', 'Walsh Legal', 3, 20, '{Bob}', false, null, null, false),
    ('sip:lobby@example.com', null, null, 20, 30, '{Ann}', true, null, null, false),
    ('+12025550162', null, null, 60, 0, '{}', true, 'Ann', '2025-06-02 08:00:09Z', false)$$,
  'a line says all that a list shows, and who called back');
select is(
  (select string_agg(pg_temp.named(id), ' ') from public.earlier_calls('+12025550160')), 'C5 C3', 'earlier calls of a number');
select is(
  (select string_agg(pg_temp.named(id), ' ') from public.earlier_calls('+12025550160', '2025-06-02 05:00Z')), 'C3',
  'are those before a moment');
select is((select count(*) from public.search_calls(page_size => 0)), 1::bigint, 'a page has a call at least');

-- What keeps it fast: nothing reads every call. So few fit on some pages, which PostgreSQL would rather read through.
select pg_temp.be('owner');
alter table public.calls disable trigger user;
insert into public.calls (twilio_call_sid, from_number, to_number, status, created_at, ended_at, end_reason, note)
select 'many' || n, '+1303' || lpad((n * 7919 % 10000000)::text, 7, '0'), '+12025550199', 'ended',
  '2025-01-01'::timestamptz + n * interval '1 minute', '2025-01-02'::timestamptz + n * interval '1 minute', 'missed', 'Note ' || n || repeat(' asked for a quote', 4)
from generate_series(1, 2000) as n;
alter table public.calls enable trigger user;
insert into private.ended_calls
select id, created_at, from_number, private.plain(from_number || E'\n' || note), 1, 1 from public.calls where note like 'Note %';
analyze public.calls;
analyze private.ended_calls;
set local enable_seqscan = off;
set local enable_indexscan = off;
set local enable_indexonlyscan = off;
create function pg_temp.plan_of(statement text) returns text language plpgsql as $$
declare
  line text;
  plan text := '';
begin
  for line in execute 'explain ' || statement loop
    plan := plan || line || E'\n';
  end loop;
  return plan;
end
$$;
create function pg_temp.plan_of_search(words text, sort text, after_value bigint) returns text language sql as $$
  select pg_temp.plan_of(private.page_of(
    private.condition_of(words, null, null, null, null, null, null, false), sort, after_value, md5('C1')::uuid, 50))
$$;
select matches(pg_temp.plan_of_search('0047514', 'newest', null), 'ended_calls_by_words', 'a part of a number is looked up');
select unalike(pg_temp.plan_of_search('0047514', 'newest', null), '%Seq Scan%', 'and nothing is read through');
select matches(pg_temp.plan_of_search('4711', 'talked', null), 'ended_calls_by_words', 'so is a word');
set local enable_indexscan = on;
set local enable_indexonlyscan = on;
select matches(pg_temp.plan_of_search('', 'newest', 1735700000000000), 'ended_calls_by_time.*\n.*Index Cond: \(+ROW\(created_at', 'a page begins where the last one ended');
select matches(pg_temp.plan_of_search('', 'waited', 1), 'ended_calls_by_wait', 'whatever it is sorted by');
select pg_temp.be('Ann');
select matches(
  pg_temp.plan_of($$select id from public.calls c
    where case c.direction when 'outbound' then c.to_number else c.from_number end = '+12025550150'
      and c.created_at < now() order by created_at desc limit 10$$),
  'calls_by_customer', 'earlier calls are looked up, also under the policy');

select * from finish();
rollback;
