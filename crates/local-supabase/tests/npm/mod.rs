//! Node packages that tests run, from their lock files.

use std::path::Path;

use tokio::process::Command;

/// Installs the packages of a folder when `installed`, a path in its node_modules, is not there.
pub(crate) async fn install(folder: &Path, installed: &str) {
    static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _guard = ONE_AT_A_TIME.lock().await;
    if folder.join("node_modules").join(installed).exists() {
        return;
    }
    let status = Command::new("npm")
        .args([
            "ci",
            "--prefer-offline",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ])
        .current_dir(folder)
        .status()
        .await
        .expect("npm is there: install Node.js 20 or newer");
    assert!(status.success(), "npm ci failed");
}
