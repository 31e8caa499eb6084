//! Starts the service and stops it when asked to.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use switchboard_webhook::{Config, Server};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match run(Config::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("switchboard-webhook cannot run: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let dashboard = config.dashboard_dir.join("index.html");
    if !dashboard.is_file() {
        tracing::warn!(
            "there is no dashboard at {}: build it with `cargo xtask web`, or set DASHBOARD_DIR to where it is",
            dashboard.display()
        );
    }
    let server = Server::bind(config).await?;
    println!(
        "switchboard-webhook is ready at http://{}",
        server.address()
    );
    server
        .run(async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
        })
        .await
}
