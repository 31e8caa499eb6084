//! The database under the stand-in: an ordinary PostgreSQL that this process starts, fills and stops.

pub mod account;
pub mod binaries;
pub mod cluster;
mod directory;
pub mod migrations;
pub mod server;
pub mod statements;
pub mod temporary;

use std::{io, path::PathBuf};

/// Why the database could not be started. Each message says what is wrong and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No PostgreSQL that is new enough.
    #[error(
        "PostgreSQL 15 or newer was not found{found}; install the packages `postgresql-15 postgresql-15-wal2json` \
         (Debian), or name a directory with `initdb` and `postgres` in LOCAL_SUPABASE_PG_BIN"
    )]
    NoBinaries {
        /// What was found instead, starting with a separator, or empty.
        found: String,
    },
    /// PostgreSQL lacks the output plugin that change feeds are read through.
    #[error(
        "PostgreSQL {major} in {} has no wal2json, which Realtime reads changes through; install the package \
         `postgresql-{major}-wal2json`, or run `make deps`", bin.display()
    )]
    NoWal2json {
        /// Major version of the PostgreSQL that was found.
        major: u32,
        /// Its directory of programs.
        bin: PathBuf,
    },
    /// The data were written by a PostgreSQL that is not installed any more.
    #[error(
        "the data in {} belong to PostgreSQL {data}, but only {installed} is installed; install PostgreSQL {data} \
         with wal2json, or throw the data away with `local-supabase start --reset`", dir.display()
    )]
    OtherMajor {
        /// The data directory.
        dir: PathBuf,
        /// Major version that wrote it.
        data: u32,
        /// Major version that was found.
        installed: u32,
    },
    /// Running as root without an unprivileged account to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and neither the user `postgres` nor `nobody` exists; create one of them"
    )]
    NoAccount,
    /// The unprivileged account cannot enter a directory above the data.
    #[error(
        "PostgreSQL runs as the user `{user}`, who may not enter {}; open it with `chmod o+x`, or set \
         LOCAL_SUPABASE_DATA to a directory that this user can reach", closed.display()
    )]
    Unreachable {
        /// Name of the account.
        user: String,
        /// The directory that is closed to it.
        closed: PathBuf,
    },
    /// The directory holds something, and nothing says that it is ours.
    #[error(
        "{} is not empty and was not made by local-supabase, so it is left alone; set LOCAL_SUPABASE_DATA (or --data) \
         to another directory", dir.display()
    )]
    ForeignDirectory {
        /// The directory.
        dir: PathBuf,
    },
    /// Another process holds the directory.
    #[error(
        "another local-supabase{pid} already uses {}; stop it, or set LOCAL_SUPABASE_DATA (or --data) to another \
         directory", dir.display()
    )]
    InUse {
        /// The directory.
        dir: PathBuf,
        /// ` (process N)`, or empty when it is not known.
        pid: String,
    },
    /// The data were made with other bootstrap SQL.
    #[error(
        "the data in {} were made by another version of local-supabase; throw them away with \
         `local-supabase start --reset` (or `make clean`)", dir.display()
    )]
    OtherBootstrap {
        /// The directory.
        dir: PathBuf,
    },
    /// Somebody else listens on the port that the database should have.
    #[error(
        "port {port} is taken, so PostgreSQL cannot listen there; stop what uses it, or choose another with \
         LOCAL_SUPABASE_DB_PORT (or --db-port)"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// The end of what it printed.
        output: String,
    },
    /// PostgreSQL started, but never took a connection.
    #[error("PostgreSQL did not take connections within {seconds} s; its log is {}", log.display())]
    NotReady {
        /// How long was waited.
        seconds: u64,
        /// Where it wrote what it did.
        log: PathBuf,
    },
    /// A migration that ran was edited afterwards.
    #[error(
        "migration {file} was changed after it had been applied; put the change into a new migration, or throw the \
         local data away with `local-supabase start --reset` (or `make clean`)"
    )]
    MigrationChanged {
        /// File name.
        file: String,
    },
    /// A migration that ran is not there any more.
    #[error(
        "migration {version} was applied to the local data but its file is gone; bring it back, or throw the local \
         data away with `local-supabase start --reset` (or `make clean`)"
    )]
    MigrationMissing {
        /// Version, the digits before the first underscore of its file name.
        version: String,
    },
    /// A file of SQL was refused by the database.
    #[error("{file}{line} was refused: {message}")]
    Sql {
        /// File name.
        file: String,
        /// `:line`, or empty when it is not known.
        line: String,
        /// What PostgreSQL said.
        message: String,
    },
    /// The database refused something else.
    #[error("the database refused: {0}")]
    Database(#[from] tokio_postgres::Error),
    /// The file system refused.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// What was tried, as `cannot write`.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

/// Names what was tried and where, for an error of the file system.
pub(crate) fn at<'a>(
    what: &'static str,
    path: &'a std::path::Path,
) -> impl FnOnce(io::Error) -> PostgresError + 'a {
    move |source| PostgresError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}
