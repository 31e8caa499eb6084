//! A browser tab: its view of the board and its audio. It decides as the dashboard's softphone does
//! (`web/src/voice/softphone.rs`): level-triggered, accepting only what the row says is its own, hanging up the rest.

use std::collections::BTreeMap;

use switchboard_model::{Call, CallId, Direction, Intent, MemberId, ParkReason, Status};
use switchboard_twilio_sim::sim::{Input, SocketId};
use switchboard_twilio_sim::wire::{FromPage, ToPage};

use crate::tables::Lost;
use crate::world::{Event, World};

/// One tab, for its life.
pub(crate) type TabId = u64;
/// A row and the epoch that an invitation is about.
type About = (CallId, i32);

/// Which tab of a person has the audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    Waiting,
    Here,
}

/// How far the device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
    Off,
    Registering,
    Ready,
    Lost,
    Due,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Connecting,
    Talking,
    Leaving,
}

#[derive(Debug, Clone)]
struct Line {
    leg: Option<String>,
    about: Option<About>,
    stage: Stage,
}

/// The tab.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) person: usize,
    pub(crate) member: MemberId,
    pub(crate) seat: Seat,
    pub(crate) device: Device,
    pub(crate) socket: Option<SocketId>,
    pub(crate) board: BTreeMap<CallId, Call>,
    invitations: Vec<(String, Option<About>)>,
    line: Option<Line>,
    reported: Option<&'static str>,
    reports: u32,
    told_ready: bool,
    taken_back: Option<CallId>,
}

/// What the page does.
enum Order {
    Register,
    Accept(String),
    Disconnect(String),
    Report(&'static str),
    Retrieve(CallId),
}

impl Page {
    pub(crate) fn new(person: usize, member: MemberId) -> Self {
        Self {
            person,
            member,
            seat: Seat::Waiting,
            device: Device::Off,
            socket: None,
            board: BTreeMap::new(),
            invitations: Vec::new(),
            line: None,
            reported: None,
            reports: 0,
            told_ready: false,
            taken_back: None,
        }
    }

    /// Whether the person can take and make calls here.
    pub(crate) fn is_ready(&self) -> bool {
        self.seat == Seat::Here && self.device == Device::Ready
    }

    pub(crate) fn has_line(&self) -> bool {
        self.line.is_some()
    }

    /// My call, as this page knows it.
    pub(crate) fn mine(&self) -> Option<&Call> {
        let mut calls = self.board.values();
        calls.find(|call| call.status == Status::Active && call.assigned_to == Some(self.member))
    }

    /// The calls in a lane, as this page knows them.
    pub(crate) fn lane(&self, status: Status) -> Vec<CallId> {
        let calls = self.board.values().filter(|call| call.status == status);
        calls.map(|call| call.id).collect()
    }

    /// A row comes, in whatever order.
    pub(crate) fn see(&mut self, call: &Call) {
        let known = self.board.get(&call.id);
        if known.is_none_or(|known| known.version < call.version) {
            self.board.insert(call.id, call.clone());
        }
    }

    /// The person calls out.
    pub(crate) fn dials(&mut self) {
        self.line = Some(Line {
            leg: None,
            about: None,
            stage: Stage::Connecting,
        });
    }

