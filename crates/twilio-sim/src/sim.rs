//! Twilio as a state machine without IO: inputs and a time go in, outputs come out.
//!
//! Time is what the caller says it is (`now`, since the start), chance comes from the seed, and every collection has an
//! order: the same seed and the same inputs give the same outputs and the same log. Whoever drives it makes the HTTP
//! requests, carries the frames, and calls [`Sim::handle`] with [`Input::Wake`] no later than [`Sim::next_wake`].
//!
//! - `program`: TwiML as steps; `run`: a leg goes through them; `dial`, `record`: the two verbs that last.
//! - `fetch`: requests for verbs, with retries and the fallback; `callback`: what legs tell.
//! - `redirect`: taking a leg out of whatever it does; `rest`: the API that asks for that.
//! - `device`: browsers and their invitations; `view`: what anybody hears.

mod callback;
mod device;
mod dial;
mod fault;
mod fetch;
mod flow;
mod journal;
mod leg;
mod program;
mod record;
mod redirect;
mod rest;
mod run;
mod timing;
mod view;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use switchboard_twilio::twiml::Method;
use switchboard_twilio::{AuthToken, Form, PublicUrl};

pub use self::fault::{Fault, FaultRates};
pub use self::flow::Flow;
pub use self::journal::LogLine;
pub use self::program::NotTwiml;
pub use self::rest::{RestAnswer, RestRequest};
pub use self::timing::Timing;
pub use self::view::{DeviceView, LegView, Recording};
use crate::event::Event;
use crate::wire::{FromPage, ToPage};
use device::Socket;
use fault::Faults;
use fetch::Request;
use flow::Flowing;
use leg::{Leg, LegId};

/// One browser's connection, numbered by whoever drives the machine.
pub type SocketId = u64;
/// One HTTP request to the webhook.
pub type RequestId = u64;
/// One REST request, numbered by whoever drives the machine.
pub type RestId = u64;

/// What is the same for the whole life of a simulation.
#[derive(Debug, Clone)]
pub struct Config {
    /// Decides every accident, and who calls when.
    pub seed: u64,
    /// Decides the names of legs. A database that outlives a simulation would take equal names for repetitions.
    pub names: u64,
    /// The webhook; relative URLs in TwiML are below it.
    pub base: PublicUrl,
    /// Requests are signed with it.
    pub token: AuthToken,
    /// `AC…`.
    pub account_sid: String,
    /// The number's voice URL. What follows a `#` are connection overrides, here and below.
    pub voice_url: String,
    /// Asked when a URL gives no verbs.
    pub fallback_url: String,
    /// Told of the end of a caller's leg.
    pub status_url: String,
    /// The TwiML App's voice URL, for browsers that call out.
    pub app_url: String,
    /// Where recordings can be fetched, without a slash at the end.
    pub api_url: String,
    /// How long things take.
    pub timing: Timing,
    /// What goes wrong.
    pub faults: FaultRates,
    /// Whether a leg that nobody has answered can be redirected.
    pub unanswered_redirect: UnansweredRedirect,
    /// Who calls by themselves, once [`Command::Flow`] lets them.
    pub flow: Option<Flow>,
    /// Seconds since 1970 at the start, for dates.
    pub started_at_s: u64,
}

/// Whether REST can redirect a leg that rings (`answerOnBridge`, nobody accepted): it is not known what Twilio does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum UnansweredRedirect {
    /// As any other.
    Works,
    /// 21220.
    Refused,
}

/// The account that simulated calls belong to unless another is named.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000000";

impl Config {
    /// Twilio as it is configured for a webhook at `base`, without faults.
    #[must_use]
    pub fn new(seed: u64, base: PublicUrl, token: AuthToken) -> Self {
        Self {
            seed,
            names: seed,
            flow: None,
            voice_url: base.join("/twilio/voice#rc=5&rp=all"),
            fallback_url: base.join("/twilio/fallback#rc=5&rp=all"),
            status_url: base.join("/twilio/status#rc=5&rp=all"),
            app_url: base.join("/twilio/voice#rc=5&rp=all"),
            api_url: "http://127.0.0.1:8081".to_owned(),
            base,
            token,
            account_sid: ACCOUNT_SID.to_owned(),
            timing: Timing::default(),
            faults: FaultRates::none(),
            unanswered_redirect: UnansweredRedirect::Works,
            started_at_s: 1_767_225_600,
        }
    }
}

