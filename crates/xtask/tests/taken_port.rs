//! What `cargo xtask run` says on a machine where something else listens already.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

use std::net::TcpListener;
use std::process::Command;

#[test]
fn a_run_says_which_port_is_taken_before_it_builds_anything() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let run = Command::new(env!("CARGO_BIN_EXE_switchboard-xtask"))
        .arg("run")
        .env("WEBHOOK_LISTEN", &address)
        // Whoever goes on to install or build something finds no program for it.
        .env("PATH", "")
        .output()
        .unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(!run.status.success());
    assert!(
        said.contains(&format!("cannot listen on {address}")),
        "{said}"
    );
    assert!(said.contains("set WEBHOOK_LISTEN"), "{said}");
}
