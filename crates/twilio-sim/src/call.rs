//! One call that somebody wants to watch: placed in the simulator that runs, where browsers can answer it, or in one
//! of its own.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use switchboard_twilio::PublicUrl;

use crate::auto::{self, Trouble};
use crate::event::Event;
use crate::host::Host;
use crate::server::{Log, Place, Placed};
use crate::sim::{Caller, Command, LogLine};
use crate::stop::Stop;

/// How often a simulator elsewhere is asked what has happened.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// A simulator on this machine answers sooner.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A simulator that runs in another process.
pub struct Elsewhere {
    http: reqwest::Client,
    address: SocketAddr,
}

impl Elsewhere {
    /// The simulator at that address, if there is one and it calls the same webhook.
    pub async fn find(address: SocketAddr, webhook: &PublicUrl) -> Option<Self> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).build().ok()?;
        let found = Self { http, address };
        let asked = found.http.get(found.url("/admin/health")).send().await;
        let health: serde_json::Value = asked.ok()?.json().await.ok()?;
        (health["webhook"] == webhook.to_string()).then_some(found)
    }

    /// Places a call and says what happens to it, until it is over or `stop` hangs up.
    pub async fn call(
        &self,
        caller: Caller,
        stop: &Stop,
        tell: impl Fn(&LogLine),
    ) -> anyhow::Result<()> {
        let place = Place {
            from: caller.from,
            to: Some(caller.to),
            caller_name: caller.name,
            hangup_after_ms: caller
                .patience
                .map(|patience| u64::try_from(patience.as_millis()).unwrap_or(u64::MAX)),
        };
        let mut seen = self.log(u64::MAX).await?.next;
        let placed = self
            .http
            .post(self.url("/admin/calls"))
            .json(&place)
            .send()
            .await;
        let placed = placed.and_then(reqwest::Response::error_for_status);
        let Placed { call_sid } = placed.context(GONE)?.json().await.context(GONE)?;
        let mut is_hung_up = false;
        loop {
            let log = self.log(seen).await?;
            seen = log.next;
            for line in log.lines.iter().filter(|line| line.call_sid == call_sid) {
                tell(line);
                if Event::is_end(&line.what) {
                    return Ok(());
                }
            }
            tokio::select! {
                () = tokio::time::sleep(ASK_EVERY) => {}
                () = stop.wished(), if !is_hung_up => {
                    is_hung_up = true;
                    let url = self.url(&format!("/admin/calls/{call_sid}/hangup"));
                    self.http.post(url).send().await.context(GONE)?;
                }
            }
        }
    }

    async fn log(&self, after: u64) -> anyhow::Result<Log> {
        let asked = self
            .http
            .get(self.url(&format!("/admin/log?after={after}")))
            .send()
            .await;
        asked.context(GONE)?.json().await.context(GONE)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

const GONE: &str = "the simulator that had the call has stopped";

/// Places a call in a simulator of one's own and says what happens to it, until it is over or `stop` hangs up. Nobody's
/// browser can answer it.
pub async fn here(
    host: &Host,
    caller: Caller,
    stop: &Stop,
    tell: impl Fn(&LogLine),
    say: fn(&str),
) -> Result<(), Trouble> {
    let sid = host.place(caller);
    let over = async {
        let mut lines = host.lines();
        while host.look(|sim| sim.lives(&sid)) && lines.changed().await.is_ok() {}
    };
    let told = auto::follow(host, |line| {
        if line.call_sid == sid {
            tell(line);
        }
    });
    tokio::pin!(told);
    let outcome = tokio::select! {
        outcome = &mut told => outcome,
        () = over => Ok(()),
        () = stop.wished() => Ok(()),
    };
    host.act(Command::HangUp(sid.clone()));
    // What was written last is told too, and the webhook hears the end.
    tokio::select! {
        late = &mut told => outcome.and(late),
        () = auto::hang_up_all(host, say) => outcome,
    }
}