/// What happens to the machine.
#[derive(Debug, Clone)]
pub enum Input {
    /// Nothing but time.
    Wake,
    /// The webhook has answered, or will not.
    Answer(RequestId, Answer),
    /// Somebody uses the REST API, properly authorised.
    Rest(RestId, RestRequest),
    /// A browser connects with a good token, which ends at that time.
    Opened {
        /// Whose connection.
        socket: SocketId,
        /// Under which name it may register.
        identity: String,
        /// When the token ends; `None` is never.
        token_ends: Option<Duration>,
    },
    /// A browser speaks. [`FromPage::Token`] is for the driver, who checks it and says [`Input::Renewed`].
    Frame(SocketId, FromPage),
    /// A browser has a fresh token.
    Renewed(SocketId, Option<Duration>),
    /// A browser is gone; a clean end is one that it announced.
    Closed {
        /// Whose connection.
        socket: SocketId,
        /// Whether it said good-bye.
        is_clean: bool,
    },
    /// Somebody at a telephone, or a test, does something.
    Do(Command),
}

/// What people at telephones do, and what tests want to happen. Legs are named by their sids; a leg that is not there
/// or over is ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Calls our number. The name of the leg is in the answer of [`Sim::place`], which does the same.
    Place(Caller),
    /// The person at the end of this leg hangs up.
    HangUp(String),
    /// The telephone that `<Number>` rings is picked up.
    PickUp(String),
    /// It is busy, or nobody comes, or it cannot be reached.
    GiveUp(String, Callee),
    /// A key is pressed.
    Press(String, char),
    /// From now on that number behaves like this.
    Callee(String, Callee),
    /// The quality of that identity's call changes.
    Warn {
        /// Whose.
        identity: String,
        /// What.
        name: String,
        /// Whether it is over.
        cleared: bool,
    },
    /// That identity's browsers vanish.
    Drop(String),
    /// People call by themselves from now on, or no more.
    Flow(bool),
    /// These accidents from now on.
    Faults(FaultRates),
    /// This accident at its next occasion.
    Once(Fault),
}

/// Somebody who calls our number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// What stands in `From`.
    pub from: String,
    /// Our number.
    pub to: String,
    /// The name that the network sends along.
    pub name: Option<String>,
    /// How long until the caller gives up, in any state of the call; `None` is never.
    pub patience: Option<Duration>,
}

/// How a telephone behaves that is rung by `<Number>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum Callee {
    /// It is picked up.
    Answers {
        /// So many milliseconds after it began to ring.
        after_ms: u32,
    },
    /// It is busy.
    Busy,
    /// It rings until the `<Dial>` gives up.
    NoAnswer,
    /// It cannot be reached.
    Fails,
    /// It rings until [`Command::PickUp`].
    Waits,
}

/// How a request to the webhook ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// With an HTTP response.
    Response {
        /// Its status.
        status: u16,
        /// Its body.
        body: String,
    },
    /// Nobody there, or the connection broke.
    Unreachable,
    /// Too late.
    TimedOut,
}

impl Answer {
    /// 200 with this TwiML.
    #[must_use]
    pub fn twiml(body: impl Into<String>) -> Self {
        Self::Response {
            status: 200,
            body: body.into(),
        }
    }
}

/// What the driver has to do.
#[derive(Debug, Clone)]
pub enum Output {
    /// Ask the webhook, and say how it ended with [`Input::Answer`].
    Http(HttpRequest),
    /// Tell a browser.
    Frame(SocketId, ToPage),
    /// Close its connection as if the network had broken it.
    Close(SocketId),
    /// Answer a REST request; `None`: close the connection without an answer.
    Rest(RestId, Option<RestAnswer>),
}

/// A signed request to the webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Its name in [`Input::Answer`].
    pub id: RequestId,
    /// A GET has its parameters in the URL, and an empty form.
    pub method: Method,
    /// Absolute; what is signed.
    pub url: String,
    /// What is posted.
    pub form: Form,
    /// For the header `X-Twilio-Signature`.
    pub signature: String,
}

