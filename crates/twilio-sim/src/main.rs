//! Runs one command of the simulator until it is done or Ctrl-C.

use std::process::ExitCode;

use clap::Parser as _;
use switchboard_twilio_sim::cli::{Cli, run};
use switchboard_twilio_sim::stop::Stop;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    match start(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("twilio-sim cannot go on: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn start(cli: Cli) -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let (switch, stop) = Stop::new();
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        switch.stop();
    });
    run(cli, stop).await
}
