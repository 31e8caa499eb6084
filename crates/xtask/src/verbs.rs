//! `cargo xtask check`, `test` and `bench`: what a change must pass, here and in CI, and the figures.

use std::process::Command;

use crate::{deps, process, root, tidy, web};

/// Format, lints and the repository's own rules.
pub(crate) fn check() -> anyhow::Result<()> {
    deps::ensure()?;
    cargo(&["fmt", "--all", "--check"])?;
    // The page as well: its code compiles natively, where the lints need no wasm target.
    cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?;
    tidy::check()
}

/// Every test: the crates', then the browser's on the page and programs just built.
pub(crate) fn test() -> anyhow::Result<()> {
    deps::ensure()?;
    web::build(&web::Options::default())?;
    cargo(&["build", "--quiet", "--bins"])?;
    cargo(&["test", "--quiet", "--workspace"])?;
    process::run(
        Command::new("npm")
            .args(["test", "--silent"])
            .current_dir(root::root().join("web/e2e")),
    )
}

/// How often the race for one call is run where figures are wanted; every day it is less.
const RACES_ROUNDS: &str = "1000";

/// Figures over release builds: races a second, what the past costs the board's query, from claim to audio in the
/// simulation, the first paint of a board, commit to paint, the page's own share of that on a full board, inserts a
/// second, and the page's weight.
pub(crate) fn bench() -> anyhow::Result<()> {
    deps::ensure()?;
    web::build(&web::Options::default())?;
    cargo(&[
        "build",
        "--release",
        "--package=switchboard-local-supabase",
        "--package=switchboard-webhook",
    ])?;
    cargo(&[
        "run",
        "--release",
        "--quiet",
        "--package=switchboard-model",
        "--example=board_query",
    ])?;
    process::run(
        process::forget_outer_cargo(&mut Command::new("cargo"))
            .args([
                "test",
                "--release",
                "--quiet",
                "--package=switchboard-model",
                "--test=races",
                "every_race",
                "--",
                "--nocapture",
            ])
            .env("RACES_ROUNDS", RACES_ROUNDS)
            .current_dir(root::root()),
    )?;
    cargo(&[
        "bench",
        "--quiet",
        "--package=switchboard-webhook",
        "--bench=telephony",
    ])?;
    process::run(
        Command::new("npm")
            .args(["run", "bench", "--silent"])
            .current_dir(root::root().join("web/e2e")),
    )
}

fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    process::run(
        process::forget_outer_cargo(&mut Command::new("cargo"))
            .args(arguments)
            .current_dir(root::root()),
    )
}
