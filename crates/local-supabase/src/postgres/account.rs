//! Who PostgreSQL runs as: it refuses to run as root, so root drops to an unprivileged account.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::Command,
};

use nix::unistd::{Gid, Uid, User, chown};

use super::{PostgresError, at};

/// The account of the database's processes.
#[derive(Debug, Clone)]
pub struct Account {
    /// `None`: the same as ours.
    drop_to: Option<User>,
}

impl Account {
    /// Our own account, or an unprivileged one when we are root.
    pub fn choose() -> Result<Self, PostgresError> {
        if !Uid::effective().is_root() {
            return Ok(Self { drop_to: None });
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self {
                drop_to: Some(user),
            })
            .ok_or(PostgresError::NoAccount)
    }

    /// A command that will run as this account, from `/`: our own working directory may be closed to it.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        if let Some(user) = &self.drop_to {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// Gives `path` to this account.
    pub fn own(&self, path: &Path) -> Result<(), PostgresError> {
        let Some(user) = &self.drop_to else {
            return Ok(());
        };
        chown(path, Some(user.uid), Some(user.gid))
            .map_err(|errno| at("cannot give away", path)(errno.into()))
    }

    /// Checks that this account may pass every directory above `path` (absolute, and there).
    pub fn can_reach(&self, path: &Path) -> Result<(), PostgresError> {
        let Some(user) = &self.drop_to else {
            return Ok(());
        };
        for directory in path.ancestors().skip(1) {
            let metadata = fs::metadata(directory).map_err(at("cannot look at", directory))?;
            let (uid, gid) = (Uid::from_raw(metadata.uid()), Gid::from_raw(metadata.gid()));
            let may_enter = match () {
                () if uid == user.uid => 0o100,
                () if gid == user.gid => 0o010,
                () => 0o001,
            };
            if metadata.mode() & may_enter == 0 {
                return Err(PostgresError::Unreachable {
                    user: user.name.clone(),
                    closed: directory.to_owned(),
                });
            }
        }
        Ok(())
    }
}