    fn hear(&mut self, frame: ToPage) {
        match frame {
            ToPage::Registered { .. } => self.device = Device::Ready,
            ToPage::Unregistered { .. } => self.device = Device::Lost,
            ToPage::Incoming {
                call_sid,
                parameters,
                ..
            } => {
                let about = (|| {
                    let id = parameters.get("call_id")?.parse().ok()?;
                    Some((id, parameters.get("epoch")?.parse().ok()?))
                })();
                self.invitations.push((call_sid, about));
            }
            ToPage::Cancel { call_sid } | ToPage::Disconnected { call_sid } => {
                self.invitations.retain(|(one, _)| *one != call_sid);
                if self
                    .line
                    .as_ref()
                    .is_some_and(|line| line.leg.as_ref() == Some(&call_sid))
                {
                    self.line = None;
                }
            }
            ToPage::Connecting { call_sid, .. } => {
                if let Some(line) = self.line.as_mut().filter(|line| line.leg.is_none()) {
                    line.leg = Some(call_sid);
                }
            }
            ToPage::Accepted { call_sid } => {
                if let Some(line) = &mut self.line
                    && line.leg == Some(call_sid)
                    && line.stage == Stage::Connecting
                {
                    line.stage = Stage::Talking;
                }
            }
            ToPage::Error { .. } => {
                if self.line.as_ref().is_some_and(|line| line.leg.is_none()) {
                    self.line = None;
                }
            }
            ToPage::Ringing { .. }
            | ToPage::Muted { .. }
            | ToPage::Audio { .. }
            | ToPage::TokenWillExpire { .. }
            | ToPage::TokenUpdated
            | ToPage::Warning { .. } => {}
        }
    }

    fn settle(&mut self) -> Vec<Order> {
        let mut orders = Vec::new();
        if self.seat == Seat::Here {
            if self.device == Device::Off {
                self.device = Device::Due;
            }
            if self.device == Device::Due && self.line.is_none() {
                self.device = Device::Registering;
                orders.push(Order::Register);
            }
        }
        self.follow_the_row(&mut orders);
        self.report(&mut orders);
        orders
    }

    fn follow_the_row(&mut self, orders: &mut Vec<Order>) {
        let mine = self.mine();
        let is_outbound = mine.is_some_and(|mine| mine.direction == Direction::Outbound);
        let has_call = mine.is_some();
        let wanted = mine
            .filter(|mine| !mine.on_hold)
            .map(|mine| (mine.id, mine.epoch));
        let me = self.member;
        let mut parked = self.board.values().filter(|call| {
            call.status == Status::Parked
                && call.park_reason == Some(ParkReason::AgentDropped)
                && call.last_agent == Some(me)
        });
        let dropped = parked.next().map(|call| call.id);
        if let Some(line) = &mut self.line {
            if line.about.is_none() && is_outbound {
                line.about = wanted;
            }
            // A leg that called out carries the customer: hanging it up would hang up on them. The service takes the
            // customer elsewhere, and then this leg ends by itself.
            let carries = line.about.is_some_and(|(id, epoch)| {
                let row = self.board.get(&id);
                epoch == 0
                    && row.is_some_and(|row| {
                        row.direction == Direction::Outbound && row.status.is_live()
                    })
            });
            let is_over = line.about.is_some() && line.about != wanted && !carries;
            if let (true, Some(leg)) = (is_over && line.stage != Stage::Leaving, &line.leg) {
                orders.push(Order::Disconnect(leg.clone()));
                line.stage = Stage::Leaving;
            }
            return;
        }
        let mut invitations = self.invitations.iter();
        let at = invitations.position(|(_, about)| about.is_some() && *about == wanted);
        if let Some(at) = at {
            let (leg, about) = self.invitations.swap_remove(at);
            orders.push(Order::Accept(leg.clone()));
            self.line = Some(Line {
                leg: Some(leg),
                about,
                stage: Stage::Connecting,
            });
        }
        // Once: whoever was quicker has it.
        if let Some(call) = dropped.filter(|_| self.is_ready() && !has_call)
            && self.taken_back != Some(call)
        {
            self.taken_back = Some(call);
            orders.push(Order::Retrieve(call));
        }
        if dropped.is_none() {
            self.taken_back = None;
        }
    }

