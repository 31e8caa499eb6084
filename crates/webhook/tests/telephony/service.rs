//! The service under test: in this process, or as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use clap::Parser as _;
use switchboard_webhook::{Config, Server, Timings};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

/// A service that runs in this process.
pub(crate) struct Service {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start(arguments: &[String], timings: Timings) -> Self {
        let name = "switchboard-webhook".to_owned();
        let mut config = Config::try_parse_from([&name].into_iter().chain(arguments)).unwrap();
        config.timings = timings;
        let server = Server::bind(config).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async move {
                let _ = stopped.await;
            };
            server.run(stopped).await.unwrap();
        });
        Self {
            stop: Some(stop),
            task,
        }
    }

    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        let _ = (&mut self.task).await;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A service that runs as the program. Dropping it kills it.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it and waits until it says that it listens.
    pub(crate) async fn start(arguments: Vec<String>) -> Self {
        let started = spawn_blocking(move || {
            let mut process = Self(
                Command::new(env!("CARGO_BIN_EXE_switchboard-webhook"))
                    .args(arguments)
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap(),
            );
            let mut first = String::new();
            let said = process.0.stdout.as_mut().unwrap();
            BufReader::new(said).read_line(&mut first).unwrap();
            assert!(first.contains("is ready at"), "{first:?}");
            process
        });
        started.await.unwrap()
    }

    /// SIGKILL, and it is gone.
    pub(crate) async fn kill(self) {
        spawn_blocking(|| drop(self)).await.unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has seen by then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
