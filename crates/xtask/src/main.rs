//! `cargo xtask`: the web build and the checks of this repository.
//!
//! The Makefile's verbs are one line each; what they do is here.

mod npm;
mod process;
mod root;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs and checks Switchboard.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the dashboard into dist/dashboard.
    Web(web::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Web(options) => web::build(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
