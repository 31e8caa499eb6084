//! `cargo xtask run`: the whole of Switchboard on this machine.
//!
//! Builds what changed, starts the stand-in of Supabase, the service and the simulated callers
//! as children, waits until each answers, and stops them in the opposite order.

mod addresses;
mod child;
mod ready;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{deps, process, root, settings, web};
use addresses::{Addresses, is_this_machine};
use child::Child;

/// How long a server may take to answer; a first start creates its database.
const PATIENCE: Duration = Duration::from_secs(90);

/// What to run.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Options {
    /// Use the Supabase at SUPABASE_URL (`supabase start`, or a hosted project) instead of the
    /// stand-in.
    #[arg(long)]
    supabase: bool,
    /// No simulated callers, and no invented past of a new database: the board stays empty until somebody calls. A
    /// Supabase on another machine never gets any.
    #[arg(long)]
    quiet: bool,
    /// Build the page quickly instead of small.
    #[arg(long)]
    dev: bool,
}

impl Options {
    /// Where the children of this run will listen, each with the setting that says so.
    fn listeners(&self, addresses: &Addresses) -> Vec<(String, &'static str)> {
        let mut listeners = vec![(addresses.listen.clone(), "WEBHOOK_LISTEN")];
        if !self.supabase {
            listeners.push((addresses.gateway.clone(), "LOCAL_SUPABASE_PORT"));
            listeners.push((addresses.database.clone(), "LOCAL_SUPABASE_DB_PORT"));
        }
        if self.has_simulator(addresses) {
            listeners.push((addresses.simulator.clone(), "TWILIO_SIM_LISTEN"));
        }
        listeners
    }

    /// Without callers it still carries the audio of those whom somebody rings. On a project that others use, invented
    /// callers would ring on real boards, and nobody's audio is simulated.
    fn has_simulator(&self, addresses: &Addresses) -> bool {
        is_this_machine(&addresses.supabase) && (addresses.voice == "sim" || !self.quiet)
    }
}

/// Builds, starts, waits for the end.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let started = Instant::now();
    // Before the build, which may take minutes.
    let addresses = Addresses::of(&settings::of_env_file())?;
    addresses::must_be_free(&options.listeners(&addresses))?;
    deps::ensure()?;
    build(options)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?
        .block_on(serve(options, started))
}

/// The programs and the page at once: they share no target folder, and each has stretches that
/// keep only one core busy.
fn build(options: &Options) -> anyhow::Result<()> {
    let page = if options.dev {
        web::Options::dev()
    } else {
        web::Options::default()
    };
    std::thread::scope(|scope| {
        let page = scope.spawn(move || web::build(&page));
        let programs = process::run(
            process::forget_outer_cargo(&mut Command::new("cargo"))
                .args(["build", "--quiet", "--bins"])
                .args(["-p", "switchboard-local-supabase"])
                .args(["-p", "switchboard-webhook"])
                .args(["-p", "switchboard-twilio-sim"])
                .current_dir(root::root()),
        );
        match page.join() {
            Ok(page) => programs.and(page),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

async fn serve(options: &Options, started: Instant) -> anyhow::Result<()> {
    let mut stop = StopSignals::new()?;
    let mut children = Vec::new();
    let outcome = tokio::select! {
        outcome = start_and_watch(options, started, &mut children) => outcome,
        () = stop.next() => Ok(()),
    };
    if outcome.is_ok() {
        eprintln!("\nstopping (once more Ctrl-C: at once)");
    }
    // The callers first, the database last: nobody loses what it still needs.
    while let Some(child) = children.pop() {
        tokio::select! {
            () = child.stop() => {}
            () = stop.next() => break,
        }
    }
    // Whatever is left is killed as its handle is dropped.
    drop(children);
    outcome
}

/// Starts the children in order and returns only when one of them has ended.
async fn start_and_watch(
    options: &Options,
    started: Instant,
    children: &mut Vec<Child>,
) -> anyhow::Result<()> {
    let env_file = settings::of_env_file();
    let addresses = Addresses::of(&env_file)?;
    // Again: somebody may have come during the build.
    addresses::must_be_free(&options.listeners(&addresses))?;

    if !options.supabase {
        let arguments: &[_] = if options.quiet {
            &["start"]
        } else {
            &["start", "--demo"]
        };
        children.push(Child::start("local-supabase", arguments, &env_file)?);
    }
    let rest = format!("{}/rest/v1/", addresses.supabase);
    wait_for(children, "Supabase", &rest).await?;
    let voice = match addresses.voice.as_str() {
        "sim" if !is_this_machine(&addresses.supabase) => "off",
        named => named,
    };
    let arguments = ["--voice", voice];
    children.push(Child::start("switchboard-webhook", &arguments, &env_file)?);
    let webhook = format!("http://{}/readyz", addresses.listen);
    wait_for(children, "the webhook", &webhook).await?;
    if options.has_simulator(&addresses) {
        let command = if options.quiet { "serve" } else { "auto" };
        children.push(Child::start("twilio-sim", &[command], &env_file)?);
        let health = format!("http://{}/admin/health", addresses.simulator);
        wait_for(children, "the simulator", &health).await?;
    }
    let Addresses {
        board, supabase, ..
    } = addresses;
    eprintln!(
        "\n  Switchboard is ready after {:.1} s\n\n    Board      {board}\n    Sign in    doug@example.com · \
         rhonda@example.com · sue@example.com (supervisor)\n    Password   switchboard\n    \
         Supabase   {supabase}\n    Ring it    target/debug/twilio-sim --public-base-url {board} \
         call --from +14155550123\n\n  Two windows with two people show most. Ctrl-C stops everything.\n",
        started.elapsed().as_secs_f64(),
    );
    child::first_to_end(children).await
}

/// Waits until a server answers, but only as long as every child lives.
async fn wait_for(children: &mut [Child], server: &str, url: &str) -> anyhow::Result<()> {
    tokio::select! {
        ended = child::first_to_end(children) => ended,
        ready = tokio::time::timeout(PATIENCE, ready::answers(url)) => ready.with_context(|| {
            format!("{server} does not answer at {url} after {} s", PATIENCE.as_secs())
        }),
    }
}

/// Ctrl-C, `kill`, and the terminal that closes.
struct StopSignals([Signal; 3]);

impl StopSignals {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_run_asks_for_the_places_of_what_it_starts_and_for_no_others() {
        let settings = |options: &Options, supabase: &str, voice: &str| -> Vec<_> {
            let addresses = Addresses {
                supabase: supabase.to_owned(),
                voice: voice.to_owned(),
                ..Addresses::of(&BTreeMap::new()).unwrap()
            };
            let listeners = options.listeners(&addresses);
            listeners.into_iter().map(|(_, setting)| setting).collect()
        };
        let all = [
            "WEBHOOK_LISTEN",
            "LOCAL_SUPABASE_PORT",
            "LOCAL_SUPABASE_DB_PORT",
            "TWILIO_SIM_LISTEN",
        ];
        let here = "http://127.0.0.1:54321";
        assert_eq!(settings(&Options::default(), here, "sim"), all);
        let quiet = Options {
            quiet: true,
            ..Options::default()
        };
        assert_eq!(settings(&quiet, here, "sim"), all, "it carries the audio");
        assert_eq!(settings(&quiet, here, "off"), all[..3]);
        let other = Options {
            supabase: true,
            ..Options::default()
        };
        assert_eq!(settings(&other, here, "off"), [all[0], all[3]]);
        assert_eq!(settings(&other, "https://abc.supabase.co", "sim"), all[..1]);
    }
}