    fn report(&mut self, orders: &mut Vec<Order>) {
        if self.seat != Seat::Here {
            return;
        }
        let state = match self.device {
            Device::Off | Device::Registering => "connecting",
            Device::Ready => "ready",
            Device::Lost | Device::Due => "unreachable",
        };
        let differs = state == "ready" && !self.told_ready && self.reports == 0;
        if self.reported != Some(state) || differs {
            self.reported = Some(state);
            self.reports += 1;
            orders.push(Order::Report(state));
        }
    }
}

impl World {
    /// A page compares what its board says with what its device has.
    pub(crate) fn settle(&mut self, tab: TabId) {
        let Some(page) = self.pages.get_mut(&tab) else {
            return;
        };
        let orders = page.settle();
        let is_lost = page.device == Device::Lost;
        let socket = page.socket;
        for order in orders {
            match (order, socket) {
                (Order::Register, _) => self.soon(50, 400, Event::Connect(tab)),
                (Order::Report(state), _) => self.soon(3, 60, Event::Report(tab, state)),
                (Order::Retrieve(call), _) => {
                    self.soon(3, 60, Event::Act(tab, call, Intent::Retrieve));
                }
                (Order::Accept(call_sid), Some(socket)) => {
                    self.say(socket, FromPage::Accept { call_sid });
                }
                (Order::Disconnect(call_sid), Some(socket)) => {
                    self.say(socket, FromPage::Disconnect { call_sid });
                }
                (Order::Accept(_) | Order::Disconnect(_), None) => {}
            }
        }
        if is_lost {
            self.soon(1_000, 2_000, Event::Retry(tab));
        }
    }

    /// A page's words reach Twilio in their order.
    pub(crate) fn say(&mut self, socket: SocketId, frame: FromPage) {
        self.after(
            std::time::Duration::from_millis(15),
            Event::FromPage(socket, frame),
        );
    }

    pub(crate) fn open_tab(&mut self, person: usize) {
        self.tabs_made += 1;
        let tab = self.tabs_made;
        let member = self.people[person].member;
        self.note(|| format!("person {person} opens tab {tab}"));
        self.pages.insert(tab, Page::new(person, member));
        self.after(std::time::Duration::ZERO, Event::Heartbeat(tab));
        self.soon(20, 300, Event::Snapshot(tab));
        self.pass_the_seat(person);
    }

    /// Whoever waits longest has the audio when nobody else of that person has.
    fn pass_the_seat(&mut self, person: usize) {
        let mut own = self.pages.iter().filter(|(_, page)| page.person == person);
        if own.clone().any(|(_, page)| page.seat == Seat::Here) {
            return;
        }
        if let Some((tab, _)) = own.next() {
            let tab = *tab;
            self.soon(1, 30, Event::Lead(tab));
        }
    }

    pub(crate) fn close_tab(&mut self, tab: TabId, is_clean: bool) {
        let Some(page) = self.pages.remove(&tab) else {
            return;
        };
        self.note(|| {
            format!(
                "tab {tab} of person {} closes, clean: {is_clean}",
                page.person
            )
        });
        self.lost_lines.insert(page.member, self.now());
        if let Some(socket) = page.socket {
            self.sockets.remove(&socket);
            self.twilio(Input::Closed { socket, is_clean });
        }
        self.pass_the_seat(page.person);
    }

    /// A page's connection is gone, with its call.
    pub(crate) fn socket_closed(&mut self, tab: TabId) {
        let now = self.now();
        if let Some(page) = self.pages.get_mut(&tab) {
            self.lost_lines.insert(page.member, now);
            page.socket = None;
            page.device = Device::Lost;
            page.invitations.clear();
            page.line = None;
        }
        self.settle(tab);
    }

