//! Everything that is simulated, under one lock: Twilio, the database, the pages, what is on the way between them, and
//! the dice.

mod event;
mod log;
mod waits;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use switchboard_model::{CallId, MemberId, Status};
use switchboard_twilio::{AuthToken, PublicUrl};
use switchboard_twilio_sim::sim::{
    Config, FaultRates, Input, Output, RestAnswer, RestId, Sim, SocketId, UnansweredRedirect,
};
use time::OffsetDateTime;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::page::{Machine, Page, TabId};
use crate::people::Person;
use crate::plan::Plan;
use crate::tables::Tables;

pub(crate) use self::event::Event;
pub(crate) use self::log::{last, short};
pub(crate) use self::waits::Way;

/// Where the webhook says it is.
pub(crate) const BASE: &str = "https://switchboard.example";

/// What can go wrong on our side, in per mille.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// A request to the database is lost.
    pub(crate) rows_lost: u16,
    /// It is done, but its answer is lost.
    pub(crate) rows_unanswered: u16,
    /// A change does not reach a board.
    pub(crate) rows_untold: u16,
    /// A hint does not reach a process.
    pub(crate) hints_lost: u16,
}

/// A caller, from the simulation's point of view.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) sid: String,
}

/// All of it.
pub(crate) struct World {
    start: Instant,
    pub(crate) plan: Plan,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) sim: Sim,
    pub(crate) tables: Box<dyn Tables>,
    pub(crate) weather: Weather,
    pub(crate) is_down: bool,
    pub(crate) is_calm: bool,
    agenda: BTreeMap<(Duration, u64), Event>,
    made: u64,
    rest: BTreeMap<RestId, oneshot::Sender<Option<RestAnswer>>>,
    rest_made: RestId,
    pub(crate) pages: BTreeMap<TabId, Page>,
    pub(crate) sockets: BTreeMap<SocketId, TabId>,
    pub(crate) tabs_made: u64,
    pub(crate) people: Vec<Person>,
    /// The machines whose browsers remember that the person was on duty there.
    pub(crate) on_duty: BTreeSet<Machine>,
    pub(crate) members_read: u64,
    /// Whose tab was closed, perhaps before it could say the last of its device, and nobody has told anything since.
    pub(crate) last_words: BTreeSet<MemberId>,
    pub(crate) placed: Vec<Placed>,
    /// Every REST update: when, and of which leg.
    pub(crate) updates: Vec<(Duration, String)>,
    /// Who ended which call by hand.
    pub(crate) ended_by_hand: Vec<CallId>,
    /// Since when which call waits for audio with whom.
    claims: BTreeMap<CallId, (MemberId, Duration, Way)>,
    /// From claim to audio.
    pub(crate) connected: Vec<(Way, Duration)>,
    lanes: BTreeMap<CallId, Status>,
    /// When whose browser lost its line last, or might have.
    pub(crate) lost_lines: BTreeMap<MemberId, Duration>,
    /// What should not have happened to a row.
    pub(crate) wrong: Vec<String>,
    /// Since when which call's audio is behind its row.
    behind: BTreeMap<CallId, Duration>,
    epochs: BTreeMap<CallId, i32>,
    /// Calls whose customer was ringing, parked or on hold when they were heard of last before their end.
    pub(crate) was_waiting: BTreeSet<CallId>,
    /// From a change that the customer must hear to the answer that makes it so.
    pub(crate) lags: Vec<Duration>,
    /// Whether rows have changed since the processes were last told.
    pub(crate) has_news: bool,
    /// Legs about which a request was answered without the database failing meanwhile: it must know them.
    pub(crate) met: BTreeSet<String>,
    /// What people do just before the next change of a row by a service reaches the database.
    pub(crate) meanwhile: Option<Meanwhile>,
    lines: u64,
    log: Vec<String>,
}

/// Something that is done to the tables.
pub(crate) type Meanwhile = Box<dyn FnOnce(&mut dyn Tables) + Send>;

/// The world, as its inhabitants hold it.
#[derive(Clone)]
pub(crate) struct Shared {
    world: Arc<Mutex<World>>,
    /// Something may have to happen earlier than was thought.
    pub(crate) stirred: Arc<Notify>,
}

