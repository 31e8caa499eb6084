//! `local-supabase`: starts the stand-in, or runs the project's database tests against a throw-away one.

mod cli;

use std::{env, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, bail};
use clap::Parser;
use cli::{Cli, Command, Start, TestDb};
use switchboard_local_supabase::{Data, LocalSupabase, Options, Schema, pgtap};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local-supabase: {}", told_once(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes in one line. Many errors tell their cause themselves: nothing is said twice.
fn told_once(error: &anyhow::Error) -> String {
    error
        .chain()
        .skip(1)
        .fold(error.to_string(), |told, cause| {
            let cause = cause.to_string();
            if told.ends_with(&cause) {
                told
            } else {
                format!("{told}: {cause}")
            }
        })
}

#[tokio::main]
async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Start(start) => run_stack(start).await,
        Command::TestDb(tests) => test_database(tests).await,
    }
}

async fn run_stack(start: Start) -> anyhow::Result<()> {
    // Before anything is started, so that no moment is left in which Ctrl-C would leave something behind.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let began = Instant::now();
    let supabase_dir = find_supabase_dir(start.supabase_dir.clone())?;
    let data = start.data.clone();
    let mut stack = tokio::select! {
        stack = LocalSupabase::start(start.into_options(supabase_dir)?) => stack?,
        _ = interrupt.recv() => bail!("interrupted while starting"),
        _ = terminate.recv() => bail!("terminated while starting"),
    };
    announce(&stack, &data, began);
    let failure = tokio::select! {
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
        failure = stack.failed() => Some(failure),
    };
    stack.stop().await;
    match failure {
        Some(failure) => bail!(failure),
        None => {
            println!("local-supabase: stopped");
            Ok(())
        }
    }
}

fn announce(stack: &LocalSupabase, data: &std::path::Path, began: Instant) {
    let applied = stack.applied();
    match &applied.migrations[..] {
        [] => {}
        [one] => println!("local-supabase: applied {one}"),
        [all @ .., last] => println!(
            "local-supabase: applied {} migrations, up to {last}",
            all.len() + 1
        ),
    }
    if applied.seeded {
        println!("local-supabase: loaded seed.sql");
    }
    if applied.demo {
        println!("local-supabase: invented calls of yesterday and today by demo.sql");
    }
    if applied.seed_is_stale {
        println!(
            "local-supabase: seed.sql changed since it was loaded; `local-supabase start --reset` loads it anew"
        );
    }
    println!(
        "local-supabase: a stand-in for Supabase, for development and tests; production is Supabase"
    );
    println!("  SUPABASE_URL       {}", stack.url());
    println!("  SUPABASE_ANON_KEY  {}", stack.keys().anon);
    println!("  database           {}", stack.db_url());
    println!("  data               {}", data.display());
    println!(
        "  (SUPABASE_SERVICE_ROLE_KEY and SUPABASE_JWT_SECRET are the published local ones unless you set them)"
    );
    println!(
        "local-supabase: ready in {} ms at {}",
        began.elapsed().as_millis(),
        stack.url()
    );
}

async fn test_database(tests: TestDb) -> anyhow::Result<()> {
    let supabase_dir = find_supabase_dir(tests.supabase_dir)?;
    let schema = Schema::Project(supabase_dir.clone());
    let stack = LocalSupabase::start(Options {
        schema,
        data: Data::Temporary,
        ..Options::default()
    })
    .await?;
    let reports = pgtap::run_all(&stack, &supabase_dir.join("tests")).await;
    stack.stop().await;

    let reports = reports?;
    for report in &reports {
        let verdict = if report.failures.is_empty() {
            "ok"
        } else {
            "FAILED"
        };
        println!(
            "{verdict:6} {} ({} claims held)",
            report.file.display(),
            report.passed
        );
        for failure in &report.failures {
            println!("{failure}");
        }
    }
    let failed = reports
        .iter()
        .filter(|report| !report.failures.is_empty())
        .count();
    match failed {
        0 => Ok(()),
        _ => bail!("{failed} of {} files failed", reports.len()),
    }
}

/// The folder that was named, or the `supabase/` of the working directory or the nearest directory above it.
fn find_supabase_dir(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(named) = named {
        return Ok(named);
    }
    let here = env::current_dir().context("cannot tell the working directory")?;
    here.ancestors()
        .map(|directory| directory.join("supabase"))
        .find(|directory| directory.join("migrations").is_dir())
        .with_context(|| {
            format!(
                "no supabase/migrations in {} or above it; run in the project, or name the folder with --supabase-dir",
                here.display()
            )
        })
}

#[cfg(test)]
mod tests {
    use std::{io, path::PathBuf};

    use anyhow::Context;
    use switchboard_local_supabase::{StartError, postgres::PostgresError};

    use super::told_once;

    #[test]
    fn a_cause_is_told_once_whether_its_error_tells_it_or_not() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let io = PostgresError::Io {
            what: "cannot read",
            path: PathBuf::from("/x"),
            source: denied(),
        };
        let tells_it = anyhow::Error::from(StartError::from(io));
        assert_eq!(told_once(&tells_it), "cannot read /x: permission denied");
        let tells_it_not = Err::<(), _>(denied()).context("no folder").unwrap_err();
        assert_eq!(told_once(&tells_it_not), "no folder: permission denied");
    }
}
