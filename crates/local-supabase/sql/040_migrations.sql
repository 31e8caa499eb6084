-- Where the Supabase CLI records which migrations ran, so that `supabase migration list` and `db push` agree with the
-- stand-in about what is already there.

create schema supabase_migrations authorization postgres;

create table supabase_migrations.schema_migrations (
  version text not null primary key,
  statements text[],
  name text
);
alter table supabase_migrations.schema_migrations owner to postgres;
