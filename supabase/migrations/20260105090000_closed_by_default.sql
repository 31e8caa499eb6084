-- Nothing of this project is open because somebody forgot to close it.
-- A Supabase project grants each new object of `public` to the API roles. Here every grant is written next to the
-- thing that it opens, so what comes later starts closed; `anon` never gets anything.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

-- Functions of policies and triggers. The API exposes `public` only, so nobody can call these by name over HTTP.
create schema private;
comment on schema private is 'Functions behind policies and triggers; not exposed by the API.';
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;

-- One counter for every row of the board. Numbers become visible out of order (105 can be committed before 104), so a
-- version tells which of two states of the same row is newer, and nothing about another row.
create sequence public.board_version;
comment on sequence public.board_version is 'Versions of the rows of calls and voip_users; compare per row only.';
