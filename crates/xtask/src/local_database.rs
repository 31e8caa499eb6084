//! The stand-in's database on this machine: where its files are, whether it runs, and how it is forgotten.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::{root, settings};

/// The file with which the stand-in makes a folder its own.
const MARKER: &str = "local-supabase.json";

/// A folder for the stand-in's database, which may not be there.
struct LocalDatabase {
    folder: PathBuf,
}

impl LocalDatabase {
    /// Where the settings say that it is.
    fn of(env_file: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        // As the children of a run read it, which start in the root folder.
        let folder = root::root().join(settings::value(env_file, "LOCAL_SUPABASE_DATA")?);
        Ok(Self { folder })
    }

    /// The process of the PostgreSQL that runs on its files.
    fn postgres(&self) -> Option<Pid> {
        let files = fs::canonicalize(self.folder.join("cluster")).ok()?;
        let text = fs::read_to_string(files.join("postmaster.pid")).ok()?;
        let number = text.lines().next()?.trim().parse().ok()?;
        let pid = Pid::from_raw(number);
        if kill(pid, None) == Err(Errno::ESRCH) {
            return None;
        }
        // One that was killed leaves its number behind, which may be somebody else's by now. Who cannot look believes it.
        let started_with = fs::read(format!("/proc/{number}/cmdline"));
        let is_other = started_with
            .is_ok_and(|line| !String::from_utf8_lossy(&line).contains(&*files.to_string_lossy()));
        (!is_other).then_some(pid)
    }

    /// Removes it, unless it runs or is none.
    fn forget(&self) -> anyhow::Result<()> {
        if let Some(pid) = self.postgres() {
            bail!(
                "the local database in {} is in use by PostgreSQL, process {pid}: stop `make run` first",
                self.folder.display()
            );
        }
        // A folder with this file is the stand-in's, wherever a setting leads.
        if !self.folder.join(MARKER).is_file() {
            return Ok(());
        }
        remove(&self.folder)
    }
}

/// Forgets the local database, its calls and settings; not under a stand-in that uses it.
pub(crate) fn reset() -> anyhow::Result<()> {
    let env_file = settings::of_env_file();
    // A stand-in that is about to start has no PostgreSQL yet.
    let gateway = format!(
        "127.0.0.1:{}",
        settings::value(&env_file, "LOCAL_SUPABASE_PORT")?
    );
    TcpListener::bind(&gateway).with_context(|| {
        format!("the local database is in use by what listens on {gateway}: stop `make run` first")
    })?;
    LocalDatabase::of(&env_file)?.forget()?;
    let usual = LocalDatabase {
        folder: root::root().join(".local/postgres"),
    };
    usual.forget()?;
    remove(&root::root().join(".local"))
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// A database of the stand-in's, on which a process of that number says to run.
    fn database(folder: &Path, number: u32) -> LocalDatabase {
        fs::create_dir_all(folder.join("cluster")).unwrap();
        fs::write(folder.join(MARKER), "{}").unwrap();
        fs::write(folder.join("cluster/postmaster.pid"), format!("{number}\n")).unwrap();
        LocalDatabase {
            folder: folder.to_owned(),
        }
    }

    #[test]
    fn a_database_is_forgotten_only_when_nothing_runs_on_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(parent.path()).unwrap().join("postgres");
        let files = folder.join("cluster");
        // Its files are named as PostgreSQL is told them.
        let mut runs = Command::new("sh")
            .args(["-c", "echo started; read until_the_end", "sh", "-D"])
            .arg(&files)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Only then it is the shell, with its own words, and no longer a copy of this test.
        runs.stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut [0; 7])
            .unwrap();
        let used = database(&folder, runs.id());
        let refusal = used.forget().unwrap_err().to_string();
        assert!(
            refusal.contains(&format!("process {}", runs.id())),
            "{refusal}"
        );
        assert!(files.is_dir(), "nothing is gone");

        // The number of one that is gone belongs to somebody else by now: to this very test.
        let reused = database(&folder, std::process::id());
        assert_eq!(reused.postgres(), None);
        drop(runs.stdin.take());
        runs.wait().unwrap();
        assert_eq!(database(&folder, runs.id()).postgres(), None);
        used.forget().unwrap();
        assert!(!folder.exists());
        used.forget().unwrap();
    }

    #[test]
    fn a_folder_that_is_not_the_stand_ins_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("letter"), "keep me").unwrap();
        let folder = parent.path().to_owned();
        LocalDatabase { folder }.forget().unwrap();
        assert!(parent.path().join("letter").is_file());
    }
}