    /// What happens to pages.
    pub(crate) fn page_event(&mut self, event: Event) {
        match event {
            Event::Frame(socket, frame) => {
                if let Some(tab) = self.sockets.get(&socket).copied() {
                    if let Some(page) = self.pages.get_mut(&tab) {
                        page.hear(frame);
                    }
                    self.settle(tab);
                }
            }
            Event::FromPage(socket, frame) => self.twilio(Input::Frame(socket, frame)),
            Event::Connect(tab) => self.connect(tab),
            Event::Lead(tab) => {
                if let Some(page) = self.pages.get(&tab) {
                    let person = page.person;
                    let mut own = self.pages.values().filter(|page| page.person == person);
                    if !own.any(|page| page.seat == Seat::Here) {
                        self.pages.get_mut(&tab).unwrap().seat = Seat::Here;
                        self.settle(tab);
                    }
                }
            }
            Event::Retry(tab) => {
                if let Some(page) = self.pages.get_mut(&tab)
                    && page.device == Device::Lost
                {
                    page.device = Device::Due;
                }
                self.settle(tab);
            }
            Event::Row(tab, call) => {
                if let Some(page) = self.pages.get_mut(&tab) {
                    page.see(&call);
                }
                self.settle(tab);
            }
            Event::Snapshot(tab) => self.snapshot(tab),
            Event::Act(tab, call, intent) => self.act(tab, call, intent),
            Event::Acted(tab, Ok(call)) => {
                if let Some(page) = self.pages.get_mut(&tab) {
                    page.see(&call);
                }
                self.settle(tab);
            }
            Event::Acted(tab, Err(Lost)) => self.settle(tab),
            Event::Report(tab, state) => self.report(tab, state),
            Event::Reported(tab, came) => {
                if let Some(page) = self.pages.get_mut(&tab) {
                    page.reports -= 1;
                    if came {
                        page.told_ready = page.reported == Some("ready");
                    } else {
                        page.reported = None;
                    }
                }
                self.settle(tab);
            }
            Event::Heartbeat(tab) => {
                if let Some(page) = self.pages.get(&tab) {
                    let member = page.member;
                    if !self.is_row_lost() {
                        self.tables.heartbeat(member);
                    }
                    self.after(std::time::Duration::from_secs(30), Event::Heartbeat(tab));
                    self.settle(tab);
                }
            }
            other => unreachable!("{other:?} does not happen to a page"),
        }
    }

    fn connect(&mut self, tab: TabId) {
        self.tabs_made += 1;
        let socket = self.tabs_made;
        let Some(page) = self.pages.get_mut(&tab) else {
            return;
        };
        let identity = self.people[page.person].identity.clone();
        let old = page.socket.replace(socket);
        page.invitations.clear();
        if let Some(old) = old {
            self.sockets.remove(&old);
            self.twilio(Input::Closed {
                socket: old,
                is_clean: true,
            });
        }
        self.sockets.insert(socket, tab);
        self.twilio(Input::Opened {
            socket,
            identity,
            token_ends: None,
        });
        self.say(socket, FromPage::Register);
    }

    fn snapshot(&mut self, tab: TabId) {
        if !self.pages.contains_key(&tab) {
            return;
        }
        if !self.is_row_lost() {
            for call in self.tables.all() {
                // On the way back like everything else.
                self.after(
                    std::time::Duration::from_millis(30),
                    Event::Row(tab, Box::new(call)),
                );
            }
        }
        self.after(std::time::Duration::from_secs(30), Event::Snapshot(tab));
    }

    fn act(&mut self, tab: TabId, call: CallId, intent: Intent) {
        let Some(page) = self.pages.get(&tab) else {
            return;
        };
        let me = page.member;
        if self.is_row_lost() {
            return;
        }
        let answer = self.tables.act(me, call, intent).map(Box::new);
        self.note(|| {
            let how = if answer.is_ok() { "done" } else { "lost" };
            format!(
                "tab {tab} asks {intent:?} of {}: {how}",
                crate::world::short(call)
            )
        });
        if answer.is_ok() && intent == Intent::End {
            self.ended_by_hand.push(call);
        }
        if !self.is_answer_lost() {
            self.soon(3, 60, Event::Acted(tab, answer));
        }
    }

    fn report(&mut self, tab: TabId, state: &'static str) {
        let Some(page) = self.pages.get(&tab) else {
            return;
        };
        let me = page.member;
        let is_lost = self.is_row_lost();
        if !is_lost {
            self.tables.tell_device(me, state);
        }
        self.soon(3, 60, Event::Reported(tab, !is_lost));
    }

    fn is_row_lost(&mut self) -> bool {
        self.is_down || self.chance(self.weather.rows_lost)
    }

    fn is_answer_lost(&mut self) -> bool {
        self.chance(self.weather.rows_unanswered)
    }
}
