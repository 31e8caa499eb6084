//! The commands.

use std::time::Duration;

use anyhow::ensure;
use clap::{Args, Parser, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};
use switchboard_model::PhoneNumber;
use switchboard_twilio::{AuthToken, PublicUrl};

use crate::auto::{self, Flow, until_ready};
use crate::call::{Call, Setting};
use crate::line::Line;
use crate::plan::Plan;
use crate::stop::Stop;
use crate::tempo::Tempo;

/// Simulates Twilio: invents calls and sends signed webhooks about them. Nobody is ever rung.
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

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Places one call and says what happens. Ctrl-C hangs up.
    Call(OneCall),
    /// Keeps a small flow of callers on the line until Ctrl-C.
    Auto(Auto),
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
    #[arg(long, default_value_t = 4)]
    callers: usize,

    /// The time between two calls, on average.
    #[arg(long, default_value = "8s", value_parser = duration)]
    pace: Duration,

    /// Which number is called.
    #[arg(long, default_value = OUR_NUMBER)]
    to: String,
}

/// The number of the switchboard, as far as the simulator is concerned.
const OUR_NUMBER: &str = "+12025550199";

/// Runs a command until it is done or `stop` is wished.
pub async fn run(cli: Cli, stop: Stop) -> anyhow::Result<()> {
    let token = AuthToken::new(cli.twilio_auth_token.expose_secret());
    let setting = Setting {
        line: Line::new(cli.public_base_url, token)?,
        tempo: Tempo::LIFE,
        stop,
    };
    match cli.command {
        Command::Call(one) => call(one, setting).await,
        Command::Auto(auto) => keep_calling(auto, setting).await,
    }
}

async fn call(one: OneCall, setting: Setting) -> anyhow::Result<()> {
    tokio::select! {
        () = until_ready(&setting, say) => {}
        () = setting.stop.wished() => return Ok(()),
    }
    let call = Call::new(&one.from, &one.to, one.caller_name.as_deref());
    let who = one.caller_name.unwrap_or(one.from);
    call.live(&setting, one.hangup_after, |event| {
        say(&format!("{who} {event}"));
    })
    .await?;
    Ok(())
}

async fn keep_calling(auto: Auto, setting: Setting) -> anyhow::Result<()> {
    ensure!(
        (1..=10).contains(&auto.callers),
        "--callers is {}, it must be 1 to 10",
        auto.callers
    );
    ensure!(
        auto.pace >= Duration::from_millis(100),
        "--pace is shorter than 100ms, which is not a small flow"
    );
    tokio::select! {
        () = until_ready(&setting, say) => {}
        () = setting.stop.wished() => return Ok(()),
    }
    say(&format!(
        "twilio-sim is ready: up to {} callers at a time, seed {}",
        auto.callers, auto.seed
    ));
    let flow = Flow {
        plan: Plan::new(auto.seed, auto.pace),
        to: auto.to,
        callers: auto.callers,
    };
    auto::run(flow, setting, say).await?;
    Ok(())
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
        ] {
            Cli::try_parse_from(line.split(' ')).unwrap();
        }
    }

    #[test]
    fn debug_prints_no_secret() {
        let cli =
            Cli::try_parse_from(["twilio-sim", "auto", "--twilio-auth-token", "hush"]).unwrap();
        assert!(!format!("{cli:?}").contains("hush"));
    }
}