/// What happens at a time of its own.
#[derive(Debug, Clone)]
enum Timer {
    /// A verb is over, if the leg is still at that turn.
    Next(LegId, u64),
    /// A leg asks for verbs.
    Ask(LegId, u64, fetch::Ask),
    /// A `<Dial>` has rung long enough.
    DialOver(LegId, u64),
    /// A dialled leg comes so far.
    Child(LegId, dial::Stage),
    /// A redirect comes so far.
    Redirect(LegId, redirect::Stage),
    /// A recording is as long as it may be.
    RecordOver(LegId, u64),
    /// A request is made.
    Send(Box<Request>),
    /// The webhook has had its time.
    Late(RequestId),
    /// A caller's patience is over.
    HangUp(LegId),
    /// Somebody calls by themselves.
    NextCaller,
    /// A browser that went away is missed.
    Missed(LegId),
    /// A token ends soon, or has ended; the number tells it from an older one.
    TokenWarning(SocketId, u64),
    TokenOver(SocketId, u64),
}

/// The machine.
#[derive(Debug)]
pub struct Sim {
    config: Config,
    now: Duration,
    names: ChaCha8Rng,
    faults: Faults,
    legs: Vec<Leg>,
    by_sid: BTreeMap<String, LegId>,
    living: BTreeSet<LegId>,
    sockets: BTreeMap<SocketId, Socket>,
    registrations: u64,
    callees: BTreeMap<String, Callee>,
    recordings: BTreeMap<String, Recording>,
    pending: BTreeMap<RequestId, Request>,
    requests: RequestId,
    timers: BTreeMap<(Duration, u64), Timer>,
    timers_made: u64,
    log: VecDeque<LogLine>,
    flow: Option<Flowing>,
    lines: u64,
    out: Vec<Output>,
}

