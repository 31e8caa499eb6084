//! The commands.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::ensure;
use clap::{Args, Parser, Subcommand};
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use switchboard_model::PhoneNumber;
use switchboard_twilio::{ApiKey, AuthToken, PublicUrl};

use crate::auto::{self, until_ready};
use crate::call::{self, Elsewhere};
use crate::clock::Mode;
use crate::host::Host;
use crate::plan::Plan;
use crate::server::{Credentials, Server};
use crate::sim::{ACCOUNT_SID, Caller, Config, Flow, UnansweredRedirect};
use crate::stop::Stop;

/// Simulates Twilio: calls, browsers' sockets and the REST API. Nobody is ever rung by telephone.
#[derive(Debug, Parser)]
#[command(name = "twilio-sim", version)]
pub struct Cli {
    /// Where the webhook is.
    #[arg(
        long,
        env = "PUBLIC_BASE_URL",
        default_value = "http://127.0.0.1:8080",
        global = true
    )]
    public_base_url: PublicUrl,

    /// What the webhook expects signatures to be made with.
    #[arg(
        long,
        env = "TWILIO_AUTH_TOKEN",
        default_value = "local-twilio-auth-token",
        hide_env_values = true,
        global = true
    )]
    twilio_auth_token: SecretString,

    /// Whose calls these are.
    #[arg(long, env = "TWILIO_ACCOUNT_SID", default_value = ACCOUNT_SID, global = true)]
    twilio_account_sid: String,

    /// The API key with whose secret browsers' access tokens are signed.
    #[arg(
        long,
        env = "TWILIO_API_KEY_SID",
        default_value = "SK00000000000000000000000000000000",
        global = true
    )]
    twilio_api_key_sid: String,

    /// Its secret.
    #[arg(
        long,
        env = "TWILIO_API_KEY_SECRET",
        default_value = "local-twilio-api-key-secret",
        hide_env_values = true,
        global = true
    )]
    twilio_api_key_secret: SecretString,

    /// Where browsers' sockets, the REST API and the admin API are.
    #[arg(
        long,
        env = "TWILIO_SIM_LISTEN",
        default_value = "127.0.0.1:8081",
        global = true
    )]
    listen: SocketAddr,

    /// Where a browser's outbound call asks what to do: path of the TwiML App's voice URL.
    #[arg(long, default_value = "/twilio/voice", global = true)]
    app_path: String,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Places one call and says what happens. Ctrl-C hangs up.
    Call(OneCall),
    /// Keeps a small flow of callers on the line until Ctrl-C.
    Auto(Auto),
    /// Waits for what browsers and the admin API want, until Ctrl-C. Nobody calls by themselves.
    Serve(Serve),
}

#[derive(Debug, Args)]
struct OneCall {
    /// Who calls: a number such as +12025550123, or `anonymous`.
    #[arg(long, value_parser = caller)]
    from: String,

    /// Which number is called.
    #[arg(long, default_value = OUR_NUMBER)]
    to: String,

    /// The name that the network sends along.
    #[arg(long)]
    caller_name: Option<String>,

    /// When the caller hangs up, such as 30s or 2m; never, if left out.
    #[arg(long, value_parser = duration)]
    hangup_after: Option<Duration>,
}

#[derive(Debug, Args)]
struct Auto {
    /// The same seed gives the same callers in the same order.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// How many are on the line at most, up to 10.
    #[arg(long, default_value_t = 3)]
    callers: usize,

    /// The time between two calls, on average.
    #[arg(long, default_value = "20s", value_parser = duration)]
    pace: Duration,

    /// Which number is called.
    #[arg(long, default_value = OUR_NUMBER)]
    to: String,
}

#[derive(Debug, Args)]
struct Serve {
    /// Time goes by only when a test says so.
    #[arg(long)]
    explicit: bool,

    /// The same seed gives the same accidents, and with --explicit the same log.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Whether a call that nobody has answered can be redirected: it is not known what Twilio does.
    #[arg(long, value_enum, default_value = "works")]
    unanswered_redirect: UnansweredRedirect,
}

/// The number of the switchboard, as far as the simulator is concerned.
pub(crate) const OUR_NUMBER: &str = "+12025550199";

/// Runs a command until it is done or `stop` is wished.
pub async fn run(cli: Cli, stop: Stop) -> anyhow::Result<()> {
    match &cli.command {
        Command::Call(one) => one_call(&cli, one, &stop).await,
        Command::Auto(auto) => keep_calling(&cli, auto, &stop).await,
        Command::Serve(serve) => wait_for_wishes(&cli, serve, &stop).await,
    }
}

impl Cli {
    fn config(&self, seed: u64, listen: SocketAddr) -> Config {
        let token = AuthToken::new(self.twilio_auth_token.expose_secret());
        let base = self.public_base_url.clone();
        Config {
            // A database that outlives this program would take the calls of a second run for those of the first.
            names: rand::rng().random(),
            account_sid: self.twilio_account_sid.clone(),
            app_url: base.join(&format!("{}#rc=5&rp=all", self.app_path)),
            api_url: format!("http://{listen}"),
            started_at_s: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            ..Config::new(seed, base, token)
        }
    }

    fn credentials(&self) -> Credentials {
        let secret = self.twilio_api_key_secret.expose_secret();
        Credentials {
            auth_token: self.twilio_auth_token.clone(),
            key: ApiKey::new(&self.twilio_api_key_sid, secret),
            key_secret: self.twilio_api_key_secret.clone(),
        }
    }
}

