//! The data directory: whose it is and who uses it.
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
    path::Path,
    process::{self, Command},
};

use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
    sys::signal::kill,
    unistd::Pid,
};

use super::{PostgresError, at, server};

/// Name of the file that makes a directory ours.
pub(super) const MARKER: &str = "local-supabase.json";
const LOCK: &str = "lock";

/// Anything but an empty directory or one with our marker belongs to somebody else.
pub(super) fn refuse_foreign(directory: &Path) -> Result<(), PostgresError> {
    let mut entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at("cannot read", directory)(error)),
    };
    let ours = directory.join(MARKER).is_file();
    // A start that ended right after it had taken the lock leaves nothing else behind.
    let is_foreign = |entry: fs::DirEntry| entry.file_name() != LOCK;
    if !ours && entries.any(|entry| entry.is_ok_and(is_foreign)) {
        return Err(PostgresError::ForeignDirectory {
            dir: directory.to_owned(),
        });
    }
    Ok(())
}

/// Takes `directory` for this process, until the value is dropped.
pub(super) fn lock(directory: &Path) -> Result<Flock<File>, PostgresError> {
    let path = directory.join(LOCK);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(at("cannot open", &path))?;
    take(file, directory)
}

/// Takes `directory` if a process that is gone left it behind, and ends the PostgreSQL that may still run on it.
/// `None`: it is not ours, or it is in use.
pub(super) fn lock_abandoned(directory: &Path) -> Result<Option<Flock<File>>, PostgresError> {
    let path = directory.join(LOCK);
    let is_alive = |pid: i32| kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH);
    let owner = fs::read_to_string(&path).ok();
    let owner = owner.and_then(|pid| pid.trim().parse().ok());
    if !directory.join(MARKER).is_file() || owner.is_none_or(is_alive) {
        return Ok(None);
    }
    let file = match OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        // Somebody else removes it this instant.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at("cannot open", &path)(error)),
    };
    // A process number may have another meaning elsewhere; the lock has not.
    let lock = match take(file, directory) {
        Ok(lock) => lock,
        Err(PostgresError::InUse { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    end_orphan(&directory.join("cluster"))?;
    Ok(Some(lock))
}

fn take(file: File, directory: &Path) -> Result<Flock<File>, PostgresError> {
    let path = directory.join(LOCK);
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(mut lock) => {
            lock.set_len(0)
                .and_then(|()| lock.rewind())
                .map_err(at("cannot write", &path))?;
            write!(lock, "{}", process::id()).map_err(at("cannot write", &path))?;
            Ok(lock)
        }
        Err((mut file, Errno::EWOULDBLOCK)) => {
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

/// Ends a PostgreSQL on `files` that outlived its local-supabase (which was killed); we hold the lock, so it is ours.
pub(super) fn end_orphan(files: &Path) -> Result<(), PostgresError> {
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
    server::interrupt_and_wait(Pid::from_raw(pid), || command_line(pid).is_empty())
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
