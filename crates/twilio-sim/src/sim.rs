//! Twilio as a state machine without IO: inputs and a time go in, outputs come out.
//!
//! Time is what the caller says it is (`now`, since the start), chance comes from the seed, and every collection has an
//! order: the same seed and the same inputs give the same outputs and the same log. Whoever drives it makes the HTTP
//! requests, carries the frames, and calls [`Sim::handle`] with [`Input::Wake`] no later than [`Sim::next_wake`].
//!
//! ```
//! use std::time::Duration;
//! use switchboard_twilio::{AuthToken, PublicUrl};
//! use switchboard_twilio_sim::sim::{Answer, Caller, Config, Input, Output, Sim};
//!
//! let webhook = PublicUrl::parse("https://example.com").unwrap();
//! let mut sim = Sim::new(Config::new(7, webhook, AuthToken::new("secret")));
//! let caller = Caller {
//!     from: "+12025550101".to_owned(),
//!     to: "+12025550199".to_owned(),
//!     name: None,
//!     patience: None,
//! };
//! let (sid, mut outputs) = sim.place(caller, Duration::ZERO);
//! loop {
//!     for output in std::mem::take(&mut outputs) {
//!         if let Output::Http(request) = output {
//!             // Here the webhook would be asked: `request.url`, `request.form`, `request.signature`.
//!             let answer = Answer::twiml("<Response><Pause length='3'/><Say>Good-bye</Say></Response>");
//!             outputs.extend(sim.handle(Input::Answer(request.id, answer), sim.now()));
//!         }
//!     }
//!     match (outputs.is_empty(), sim.next_wake()) {
//!         (true, Some(at)) => outputs = sim.handle(Input::Wake, at),
//!         (true, None) => break,
//!         (false, _) => {}
//!     }
//! }
//! assert_eq!(sim.leg(&sid).unwrap().status, "completed");
//! ```
//!
//! - `program`: TwiML as steps; `run`: a leg goes through them; `dial`, `record`: the two verbs that last.
//! - `fetch`: requests for verbs, with retries and the fallback; `callback`: what legs tell.
//! - `redirect`: taking a leg out of whatever it does; `rest`: the API that asks for that.
//! - `device`: browsers and their invitations; `view`: what anybody hears.

mod callback;
mod callee;
mod config;
mod device;
mod dial;
mod fault;
mod fetch;
mod flow;
mod io;
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

pub use self::config::{ACCOUNT_SID, Config, UnansweredRedirect};
pub use self::fault::{Fault, FaultRates};
pub use self::flow::Flow;
pub use self::io::{
    Answer, Callee, Caller, Command, HttpRequest, Input, Output, RequestId, RestId, SocketId,
};
pub use self::journal::LogLine;
pub use self::program::NotTwiml;
pub use self::rest::{RestAnswer, RestRequest};
pub use self::timing::Timing;
pub use self::view::{DeviceView, LegView, Recording};
use crate::event::Event;
use device::Socket;
use fault::Faults;
use fetch::Request;
use flow::Flowing;
use leg::{LegId, Legs};

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
    legs: Legs,
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
            legs: Legs::default(),
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
        self.living.contains(&leg) && self.legs[leg.0].turn == turn
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Place(caller) => {
                self.call_in(caller);
            }
            Command::HangUp(sid) => self.on_living(&sid, Self::hang_up),
            Command::PickUp(sid) => self.on_living(&sid, |sim, leg| sim.person_does(leg, None)),
            Command::GiveUp(sid, callee) => {
                self.on_living(&sid, |sim, leg| sim.person_does(leg, Some(callee)));
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
