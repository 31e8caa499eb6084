//! Packages from npm: installed from their lock file when they are missing or the lock changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::process;

/// Makes `folder/node_modules` equal to `folder/package-lock.json`. Returns whether it had to work.
pub(crate) fn ensure(folder: &Path) -> anyhow::Result<bool> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    // A copy of the lock that was installed: npm's own marker is written in another form.
    let marker = folder.join("node_modules/.installed-lock");
    if fs::read(&marker).is_ok_and(|installed| installed == lock) {
        return Ok(false);
    }
    anyhow::ensure!(
        process::on_path("npm").is_some(),
        "npm is missing: install Node.js 20 or newer with npm"
    );
    eprintln!("npm ci in {}", folder.display());
    process::run(
        Command::new("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(folder),
    )?;
    fs::write(&marker, &lock).with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(true)
}
