-- The roles, schemas and default rights that a Supabase project has before anyone's first migration.
--
-- Run once, in file order, on a fresh cluster: database `postgres`, as the cluster's superuser `supabase_admin`.
-- The whole folder runs in one transaction (it uses `set local`), so that a crash leaves nothing half made.
-- Passwords are the published local ones: this stand-in listens on loopback and holds no real data.

-- As on Supabase, `postgres` owns the project's objects but is no superuser: a migration that needs more fails here too.
create role postgres login createdb createrole replication bypassrls password 'postgres';

-- A role per kind of API caller. They never log in: the gateway becomes one of them for each request.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit password 'postgres';
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role, authenticator to postgres;

-- Owners of what the Auth and Realtime servers keep in the database.
create role supabase_auth_admin login noinherit createrole password 'postgres';
create role supabase_realtime_admin nologin noinherit;
grant anon, authenticated, service_role to supabase_realtime_admin;
-- Gives `postgres` the right to `create policy ... on realtime.messages`, whose owner is supabase_realtime_admin.
grant supabase_realtime_admin to postgres;

-- The same limits as a hosted project: a statement that waits for a lock must end, not pile up.
-- pg_safeupdate is not packaged for Debian; the gateway refuses writes without a filter instead.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = 60000;

-- The database's owner owns `public` too (pg_database_owner), so `postgres` may create there and nobody else may.
alter database postgres owner to postgres;
grant usage on schema public to anon, authenticated, service_role;

create schema extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role, supabase_auth_admin, supabase_realtime_admin;
create extension pgcrypto with schema extensions;
alter database postgres set search_path = "$user", public, extensions;

-- Supabase hands every new object of `public` to the API roles. Kept as it is, dangerous as it is:
-- migrations must revoke here exactly what they must revoke there.
alter default privileges for role postgres in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
