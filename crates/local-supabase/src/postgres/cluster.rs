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
    io::{ErrorKind, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{self, Command},
};

use nix::fcntl::{Flock, FlockArg};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    PostgresError, account::Account, at, binaries::Binaries, migrations::bootstrap_hash, server,
};

/// Name of the cluster's superuser, as on Supabase.
pub const ADMIN: &str = "supabase_admin";
/// Raised when the layout of the directory changes.
const FORMAT: u32 = 1;
const MARKER: &str = "local-supabase.json";

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
        refuse_foreign(directory)?;
        fs::create_dir_all(directory).map_err(at("cannot make", directory))?;
        let directory = fs::canonicalize(directory).map_err(at("cannot find", directory))?;
        let lock = lock(&directory)?;
        let account = Account::choose()?;
        end_orphan(&directory.join("cluster"))?;

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

        let mut password =
            tempfile::NamedTempFile::new().map_err(at("cannot write to", &std::env::temp_dir()))?;
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

/// Anything but an empty directory or one with our marker belongs to somebody else.
fn refuse_foreign(directory: &Path) -> Result<(), PostgresError> {
    let mut entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at("cannot read", directory)(error)),
    };
    let ours = directory.join(MARKER).is_file();
    // A start that ended right after it had taken the lock leaves nothing else behind.
    let is_foreign = |entry: fs::DirEntry| entry.file_name() != "lock";
    if !ours && entries.any(|entry| entry.is_ok_and(is_foreign)) {
        return Err(PostgresError::ForeignDirectory {
            dir: directory.to_owned(),
        });
    }
    Ok(())
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

fn lock(directory: &Path) -> Result<Flock<File>, PostgresError> {
    let path = directory.join("lock");
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(at("cannot open", &path))?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(mut lock) => {
            lock.set_len(0)
                .and_then(|()| lock.rewind())
                .map_err(at("cannot write", &path))?;
            write!(lock, "{}", process::id()).map_err(at("cannot write", &path))?;
            Ok(lock)
        }
        Err((mut file, nix::errno::Errno::EWOULDBLOCK)) => {
            let mut pid = String::new();
            let pid = match file.read_to_string(&mut pid) {
                Ok(length) if length > 0 => format!(" (process {})", pid.trim()),
                _ => String::new(),
            };
            Err(PostgresError::InUse {
                dir: directory.to_owned(),
                pid,
            })
        }
        Err((_, errno)) => Err(at("cannot lock", &path)(errno.into())),
    }
}

/// The major version that made the cluster, from its PG_VERSION.
fn cluster_major(files: &Path) -> Result<Option<u32>, PostgresError> {
    let path = files.join("PG_VERSION");
    let text = fs::read_to_string(&path).map_err(at("cannot read", &path))?;
    Ok(text.trim().parse().ok())
}

/// Ends a PostgreSQL on `files` that outlived its local-supabase (which was killed); we hold the lock, so it is ours.
fn end_orphan(files: &Path) -> Result<(), PostgresError> {
    let Ok(text) = fs::read_to_string(files.join("postmaster.pid")) else {
        return Ok(());
    };
    let Some(pid) = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
    else {
        return Ok(());
    };
    // The number may have gone to somebody else since: only a process that was started on these files is meant.
    if !command_line(pid).contains(&*files.to_string_lossy()) {
        return Ok(());
    }
    tracing::warn!(pid, "stopping the PostgreSQL of a run that was killed");
    server::interrupt_and_wait(nix::unistd::Pid::from_raw(pid), || {
        command_line(pid).is_empty()
    })
}

/// What a process was started with, or nothing if there is no such process.
fn command_line(pid: i32) -> String {
    match fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => String::from_utf8_lossy(&line).replace('\0', " "),
        Err(_) => Command::new("ps")
            .args(["-o", "args=", "-p", &pid.to_string()])
            .output()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default(),
    }
}
