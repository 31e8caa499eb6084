//! `cargo xtask`: the web build and the checks of this repository.
//!
//! The Makefile's verbs are one line each; what they do is here.

mod deps;
mod local_database;
mod npm;
mod process;
mod root;
mod run;
mod settings;
mod tidy;
mod verbs;
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
    /// Install what is missing: PostgreSQL, Chromium, a compiler for the page, npm packages.
    Deps,
    /// Start everything and say where the board is.
    Run(run::Options),
    /// Check format, lints and the repository's own rules.
    Check,
    /// Run every test.
    Test,
    /// Print figures: races, the board's query, commit to paint, inserts a second, the page's weight.
    Bench,
    /// Forget the local database.
    Reset,
    /// Check only the repository's own rules.
    Tidy,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Web(options) => web::build(&options),
        Task::Deps => deps::ensure(),
        Task::Run(options) => run::run(&options),
        Task::Check => verbs::check(),
        Task::Test => verbs::test(),
        Task::Bench => verbs::bench(),
        Task::Reset => local_database::reset(),
        Task::Tidy => tidy::check(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
