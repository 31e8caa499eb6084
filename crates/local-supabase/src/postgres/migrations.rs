//! What a cluster is filled with: Supabase's roles and schemas, the project's migrations, its seed.

use std::{collections::BTreeMap, fs, path::Path};

use sha2::{Digest, Sha256};
use tokio_postgres::{Client, error::ErrorPosition};

use super::{PostgresError, at, statements};

/// What a fresh Supabase project has, in the order in which it runs.
const BOOTSTRAP: &[(&str, &str)] = &[
    ("010_roles.sql", include_str!("../../sql/010_roles.sql")),
    ("020_auth.sql", include_str!("../../sql/020_auth.sql")),
    (
        "030_realtime.sql",
        include_str!("../../sql/030_realtime.sql"),
    ),
    (
        "040_migrations.sql",
        include_str!("../../sql/040_migrations.sql"),
    ),
    ("050_rest.sql", include_str!("../../sql/050_rest.sql")),
];

/// Tells one bootstrap from another.
pub fn bootstrap_hash() -> String {
    let mut hash = Sha256::new();
    for (name, sql) in BOOTSTRAP {
        hash.update(name);
        hash.update(sql);
    }
    hex(&hash.finalize())
}

/// Makes a fresh cluster Supabase's, all or nothing. `admin` is the cluster's superuser.
pub async fn bootstrap(admin: &mut Client) -> Result<(), PostgresError> {
    let transaction = admin.transaction().await?;
    for (name, sql) in BOOTSTRAP {
        transaction
            .batch_execute(sql)
            .await
            .map_err(|error| refused(name, sql, &error))?;
    }
    Ok(transaction.commit().await?)
}

/// What was done to the project's schema at a start.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Names of the migration files that ran now.
    pub migrations: Vec<String>,
    /// Whether seed.sql ran now.
    pub seeded: bool,
    /// Whether seed.sql was edited since it ran: it runs once only.
    pub seed_is_stale: bool,
    /// Whether demo.sql ran now.
    pub demo: bool,
}

/// Runs the migrations of a `supabase/` folder that have not run, then its seed once, and after the seed, where it is
/// wanted, its demo.sql. `owner` is the role `postgres`.
///
/// Versions and statements are recorded as the Supabase CLI records them, so that `supabase migration list` agrees.
pub async fn apply_project(
    owner: &mut Client,
    supabase_dir: &Path,
    with_demo: bool,
) -> Result<Applied, PostgresError> {
    let mut recorded: BTreeMap<String, Vec<String>> = owner
        .query(
            "select version, coalesce(statements, '{}') from supabase_migrations.schema_migrations",
            &[],
        )
        .await?
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    let mut applied = Applied::default();
    for file in migration_files(&supabase_dir.join("migrations"))? {
        let statements = statements::split(&file.sql);
        match recorded.remove(&file.version) {
            Some(ran) if ran == statements => {}
            Some(_) => return Err(PostgresError::MigrationChanged { file: file.name }),
            None => {
                apply_migration(owner, &file, &statements).await?;
                applied.migrations.push(file.name);
            }
        }
    }
    if let Some((version, _)) = recorded.pop_first() {
        return Err(PostgresError::MigrationMissing { version });
    }
    seed(owner, &supabase_dir.join("seed.sql"), &mut applied).await?;
    if with_demo && applied.seeded {
        apply_file(owner, &supabase_dir.join("demo.sql")).await?;
        owner.batch_execute("discard all").await?;
        applied.demo = true;
    }
    Ok(applied)
}

/// Runs one file as `owner`, all or nothing, unrecorded.
pub async fn apply_file(owner: &mut Client, path: &Path) -> Result<(), PostgresError> {
    let sql = fs::read_to_string(path).map_err(at("cannot read", path))?;
    let transaction = owner.transaction().await?;
    transaction
        .batch_execute(&sql)
        .await
        .map_err(|error| refused(&path.display().to_string(), &sql, &error))?;
    Ok(transaction.commit().await?)
}

struct Migration {
    /// `20260102030405_calls.sql`
    name: String,
    /// `20260102030405`
    version: String,
    sql: String,
}

fn migration_files(folder: &Path) -> Result<Vec<Migration>, PostgresError> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .map_err(at("cannot read the migrations in", folder))?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| version_of(name).is_some())
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let path = folder.join(&name);
            let sql = fs::read_to_string(&path).map_err(at("cannot read", &path))?;
            let version = version_of(&name).unwrap_or_default().to_owned();
            Ok(Migration { name, version, sql })
        })
        .collect()
}