async fn one_call(cli: &Cli, one: &OneCall, stop: &Stop) -> anyhow::Result<()> {
    let caller = Caller {
        from: one.from.clone(),
        to: one.to.clone(),
        name: one.caller_name.clone(),
        patience: one.hangup_after,
    };
    let who = one.caller_name.as_ref().unwrap_or(&one.from);
    let tell = |line: &crate::sim::LogLine| say(&format!("{who} {}", line.text));
    if let Some(elsewhere) = Elsewhere::find(cli.listen, &cli.public_base_url).await {
        return elsewhere.call(caller, stop, tell).await;
    }
    let host = Host::start(cli.config(rand::rng().random(), cli.listen), Mode::Auto)?;
    tokio::select! {
        () = until_ready(&host, say) => {}
        () = stop.wished() => return Ok(()),
    }
    call::here(&host, caller, stop, tell, say).await?;
    Ok(())
}

async fn keep_calling(cli: &Cli, auto: &Auto, stop: &Stop) -> anyhow::Result<()> {
    ensure!(
        (1..=10).contains(&auto.callers),
        "--callers is {}, it must be 1 to 10",
        auto.callers
    );
    ensure!(
        auto.pace >= Duration::from_millis(100),
        "--pace is shorter than 100ms, which is not a small flow"
    );
    let server = Server::bind(cli.listen).await?;
    let mut config = cli.config(auto.seed, server.address());
    config.flow = Some(Flow {
        plan: Plan::new(auto.seed, auto.pace),
        to: auto.to.clone(),
        callers: auto.callers,
    });
    let host = Host::start(config, Mode::Auto)?;
    say(&format!(
        "twilio-sim is ready at http://{}: up to {} callers at a time, seed {}",
        server.address(),
        auto.callers,
        auto.seed
    ));
    tokio::select! {
        served = server.run(host.clone(), cli.credentials()) => served,
        outcome = auto::run(&host, stop, say) => Ok(outcome?),
    }
}

async fn wait_for_wishes(cli: &Cli, serve: &Serve, stop: &Stop) -> anyhow::Result<()> {
    let server = Server::bind(cli.listen).await?;
    let mut config = cli.config(serve.seed, server.address());
    config.unanswered_redirect = serve.unanswered_redirect;
    let mode = if serve.explicit {
        // The same seed, the same log.
        config.names = serve.seed;
        Mode::Explicit
    } else {
        Mode::Auto
    };
    let host = Host::start(config, mode)?;
    say(&format!(
        "twilio-sim is ready at http://{}",
        server.address()
    ));
    tokio::select! {
        served = server.run(host.clone(), cli.credentials()) => served,
        outcome = auto::follow(&host, |line| {
            if line.milestone {
                say(&format!("{} {}", line.call_sid, line.text));
            }
        }) => Ok(outcome?),
        () = stop.wished() => {
            auto::hang_up_all(&host, say).await;
            Ok(())
        }
    }
}

fn say(sentence: &str) {
    println!("{sentence}");
}

/// Reads a number, or `anonymous` for one that is withheld.
fn caller(text: &str) -> Result<String, String> {
    if text == "anonymous" {
        return Ok(text.to_owned());
    }
    PhoneNumber::parse(text)
        .map(|number| number.to_string())
        .map_err(|error| format!("{error}; or `anonymous`"))
}

/// Reads `500ms`, `30s`, `2m` or a number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u32 = text[..text.len() - unit.len()]
        .parse()
        .map_err(|_| WHAT_A_DURATION_IS.to_owned())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number.into())),
        "s" | "" => Ok(Duration::from_secs(number.into())),
        "m" => Ok(Duration::from_secs(number.into()) * 60),
        _ => Err(WHAT_A_DURATION_IS.to_owned()),
    }
}

const WHAT_A_DURATION_IS: &str = "a duration is a whole number and ms, s or m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        for (text, expected) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("30", 30_000),
            ("2m", 120_000),
            ("0s", 0),
        ] {
            assert_eq!(
                duration(text),
                Ok(Duration::from_millis(expected)),
                "{text}"
            );
        }
        for text in ["", "s", "-1s", "1.5s", "1h", "99999999999s", "1 s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_caller_is_a_number_or_withholds_it() {
        assert_eq!(caller("+12025550123"), Ok("+12025550123".to_owned()));
        assert_eq!(caller("anonymous"), Ok("anonymous".to_owned()));
        for text in ["garbage", "", "12025550123", "+1202555012a"] {
            assert!(caller(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_commands_of_the_documentation_are_taken() {
        for line in [
            "twilio-sim call --from +12025550123 --hangup-after 30s",
            "twilio-sim call --from anonymous --to +12025550199 --caller-name Ann",
            "twilio-sim auto --seed 7 --callers 4 --pace 2s",
            "twilio-sim serve --explicit --seed 7 --listen 127.0.0.1:0",
            "twilio-sim serve --unanswered-redirect refused",
        ] {
            Cli::try_parse_from(line.split(' ')).unwrap();
        }
    }

    #[test]
    fn debug_prints_no_secret() {
        for secret in ["--twilio-auth-token", "--twilio-api-key-secret"] {
            let cli = Cli::try_parse_from(["twilio-sim", "auto", secret, "hush"]).unwrap();
            assert!(!format!("{cli:?}{:?}", cli.credentials()).contains("hush"));
        }
    }
}
