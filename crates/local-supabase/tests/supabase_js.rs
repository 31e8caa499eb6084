//! Supabase's own JavaScript client works against the stand-in. Needs Node 20 with npm.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use secrecy::ExposeSecret;
use switchboard_local_supabase::{LocalSupabase, Options};
use tokio::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/supabase_js")
}

/// Installs the client from its lock file when that has not been done.
async fn install() {
    if folder().join("node_modules/@supabase/supabase-js").is_dir() {
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
        .current_dir(folder())
        .status()
        .await
        .expect("npm is there: install Node.js 20 or newer");
    assert!(status.success(), "npm ci failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn supabases_own_client_signs_in_reads_writes_and_watches() {
    install().await;
    let stack = LocalSupabase::start(Options::default())
        .await
        .expect("stack");
    let output = Command::new("node")
        .arg("smoke.mjs")
        .current_dir(folder())
        .env("SUPABASE_URL", stack.url())
        .env("SUPABASE_ANON_KEY", &stack.keys().anon)
        .env(
            "SUPABASE_SERVICE_ROLE_KEY",
            stack.keys().service_role.expose_secret(),
        )
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("node is there");
    stack.stop().await;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(
        said.lines().filter(|line| line.starts_with("ok ")).count(),
        11,
        "every step was made:\n{said}"
    );
}