impl Sim {
    /// Nobody calls yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            now: Duration::ZERO,
            names: ChaCha8Rng::seed_from_u64(config.names),
            faults: Faults::new(
                config.faults.clone(),
                ChaCha8Rng::seed_from_u64(config.seed),
            ),
            flow: config.flow.clone().map(Flowing::new),
            legs: Vec::new(),
            by_sid: BTreeMap::new(),
            living: BTreeSet::new(),
            sockets: BTreeMap::new(),
            registrations: 0,
            callees: BTreeMap::new(),
            recordings: BTreeMap::new(),
            pending: BTreeMap::new(),
            requests: 0,
            timers: BTreeMap::new(),
            timers_made: 0,
            log: VecDeque::new(),
            lines: 0,
            out: Vec::new(),
            config,
        }
    }

    /// Lets time go to `now` and takes one input there. Time never goes back: an earlier `now` counts as the latest.
    pub fn handle(&mut self, input: Input, now: Duration) -> Vec<Output> {
        self.advance(now);
        match input {
            Input::Wake => {}
            Input::Answer(id, answer) => self.answered(id, answer),
            Input::Rest(id, request) => self.rest(id, &request),
            Input::Opened {
                socket,
                identity,
                token_ends,
            } => self.opened(socket, identity, token_ends),
            Input::Frame(socket, frame) => self.frame(socket, frame),
            Input::Renewed(socket, token_ends) => self.renewed(socket, token_ends),
            Input::Closed { socket, is_clean } => self.closed(socket, is_clean),
            Input::Do(command) => self.obey(command),
        }
        self.tell_what_is_heard();
        std::mem::take(&mut self.out)
    }

    /// [`Command::Place`], with the name of the new leg.
    pub fn place(&mut self, caller: Caller, now: Duration) -> (String, Vec<Output>) {
        self.advance(now);
        let leg = self.call_in(caller);
        self.tell_what_is_heard();
        (self.legs[leg.0].sid.clone(), std::mem::take(&mut self.out))
    }

    /// Whether that leg is there and not over.
    #[must_use]
    pub fn lives(&self, sid: &str) -> bool {
        self.living_leg(sid).is_some()
    }

    /// When something happens next by itself.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        self.timers.keys().next().map(|(at, _)| *at)
    }

    /// The time that the machine has come to.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// How many requests the webhook has not answered, without those whose answer gets lost.
    #[must_use]
    pub fn waiting_requests(&self) -> usize {
        self.pending
            .values()
            .filter(|request| !request.is_lost())
            .count()
    }

    /// Whether nobody calls and everything that was to be told has been told.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let tells = |timer: &Timer| matches!(timer, Timer::Send(_));
        self.living.is_empty() && self.pending.is_empty() && !self.timers.values().any(tells)
    }

    /// What goes wrong how often.
    #[must_use]
    pub fn fault_rates(&self) -> &FaultRates {
        &self.faults.rates
    }

    fn advance(&mut self, now: Duration) {
        while let Some(entry) = self.timers.first_entry() {
            let at = entry.key().0;
            if at > now {
                break;
            }
            let timer = entry.remove();
            self.now = self.now.max(at);
            self.ring(timer);
            self.tell_what_is_heard();
        }
        self.now = self.now.max(now);
    }

    fn ring(&mut self, timer: Timer) {
        match timer {
            Timer::Next(leg, turn) => {
                if self.is_at(leg, turn) {
                    self.next_step(leg);
                }
            }
            Timer::Ask(leg, turn, ask) => {
                if self.is_at(leg, turn) {
                    self.ask(leg, ask);
                }
            }
            Timer::DialOver(leg, turn) => {
                if self.is_at(leg, turn) {
                    self.dial_rang_long_enough(leg);
                }
            }
            Timer::Child(leg, stage) => self.child_comes(leg, stage),
            Timer::Redirect(leg, stage) => self.redirect_comes(leg, stage),
            Timer::RecordOver(leg, turn) => {
                if self.is_at(leg, turn) {
                    self.recorded(leg, None);
                }
            }
            Timer::Send(request) => self.send(*request),
            Timer::Late(id) => self.late(id),
            Timer::HangUp(leg) => self.hang_up(leg),
            Timer::NextCaller => self.next_caller(),
            Timer::Missed(leg) => self.missed(leg),
            Timer::TokenWarning(socket, token) => self.token_warning(socket, token),
            Timer::TokenOver(socket, token) => self.token_over(socket, token),
        }
    }

    fn after(&mut self, delay: Duration, timer: Timer) {
        self.timers_made += 1;
        self.timers
            .insert((self.now + delay, self.timers_made), timer);
    }

    fn is_at(&self, leg: LegId, turn: u64) -> bool {
        self.legs[leg.0].turn == turn && self.living.contains(&leg)
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Place(caller) => {
                self.call_in(caller);
            }
            Command::HangUp(sid) => self.on_living(&sid, Self::hang_up),
            Command::PickUp(sid) => self.on_living(&sid, |sim, leg| sim.callee(leg, None)),
            Command::GiveUp(sid, callee) => {
                self.on_living(&sid, |sim, leg| sim.callee(leg, Some(callee)));
            }
            Command::Press(sid, key) => self.on_living(&sid, |sim, leg| sim.pressed(leg, key)),
            Command::Callee(number, callee) => {
                self.callees.insert(number, callee);
            }
            Command::Warn {
                identity,
                name,
                cleared,
            } => self.warn(&identity, &name, cleared),
            Command::Drop(identity) => self.drop_sockets(&identity),
            Command::Flow(flows) => self.set_flow(flows),
            Command::Faults(rates) => self.faults.rates = rates,
            Command::Once(fault) => self.faults.once(fault),
        }
    }

    fn on_living(&mut self, sid: &str, act: impl FnOnce(&mut Self, LegId)) {
        if let Some(leg) = self.living_leg(sid) {
            act(self, leg);
        }
    }

    fn living_leg(&self, sid: &str) -> Option<LegId> {
        let leg = *self.by_sid.get(sid)?;
        self.living.contains(&leg).then_some(leg)
    }

    /// A name in Twilio's form: two letters and 32 hexadecimal digits.
    fn new_sid(&mut self, letters: &str) -> String {
        format!("{letters}{:032x}", self.names.random::<u128>())
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "every event is made where it is told"
    )]
    fn note(&mut self, leg: LegId, event: Event) {
        let sid = self.legs[leg.0].sid.clone();
        self.write_down(sid, &event);
    }
}

#[cfg(test)]
mod tests;
