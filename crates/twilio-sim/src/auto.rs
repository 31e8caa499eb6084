//! A living board: people who call by themselves for as long as the webhook is ready.

use std::time::Duration;

use crate::cast::CAST;
use crate::host::Host;
use crate::sim::{Command, LogLine, Sim};
use crate::stop::Stop;

/// How often the webhook is asked whether it is ready, before and after it was.
const ASK_EVERY: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(2)];
/// How long a webhook may be away before this is worth a line.
const PATIENT_FOR: u32 = 8;
/// How long the calls may take to hang up at the end.
const GRACE: Duration = Duration::from_secs(5);

/// Why a simulation ends by itself.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The webhook takes us for somebody else, which no patience mends.
    #[error(
        "the webhook does not believe our signature: it must have the same TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL"
    )]
    Disbelieved,
}

/// Lets the flow of callers run until `stop`, then hangs up on all of them.
pub async fn run(host: &Host, stop: &Stop, tell: fn(&str)) -> Result<(), Trouble> {
    let outcome = tokio::select! {
        never = watch_webhook(host, tell) => match never {},
        outcome = follow(host, |line| {
            if line.milestone {
                tell(&format!("{} {}", name_of(host, &line.call_sid), line.text));
            }
        }) => outcome,
        () = stop.wished() => Ok(()),
    };
    host.act(Command::Flow(false));
    hang_up_all(host, tell).await;
    outcome
}

/// Waits until a call would become a row, and says what it waits for when that takes long.
pub async fn until_ready(host: &Host, tell: fn(&str)) {
    let mut asked = 0;
    while !host.is_webhook_ready().await {
        asked += 1;
        if asked == PATIENT_FOR {
            tell(&format!(
                "waiting until the webhook at {} is ready",
                host.base()
            ));
        }
        tokio::time::sleep(ASK_EVERY[0]).await;
    }
}

/// Nobody calls while a call would not become a row.
async fn watch_webhook(host: &Host, tell: fn(&str)) -> std::convert::Infallible {
    loop {
        until_ready(host, tell).await;
        host.act(Command::Flow(true));
        while host.is_webhook_ready().await {
            tokio::time::sleep(ASK_EVERY[1]).await;
        }
        host.act(Command::Flow(false));
    }
}

/// Hands on each line of the log as it is written. Returns only when the webhook does not believe us.
pub async fn follow(host: &Host, mut each: impl FnMut(&LogLine)) -> Result<(), Trouble> {
    let mut lines = host.lines();
    let mut seen = 0;
    loop {
        let new: Vec<_> = host.look(|sim| sim.log_after(seen).cloned().collect());
        for line in new {
            seen = line.n;
            each(&line);
            if line.what == "disbelieved" {
                return Err(Trouble::Disbelieved);
            }
        }
        if lines.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// Ends every call, and waits until the webhook has been told.
pub async fn hang_up_all(host: &Host, tell: fn(&str)) {
    for leg in host.look(|sim| sim.legs(false)) {
        host.act(Command::HangUp(leg.call_sid));
    }
    let mut lines = host.lines();
    let told = async { while !host.look(Sim::is_quiet) && lines.changed().await.is_ok() {} };
    if tokio::time::timeout(GRACE, told).await.is_err() {
        tell("some calls could not be ended in time");
    }
}

/// What to call the person at the end of that leg: never by a number.
fn name_of(host: &Host, sid: &str) -> String {
    let Some(leg) = host.look(|sim| sim.leg(sid)) else {
        return "somebody".to_owned();
    };
    let known = CAST.iter().find(|caller| caller.number == leg.from);
    match (leg.identity, known) {
        (Some(identity), _) => identity,
        (None, Some(caller)) if leg.parent_call_sid.is_none() => caller.nickname.to_owned(),
        (None, _) => "a telephone".to_owned(),
    }
}