/// The digits before the first underscore of `digits_topic.sql`; other files are not migrations.
fn version_of(file_name: &str) -> Option<&str> {
    let (version, _topic) = file_name.strip_suffix(".sql")?.split_once('_')?;
    (!version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())).then_some(version)
}

async fn apply_migration(
    owner: &mut Client,
    file: &Migration,
    statements: &[String],
) -> Result<(), PostgresError> {
    let topic = file
        .name
        .strip_suffix(".sql")
        .and_then(|name| name.split_once('_'))
        .map(|(_, topic)| topic);
    let transaction = owner.transaction().await?;
    transaction
        .batch_execute(&file.sql)
        .await
        .map_err(|error| refused(&file.name, &file.sql, &error))?;
    // A migration may end with another role or search path than it began with.
    transaction.batch_execute("reset role").await?;
    let record = "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)";
    transaction
        .execute(record, &[&file.version, &topic, &statements])
        .await?;
    transaction.commit().await?;
    // Settings made without `local` must not leak into the next file.
    Ok(owner.batch_execute("discard all").await?)
}

async fn seed(owner: &mut Client, path: &Path, applied: &mut Applied) -> Result<(), PostgresError> {
    if !path.is_file() {
        return Ok(());
    }
    let sql = fs::read_to_string(path).map_err(at("cannot read", path))?;
    let hash = hex(&Sha256::digest(&sql));
    // The CLI's own table, with its own columns.
    owner
        .batch_execute(
            "create table if not exists supabase_migrations.seed_files (path text not null primary key, hash text not null)",
        )
        .await?;
    let ran = owner
        .query_opt(
            "select hash from supabase_migrations.seed_files where path = 'supabase/seed.sql'",
            &[],
        )
        .await?;
    if let Some(row) = ran {
        applied.seed_is_stale = row.get::<_, String>(0) != hash;
        return Ok(());
    }
    let transaction = owner.transaction().await?;
    transaction
        .batch_execute(&sql)
        .await
        .map_err(|error| refused("seed.sql", &sql, &error))?;
    transaction.batch_execute("reset role").await?;
    transaction
        .execute("insert into supabase_migrations.seed_files (path, hash) values ('supabase/seed.sql', $1)", &[&hash])
        .await?;
    transaction.commit().await?;
    applied.seeded = true;
    Ok(())
}

/// Names the file and line that the database refused.
pub(crate) fn refused(file: &str, sql: &str, error: &tokio_postgres::Error) -> PostgresError {
    let database = error.as_db_error();
    let line =
        database
            .and_then(|refusal| refusal.position())
            .and_then(|position| match position {
                // Positions count characters from 1.
                ErrorPosition::Original(at) => Some(
                    1 + sql
                        .chars()
                        .take((*at as usize).saturating_sub(1))
                        .filter(|c| *c == '\n')
                        .count(),
                ),
                ErrorPosition::Internal { .. } => None,
            });
    let message = database.map_or_else(
        || error.to_string(),
        |refusal| {
            let parts = [
                Some(refusal.message()),
                refusal.detail(),
                refusal.hint(),
                refusal.where_(),
            ];
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            format!("{} ({})", parts.join("; "), refusal.code().code())
        },
    );
    PostgresError::Sql {
        file: file.to_owned(),
        line: line.map(|line| format!(":{line}")).unwrap_or_default(),
        message,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bootstrap_is_every_file_of_the_sql_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
        let mut files: Vec<String> = fs::read_dir(folder)
            .expect("sql folder")
            .map(|entry| {
                entry
                    .expect("entry")
                    .file_name()
                    .into_string()
                    .expect("plain name")
            })
            .collect();
        files.sort();
        let listed: Vec<&str> = BOOTSTRAP.iter().map(|(name, _)| *name).collect();
        assert_eq!(files, listed);
    }

    #[test]
    fn only_numbered_sql_files_are_migrations() {
        assert_eq!(
            version_of("20260102030405_calls.sql"),
            Some("20260102030405")
        );
        for other in [
            "calls.sql",
            "_calls.sql",
            "2026_calls.txt",
            "README.md",
            "20x6_calls.sql",
        ] {
            assert_eq!(version_of(other), None, "{other}");
        }
    }
}
