//! `cargo xtask deps`: what the project needs beside Rust and Node, found or installed.
//!
//! Everything is looked for as files, so that nothing is asked of a package manager when all is
//! there. What is missing is installed with apt where this may be done, else named.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::web::compiler;
use crate::{npm, process, root};

/// Where Debian puts each major version of PostgreSQL.
const POSTGRES: &str = "/usr/lib/postgresql";
/// The oldest version that the migrations work on.
const OLDEST_POSTGRES: u32 = 15;
/// Says no to the package's own cluster: the stand-in keeps its own.
const NO_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/no-main-cluster.conf";

/// Finds or installs everything.
pub(crate) fn ensure() -> anyhow::Result<()> {
    let missing = missing_packages()?;
    if !missing.is_empty() {
        install(&missing)?;
        let still = missing_packages()?;
        if !still.is_empty() {
            bail!("still missing after the installation: {}", still.join(" "));
        }
    }
    for folder in npm_folders()? {
        npm::ensure(&folder)?;
    }
    Ok(())
}

/// Debian's names of what is not there.
fn missing_packages() -> anyhow::Result<Vec<String>> {
    let mut missing = Vec::new();
    match newest_postgres(Path::new(POSTGRES)) {
        Some(version) => missing.extend(missing_extensions(version)),
        None => {
            let version = offered_postgres()?;
            missing.push(format!("postgresql-{version}"));
            missing.extend(missing_extensions(version));
        }
    }
    if chromium().is_none() {
        missing.push("chromium".to_owned());
    }
    let rustup = compiler::rustup_may_fetch() && process::on_path("rustup").is_some();
    if !rustup && !compiler::active_has_target() && !compiler::debian_is_installed() {
        missing.extend(compiler::DEBIAN_PACKAGES.map(str::to_owned));
    }
    Ok(missing)
}

fn missing_extensions(version: u32) -> Vec<String> {
    let files = [
        (
            format!("{POSTGRES}/{version}/lib/wal2json.so"),
            format!("postgresql-{version}-wal2json"),
        ),
        (
            format!("/usr/share/postgresql/{version}/extension/pgtap.control"),
            format!("postgresql-{version}-pgtap"),
        ),
        (
            format!("/usr/share/postgresql/{version}/extension/plpgsql_check.control"),
            format!("postgresql-{version}-plpgsql-check"),
        ),
    ];
    files
        .into_iter()
        .filter(|(file, _)| !Path::new(file).is_file())
        .map(|(_, package)| package)
        .collect()
}

/// The newest PostgreSQL server under that folder, if it is new enough.
fn newest_postgres(folder: &Path) -> Option<u32> {
    fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("bin/postgres").is_file())
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|version| *version >= OLDEST_POSTGRES)
        .max()
}

/// The version that this distribution offers, or a sentence when it offers none.
fn offered_postgres() -> anyhow::Result<u32> {
    if process::on_path("apt-get").is_none() {
        bail!(
            "PostgreSQL {OLDEST_POSTGRES} or newer is missing under {POSTGRES}: install it, with \
             the extensions wal2json and pgTAP, and Chromium for the browser tests"
        );
    }
    let ask = || {
        let listed = process::output(Command::new("apt-cache").args(["depends", "postgresql"]));
        listed.ok().and_then(|listed| postgres_in(&listed))
    };
    if let Some(version) = ask() {
        return Ok(version);
    }
    // A new machine has no package lists yet.
    if let Some(mut apt) = apt() {
        process::run(apt.args(["update", "-qq"]))?;
    }
    ask().with_context(|| {
        format!("apt offers no PostgreSQL {OLDEST_POSTGRES} or newer: run `apt-get update`, or add a repository that has it")
    })
}

/// Reads `Depends: postgresql-15`.
fn postgres_in(listed: &str) -> Option<u32> {
    listed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: postgresql-"))
        .filter_map(|version| version.parse().ok())
        .find(|version| *version >= OLDEST_POSTGRES)
}

/// Chromium as the browser tests find it.
fn chromium() -> Option<PathBuf> {
    std::env::var_os("CHROMIUM")
        .map(PathBuf::from)
        .filter(|file| file.is_file())
        .or_else(|| process::on_path("chromium"))
}

fn install(packages: &[String]) -> anyhow::Result<()> {
    let Some(mut update) = apt() else {
        bail!(
            "these packages are missing:\n  apt-get install --no-install-recommends {}",
            packages.join(" ")
        );
    };
    eprintln!("installing {}", packages.join(" "));
    process::run(update.args(["update", "-qq"]))?;
    forbid_cluster()?;
    if let Some(mut apt) = apt() {
        process::run(
            apt.args(["install", "-y", "-qq", "--no-install-recommends"])
                .args(packages),
        )?;
    }
    Ok(())
}

/// Keeps Debian's package from creating and starting a database cluster of its own.
///
/// Where a cluster exists this changes nothing: the setting is read only when a version is
/// installed for the first time.
fn forbid_cluster() -> anyhow::Result<()> {
    let file = Path::new(NO_CLUSTER);
    if file.exists() {
        return Ok(());
    }
    let script = format!(
        "mkdir -p {} && echo 'create_main_cluster = false' > {NO_CLUSTER}",
        file.parent().unwrap_or(file).display()
    );
    if let Some(mut shell) = as_root("sh") {
        process::run(shell.args(["-c", &script]))?;
    }
    Ok(())
}

/// `apt-get` with the right to install, if there is one.
fn apt() -> Option<Command> {
    process::on_path("apt-get")?;
    let mut command = as_root("env")?;
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    Some(command)
}

/// A program run by root: directly, or through sudo, which may ask for a password.
fn as_root(program: &str) -> Option<Command> {
    if nix::unistd::geteuid().is_root() {
        return Some(Command::new(program));
    }
    process::on_path("sudo").map(|sudo| {
        let mut command = Command::new(sudo);
        command.arg(program);
        command
    })
}

/// Every folder of the repository with packages from npm.
fn npm_folders() -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![root::root().join("crates"), root::root().join("web")];
    while let Some(folder) = waiting.pop() {
        if folder.join("package-lock.json").is_file() {
            found.push(folder.clone());
        }
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let skipped = ["node_modules", "src", "target"];
            if entry.file_type()?.is_dir() && !skipped.iter().any(|name| entry.file_name() == *name)
            {
                waiting.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offered_server_is_read_from_the_package_list() {
        assert_eq!(
            postgres_in("postgresql\n  Depends: postgresql-17\n"),
            Some(17)
        );
        assert_eq!(postgres_in("postgresql\n  Depends: postgresql-13\n"), None);
        assert_eq!(postgres_in(""), None);
    }

    #[test]
    fn the_newest_server_that_is_new_enough_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest_postgres(folder.path()), None);
        for (version, has_server) in [("13", true), ("15", true), ("16", true), ("17", false)] {
            let bin = folder.path().join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            if has_server {
                fs::write(bin.join("postgres"), "").unwrap();
            }
        }
        assert_eq!(newest_postgres(folder.path()), Some(16));
    }

    #[test]
    fn the_build_tools_and_the_browser_tests_are_npm_folders() {
        let folders = npm_folders().unwrap();
        for folder in ["crates/xtask", "web/e2e"] {
            assert!(folders.contains(&root::root().join(folder)), "{folder}");
        }
    }
}
