//! The data directory: whose it is, who uses it, and the cluster of PostgreSQL files in it.
//!
//! ```text
//! <data>/local-supabase.json   says that the directory is ours and how it was made; holds the superuser's password
//! <data>/lock                  held while a local-supabase runs on the directory; holds its process number
//! <data>/postgres.log          what PostgreSQL said since its last start
//! <data>/cluster/              PostgreSQL's own files, owned by the account that it runs as
//! ```

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use nix::fcntl::Flock;
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    PostgresError,
    account::Account,
    at,
    binaries::Binaries,
    directory::{self, MARKER},
    migrations::bootstrap_hash,
    server,
};

/// Name of the cluster's superuser, as on Supabase.
pub const ADMIN: &str = "supabase_admin";
/// Raised when the layout of the directory changes.
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    format: u32,
    /// Which bootstrap SQL filled the cluster.
    bootstrap: String,
    /// Of the superuser. Drawn at random: a superuser may start programs, so a published password would let every
    /// user of the machine act as the account of the database.
    admin_password: String,
    /// Whether the bootstrap was carried out to its end.
    complete: bool,
}

/// A locked data directory with a cluster in it.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    marker: Marker,
    account: Account,
    binaries: Binaries,
    // Dropped last: whoever gets the lock must find nothing of ours running.
    _lock: Flock<File>,
}

impl Cluster {
    /// Takes `directory`, making it and the cluster where they are missing. `reset` throws away what was there.
    pub fn open(directory: &Path, reset: bool) -> Result<Self, PostgresError> {
        directory::refuse_foreign(directory)?;
        fs::create_dir_all(directory).map_err(at("cannot make", directory))?;
        let directory = fs::canonicalize(directory).map_err(at("cannot find", directory))?;
        let lock = directory::lock(&directory)?;
        let account = Account::choose()?;
        directory::end_orphan(&directory.join("cluster"))?;

        let marker = if reset {
            None
        } else {
            read_marker(&directory)?
        };
        match marker {
            Some(marker) if marker.complete => {
                if marker.format != FORMAT || marker.bootstrap != bootstrap_hash() {
                    return Err(PostgresError::OtherBootstrap { dir: directory });
                }
                let data_major = cluster_major(&directory.join("cluster"))?;
                let binaries = Binaries::find(data_major)?;
                if let Some(data) = data_major.filter(|data| *data != binaries.major) {
                    return Err(PostgresError::OtherMajor {
                        dir: directory,
                        data,
                        installed: binaries.major,
                    });
                }
                account.can_reach(&directory.join("cluster"))?;
                Ok(Self {
                    directory,
                    marker,
                    account,
                    binaries,
                    _lock: lock,
                })
            }
            // A half-made cluster holds nothing that anybody put there.
            _ => {
                let binaries = Binaries::find(None)?;
                let cluster = directory.join("cluster");
                if let Err(error) = fs::remove_dir_all(&cluster)
                    && error.kind() != ErrorKind::NotFound
                {
                    return Err(at("cannot remove", &cluster)(error));
                }
                let marker = Marker {
                    format: FORMAT,
                    bootstrap: bootstrap_hash(),
                    admin_password: random_password(),
                    complete: false,
                };
                let made = Self {
                    directory,
                    marker,
                    account,
                    binaries,
                    _lock: lock,
                };
                made.write_marker()?;
                made.initdb()?;
                Ok(made)
            }
        }
    }

    /// Whether the bootstrap has still to run.
    pub fn is_new(&self) -> bool {
        !self.marker.complete
    }

    /// Remembers that the bootstrap ran to its end.
    pub fn mark_complete(&mut self) -> Result<(), PostgresError> {
        self.marker.complete = true;
        self.write_marker()
    }

    /// The superuser's password.
    pub fn admin_password(&self) -> SecretString {
        self.marker.admin_password.clone().into()
    }

    /// Where PostgreSQL's own files are.
    pub fn files(&self) -> PathBuf {
        self.directory.join("cluster")
    }

    /// Where PostgreSQL writes what it does.
    pub fn log(&self) -> PathBuf {
        self.directory.join("postgres.log")
    }

    /// A command for one of PostgreSQL's programs, as the account that owns the files.
    pub fn command(&self, program: &str) -> Command {
        self.account.command(&self.binaries.program(program))
    }

    fn initdb(&self) -> Result<(), PostgresError> {
        let files = self.files();
        fs::create_dir(&files).map_err(at("cannot make", &files))?;
        self.account.own(&files)?;
        self.account.can_reach(&files)?;

        let mut password = tempfile::NamedTempFile::new_in(&self.directory)
            .map_err(at("cannot write to", &self.directory))?;
        let path = password.path().to_owned();
        password
            .write_all(self.admin_password().expose_secret().as_bytes())
            .map_err(at("cannot write", &path))?;
        self.account.own(&path)?;

        let output = self
            .command("initdb")
            .arg("--pgdata")
            .arg(&files)
            .arg("--pwfile")
            .arg(&path)
            .args([
                "--username",
                ADMIN,
                "--auth",
                "scram-sha-256",
                "--encoding",
                "UTF8",
                "--no-locale",
            ])
            // The first start writes everything out; until then there is nothing to lose.
            .args(["--no-sync", "--no-instructions"])
            .output()
            .map_err(at("cannot run initdb in", &files))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(PostgresError::Program {
            program: "initdb",
            output: server::last_lines(&String::from_utf8_lossy(&said)),
        })
    }

    fn write_marker(&self) -> Result<(), PostgresError> {
        let path = self.directory.join(MARKER);
        let text = serde_json::to_string_pretty(&self.marker).unwrap_or_default();
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .map_err(at("cannot write", &path))?;
        file.write_all(text.as_bytes())
            .map_err(at("cannot write", &path))
    }
}

fn random_password() -> String {
    let bytes: [u8; 24] = rand::rng().random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_marker(directory: &Path) -> Result<Option<Marker>, PostgresError> {
    let path = directory.join(MARKER);
    match fs::read(&path) {
        // One that cannot be read was written by another version, or only half written.
        Ok(text) => match serde_json::from_slice(&text) {
            Ok(marker) => Ok(Some(marker)),
            Err(_) => Err(PostgresError::OtherBootstrap {
                dir: directory.to_owned(),
            }),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at("cannot read", &path)(error)),
    }
}

/// The major version that made the cluster, from its PG_VERSION.
fn cluster_major(files: &Path) -> Result<Option<u32>, PostgresError> {
    let path = files.join("PG_VERSION");
    let text = fs::read_to_string(&path).map_err(at("cannot read", &path))?;
    Ok(text.trim().parse().ok())
}
