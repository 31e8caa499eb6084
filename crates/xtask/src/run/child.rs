//! One server as a child process: its output with its name in front, and an orderly end.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;

use crate::root;

/// How long a child may take to end when it was asked to.
const PATIENCE: Duration = Duration::from_secs(15);

/// A started server. Dropping it kills it.
pub(super) struct Child {
    name: String,
    process: tokio::process::Child,
}

impl Child {
    /// Starts one of the project's own programs.
    pub(super) fn start(
        program: &str,
        arguments: &[&str],
        env_file: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        Self::spawn(
            program,
            &root::target().join("debug").join(program),
            arguments,
            env_file,
        )
    }

    fn spawn(
        name: &str,
        file: &Path,
        arguments: &[&str],
        env_file: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let absent = env_file
            .iter()
            .filter(|(name, _)| std::env::var_os(name).is_none());
        let mut command = Command::new(file);
        if !std::io::stderr().is_terminal() {
            command.env("NO_COLOR", "1");
        }
        // What goes well is seen on the board; a line for each request would bury the rest.
        if std::env::var_os("RUST_LOG").is_none() {
            command.env("RUST_LOG", "warn");
        }
        let mut process = command
            .args(arguments)
            .envs(absent)
            .current_dir(root::root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: the terminal's Ctrl-C reaches this program alone, and the
            // children end in the right order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", file.display()))?;
        let label = name.strip_prefix("switchboard-").unwrap_or(name).to_owned();
        if let Some(out) = process.stdout.take() {
            tokio::spawn(print(label.clone(), out));
        }
        if let Some(err) = process.stderr.take() {
            tokio::spawn(print(label, err));
        }
        Ok(Self {
            name: name.to_owned(),
            process,
        })
    }

    /// Asks the child to end and waits for it; kills it when it does not.
    pub(super) async fn stop(mut self) {
        if let Some(id) = self.process.id().and_then(|id| i32::try_from(id).ok()) {
            // An error means that it has ended by itself.
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
        match tokio::time::timeout(PATIENCE, self.process.wait()).await {
            Ok(_) => {}
            Err(_) => {
                eprintln!(
                    "{} did not stop within {} s: killed",
                    self.name,
                    PATIENCE.as_secs()
                );
                // An error means that it has ended in the meantime.
                let _ = self.process.kill().await;
            }
        }
    }
}

/// Waits until any child ends, which none should: always an error that says which one did.
pub(super) async fn first_to_end(children: &mut [Child]) -> anyhow::Result<()> {
    if children.is_empty() {
        std::future::pending::<()>().await;
    }
    let (name, status) = {
        let endings = children.iter_mut().map(|child| {
            Box::pin(async {
                let status = child.process.wait().await;
                (child.name.clone(), status)
            })
        });
        let ((name, status), _, _) = futures::future::select_all(endings).await;
        (name, status.context("cannot wait for a child")?)
    };
    bail!(
        "{name} ended by itself ({}); its last lines above say why",
        ending(status)
    )
}

fn ending(status: ExitStatus) -> String {
    status
        .code()
        .map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

async fn print(label: String, output: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        eprintln!("{label:>14} │ {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str, script: &str) -> Child {
        Child::spawn(
            name,
            Path::new("/bin/sh"),
            &["-c", script],
            &BTreeMap::new(),
        )
        .unwrap()
    }

    fn is_alive(id: u32) -> bool {
        kill(Pid::from_raw(i32::try_from(id).unwrap()), None).is_ok()
    }

    #[tokio::test]
    async fn the_child_that_ends_is_named() {
        let mut children = [shell("steady", "exec sleep 60"), shell("brittle", "exit 7")];
        let error = first_to_end(&mut children).await.unwrap_err().to_string();
        assert!(
            error.contains("brittle ended by itself (exit code 7)"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_stopped_child_is_gone() {
        let child = shell("steady", "exec sleep 60");
        let id = child.process.id().unwrap();
        assert!(is_alive(id));
        child.stop().await;
        assert!(!is_alive(id));
    }

    #[tokio::test]
    async fn a_child_ends_when_its_handle_is_dropped_half_way() {
        let child = shell(
            "stubborn",
            "trap '' TERM; echo ready; while :; do sleep 0.05; done",
        );
        let id = child.process.id().unwrap();
        drop(child);
        while is_alive(id) {
            tokio::task::yield_now().await;
        }
    }
}
