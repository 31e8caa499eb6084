//! Temporary data directories: made for a test, removed with it, or by the next one when its process was killed.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::unistd::Uid;

use super::{PostgresError, at, directory};

const PREFIX: &str = "local-supabase-";
/// The data directory within.
const DATA: &str = "data";

/// Where the programs of a test leave their files: a directory that goes away with this value.
#[derive(Debug)]
pub struct TemporaryDirectory(tempfile::TempDir);

impl TemporaryDirectory {
    /// A fresh directory that other accounts may pass through. Removes what killed processes left beside it.
    pub fn new() -> Result<Self, PostgresError> {
        let parent = std::env::temp_dir();
        remove_abandoned(&parent);
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(fs::Permissions::from_mode(0o711))
            .tempdir_in(&parent)
            .map_err(at("cannot make a directory in", &parent))?;
        Ok(Self(directory))
    }

    /// The data directory in it.
    pub fn path(&self) -> PathBuf {
        self.0.path().join(DATA)
    }
}

/// Removes temporary directories whose process is gone. A fault keeps nobody from starting.
fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let directory = entry.path();
        match remove_if_abandoned(&directory) {
            Ok(true) => {
                tracing::info!(directory = %directory.display(), "removed what a killed process left");
            }
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(directory = %directory.display(), %error, "cannot remove what a killed process left");
            }
        }
    }
}

fn remove_if_abandoned(path: &Path) -> Result<bool, PostgresError> {
    // Everybody may put something into the parent, a link to somewhere else included.
    let is_ours = fs::symlink_metadata(path)
        .is_ok_and(|found| found.is_dir() && found.uid() == Uid::effective().as_raw());
    if !is_ours {
        return Ok(false);
    }
    // Held from here on, so that of two processes that clean up only one does it here.
    let Some(_lock) = directory::lock_abandoned(&path.join(DATA))? else {
        return Ok(false);
    };
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(at("cannot remove", path)(error))
        }
        _ => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::fs::symlink,
        process::{Command, Stdio},
    };

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        /// A directory as a start leaves it that was killed, but for the cluster's files.
        fn abandoned(&self, name: &str) -> PathBuf {
            let directory = self.0.path().join(name);
            fs::create_dir_all(directory.join(DATA)).expect("directory");
            fs::write(directory.join("data/local-supabase.json"), "{}").expect("marker");
            fs::write(directory.join("data/lock"), ended_process().to_string()).expect("lock");
            directory
        }
    }

    fn ended_process() -> u32 {
        let mut child = Command::new("true")
            .stdin(Stdio::null())
            .spawn()
            .expect("a process");
        child.wait().expect("its end");
        child.id()
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_nothing_else() {
        let place = Place(tempfile::TempDir::new().expect("directory"));
        let abandoned = place.abandoned("local-supabase-abandoned");
        let foreign = place.abandoned("somebody-elses");
        let unmarked = place.abandoned("local-supabase-unmarked");
        fs::remove_file(unmarked.join("data/local-supabase.json")).expect("remove marker");
        let linked = place.0.path().join("local-supabase-linked");
        symlink(&foreign, &linked).expect("link");
        let alive = place.abandoned("local-supabase-alive");
        fs::write(alive.join("data/lock"), std::process::id().to_string()).expect("lock");
        let locked = place.abandoned("local-supabase-locked");
        let lock = directory::lock(&locked.join(DATA)).expect("lock");
        fs::write(locked.join("data/lock"), ended_process().to_string()).expect("number");

        remove_abandoned(place.0.path());
        assert!(!abandoned.exists());
        for kept in [&foreign, &unmarked, &linked, &alive, &locked] {
            assert!(kept.join("data/lock").exists(), "{}", kept.display());
        }
        drop(lock);
        remove_abandoned(place.0.path());
        assert!(!locked.exists());
    }
}