impl Shared {
    pub(crate) fn new(plan: Plan, tables: Box<dyn Tables>) -> Self {
        let base = PublicUrl::parse(BASE).unwrap();
        let mut config = Config::new(plan.seed, base, AuthToken::new("paper"));
        config.faults = plan.faults.clone();
        config.unanswered_redirect = if plan.redirects_unanswered {
            UnansweredRedirect::Works
        } else {
            UnansweredRedirect::Refused
        };
        let world = World {
            start: Instant::now(),
            rng: ChaCha8Rng::seed_from_u64(plan.seed ^ 0x5151),
            sim: Sim::new(config),
            tables,
            weather: plan.weather,
            is_down: false,
            is_calm: false,
            agenda: BTreeMap::new(),
            made: 0,
            rest: BTreeMap::new(),
            rest_made: 0,
            pages: BTreeMap::new(),
            sockets: BTreeMap::new(),
            tabs_made: 0,
            people: plan.people(),
            on_duty: BTreeSet::new(),
            members_read: 0,
            last_words: BTreeSet::new(),
            placed: Vec::new(),
            updates: Vec::new(),
            ended_by_hand: Vec::new(),
            claims: BTreeMap::new(),
            connected: Vec::new(),
            lanes: BTreeMap::new(),
            lost_lines: BTreeMap::new(),
            wrong: Vec::new(),
            behind: BTreeMap::new(),
            epochs: BTreeMap::new(),
            was_waiting: BTreeSet::new(),
            lags: Vec::new(),
            has_news: false,
            met: BTreeSet::new(),
            meanwhile: None,
            lines: 0,
            log: Vec::new(),
            plan,
        };
        Self {
            world: Arc::new(Mutex::new(world)),
            stirred: Arc::default(),
        }
    }

    /// The world at this moment.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap();
        let moment = world.moment();
        world.tables.at(moment);
        world
    }

    /// When the world has to be looked at next.
    pub(crate) fn next(&self) -> Instant {
        let world = self.lock();
        let far = Duration::from_secs(3600);
        let agenda = world.agenda.keys().next().map_or(far, |(at, _)| *at);
        let sim = world.sim.next_wake().unwrap_or(far);
        world.start + agenda.min(sim)
    }
}

impl World {
    /// Time since the start.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// The time of day in this world.
    pub(crate) fn moment(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_767_600_000).unwrap() + self.now()
    }

    /// Whether the dice say so.
    pub(crate) fn chance(&mut self, per_mille: u16) -> bool {
        per_mille > 0 && self.rng.random_range(0..1000) < per_mille
    }

    /// Some time between the two, in milliseconds.
    pub(crate) fn some_ms(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.rng.random_range(from..=to))
    }

    pub(crate) fn after(&mut self, delay: Duration, event: Event) {
        self.made += 1;
        let at = self.now() + delay;
        self.agenda.insert((at, self.made), event);
    }

    pub(crate) fn soon(&mut self, from_ms: u64, to_ms: u64, event: Event) {
        let delay = self.some_ms(from_ms, to_ms);
        self.after(delay, event);
    }

    /// The next event that is due.
    pub(crate) fn due(&mut self) -> Option<Event> {
        let entry = self.agenda.first_entry()?;
        let now = self.start.elapsed();
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// Twilio takes an input, and what it says goes on its way.
    pub(crate) fn twilio(&mut self, input: Input) {
        let outputs = self.sim.handle(input, self.now());
        self.carry(outputs);
    }

    pub(crate) fn carry(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Http(request) => self.soon(1, 20, Event::Ask(Box::new(request))),
                // Frames of one socket arrive in their order.
                Output::Frame(socket, frame) => {
                    self.after(Duration::from_millis(10), Event::Frame(socket, frame));
                }
                Output::Close(socket) => {
                    if let Some(tab) = self.sockets.remove(&socket) {
                        self.socket_closed(tab);
                    }
                }
                Output::Rest(id, answer) => {
                    if let Some(waits) = self.rest.remove(&id) {
                        // Whoever asked may be dead.
                        drop(waits.send(answer));
                    }
                }
            }
        }
    }

    /// Somebody asks Twilio by REST.
    pub(crate) fn ask_twilio(
        &mut self,
        request: switchboard_twilio_sim::sim::RestRequest,
    ) -> oneshot::Receiver<Option<RestAnswer>> {
        self.rest_made += 1;
        let (sender, receiver) = oneshot::channel();
        self.rest.insert(self.rest_made, sender);
        self.twilio(Input::Rest(self.rest_made, request));
        receiver
    }

    /// Tells the boards and the processes what has changed.
    pub(crate) fn spread(&mut self) {
        for call in self.tables.changed() {
            self.note(|| {
                format!(
                    "row {} {} epoch {} {:?} agent {} {}{}",
                    short(call.id),
                    call.status.as_str(),
                    call.epoch,
                    call.end_reason,
                    call.assigned_to.map(short).unwrap_or_default(),
                    if call.on_hold { "held " } else { "" },
                    if call.connected_at.is_some() {
                        "connected"
                    } else {
                        ""
                    },
                )
            });
            self.clock(&call);
            self.has_news = true;
            let tabs: Vec<_> = self.pages.keys().copied().collect();
            for tab in tabs {
                if !self.chance(self.weather.rows_untold) {
                    self.soon(2, 60, Event::Row(tab, Box::new(call.clone())));
                }
            }
        }
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn calm(&mut self) {
        self.is_calm = true;
        self.is_down = false;
        self.weather = Weather::default();
        let rates = FaultRates::none();
        self.twilio(Input::Do(switchboard_twilio_sim::sim::Command::Faults(
            rates,
        )));
    }
}
