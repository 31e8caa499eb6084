//! `cargo xtask run`: the whole of Switchboard on this machine.
//!
//! Builds what changed, starts the stand-in of Supabase, the service and the simulated callers
//! as children, waits until each answers, and stops them in the opposite order.

mod child;
mod ready;

use std::collections::BTreeMap;
use std::net::{IpAddr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{deps, process, root, settings, web};
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

/// Builds, starts, waits for the end.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let started = Instant::now();
    deps::ensure()?;
    build(options)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?
        .block_on(serve(options, started))
}

/// Forgets the local database, its calls and settings; not under a stand-in that uses it.
pub(crate) fn reset() -> anyhow::Result<()> {
    let Addresses { gateway, .. } = Addresses::of(&settings::of_env_file())?;
    TcpListener::bind(&gateway).map(drop).with_context(|| {
        format!("the local database is in use by what listens on {gateway}: stop `make run` first")
    })?;
    match std::fs::remove_dir_all(root::root().join(".local")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).context("cannot remove .local")
        }
        _ => Ok(()),
    }
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
    let Addresses {
        supabase,
        gateway,
        listen,
        board,
        simulator,
        voice,
    } = Addresses::of(&env_file)?;
    let webhook = format!("http://{listen}");
    must_be_free(&listen, "WEBHOOK_LISTEN")?;

    if !options.supabase {
        must_be_free(&gateway, "LOCAL_SUPABASE_PORT")?;
        let arguments: &[_] = if options.quiet {
            &["start"]
        } else {
            &["start", "--demo"]
        };
        children.push(Child::start("local-supabase", arguments, &env_file)?);
    }
    wait_for(children, "Supabase", &format!("{supabase}/rest/v1/")).await?;
    // On a project that others use, invented callers would ring on real boards, and nobody's audio is simulated.
    let is_simulated = is_this_machine(&supabase);
    let voice = match voice.as_str() {
        "sim" if !is_simulated => "off",
        named => named,
    };
    let arguments = ["--voice", voice];
    children.push(Child::start("switchboard-webhook", &arguments, &env_file)?);
    wait_for(children, "the webhook", &format!("{webhook}/readyz")).await?;
    if is_simulated && (voice == "sim" || !options.quiet) {
        must_be_free(&simulator, "TWILIO_SIM_LISTEN")?;
        // Without callers it still carries the audio of those whom somebody rings.
        let command = if options.quiet { "serve" } else { "auto" };
        children.push(Child::start("twilio-sim", &[command], &env_file)?);
        let health = format!("http://{simulator}/admin/health");
        wait_for(children, "the simulator", &health).await?;
    }
    eprintln!(
        "\n  Switchboard is ready after {:.1} s\n\n    Board      {board}\n    Sign in    doug@example.com · \
         rhonda@example.com · sue@example.com (supervisor)\n    Password   switchboard\n    \
         Supabase   {supabase}\n    Ring it    target/debug/twilio-sim --public-base-url {board} \
         call --from +14155550123\n\n  Two windows with two people show most. Ctrl-C stops everything.\n",
        started.elapsed().as_secs_f64(),
    );
    child::first_to_end(children).await
}

/// Where things are, as far as this program must know to start them and wait for them.
struct Addresses {
    /// Supabase, the stand-in or another.
    supabase: String,
    /// Where the stand-in listens.
    gateway: String,
    /// Where the webhook listens.
    listen: String,
    /// Where a person finds the board.
    board: String,
    /// Where the simulator listens.
    simulator: String,
    /// Who carries the audio.
    voice: String,
}

impl Addresses {
    fn of(env_file: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let setting = |name| settings::value(env_file, name);
        Ok(Self {
            supabase: setting("SUPABASE_URL")?,
            gateway: format!("127.0.0.1:{}", setting("LOCAL_SUPABASE_PORT")?),
            listen: setting("WEBHOOK_LISTEN")?,
            board: setting("PUBLIC_BASE_URL")?,
            simulator: setting("TWILIO_SIM_LISTEN")?,
            voice: setting("VOICE")?,
        })
    }
}

/// Whether that address leads to this machine and to no other.
fn is_this_machine(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        // The colons of an IPv6 address stand inside its brackets.
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Asked before a child is started: another program that listens there would answer in its place.
fn must_be_free(address: &str, variable: &str) -> anyhow::Result<()> {
    TcpListener::bind(address).map(drop).with_context(|| {
        format!(
            "cannot listen on {address}: stop the program that listens there, or change {variable}"
        )
    })
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
    use super::*;

    #[test]
    fn a_machine_without_settings_has_an_address_for_everything() {
        let addresses = Addresses::of(&BTreeMap::new()).unwrap();
        for address in [&addresses.gateway, &addresses.listen] {
            assert!(address.parse::<std::net::SocketAddr>().is_ok(), "{address}");
        }
        for url in [&addresses.supabase, &addresses.board] {
            assert!(url.starts_with("http"), "{url}");
        }
    }

    #[test]
    fn callers_are_invented_for_this_machine_only() {
        for local in [
            "http://127.0.0.1:54321",
            "http://localhost",
            "http://[::1]:54321/",
        ] {
            assert!(is_this_machine(local), "{local}");
        }
        for other in [
            "https://abc.supabase.co",
            "http://10.0.0.4:54321",
            "https://localhost.example.com",
            "https://127.0.0.1.example.com/",
        ] {
            assert!(!is_this_machine(other), "{other}");
        }
    }

    #[test]
    fn an_address_that_somebody_listens_on_is_named_with_the_setting() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap().to_string();
        let error = must_be_free(&address, "WEBHOOK_LISTEN").unwrap_err();
        assert!(error.to_string().contains(&address));
        assert!(error.to_string().contains("WEBHOOK_LISTEN"));
        drop(other);
        assert!(must_be_free(&address, "WEBHOOK_LISTEN").is_ok());
    }
}
