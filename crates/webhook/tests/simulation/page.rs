//! A browser tab: the dashboard's own softphone ([`switchboard_softphone`]), the board that it looks at, and what its
//! script does with orders, in virtual time.

use std::collections::{BTreeMap, VecDeque};

use switchboard_model::{Call, CallId, Intent, Member, MemberId, Status};
use switchboard_softphone::{Microphone, Order, Signal, Situation, Softphone};
use switchboard_twilio_sim::sim::{Input, SocketId};
use switchboard_twilio_sim::wire::{FromPage, ToPage};

use crate::tables::Lost;
use crate::world::{Event, World};

/// One tab, for its life.
pub(crate) type TabId = u64;

/// The tab.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) person: usize,
    pub(crate) member: MemberId,
    pub(crate) socket: Option<SocketId>,
    pub(crate) board: BTreeMap<CallId, Call>,
    /// This tab of the person has the audio.
    leads: bool,
    phone: Softphone,
    /// My row, as far as the phone looks at it.
    me: Member,
    /// It will look again for a device that was lost.
    retries: bool,
    /// What is told of the device and not confirmed yet: one after the other.
    telling: VecDeque<&'static str>,
}

impl Page {
    pub(crate) fn new(person: usize, mut me: Member) -> Self {
        me.is_available = true;
        let mut phone = Softphone::default();
        phone.press(true);
        Self {
            person,
            member: me.id,
            socket: None,
            board: BTreeMap::new(),
            leads: false,
            phone,
            me,
            retries: false,
            telling: VecDeque::new(),
        }
    }

    /// Whether the person can take and make calls here.
    pub(crate) fn is_ready(&self) -> bool {
        self.phone.is_ready()
    }

    pub(crate) fn has_line(&self) -> bool {
        self.phone.has_line()
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
    pub(crate) fn dials(&mut self, number: &str) {
        self.phone.hear(Signal::Dial(number.to_owned()));
    }

    /// A frame as the script hands it on: as text.
    fn hear(&mut self, frame: &ToPage) -> Option<Signal> {
        let text = serde_json::to_string(frame).unwrap();
        let signal = Signal::read(&text)?;
        self.phone.hear(signal.clone());
        Some(signal)
    }

    fn settle(&mut self) -> Vec<Order> {
        let now = Situation::of(&self.me, self.board.values(), true);
        self.phone.settle(&now)
    }
}

impl World {
    /// A page compares what its board says with what its device has, until nothing is missing.
    pub(crate) fn settle(&mut self, tab: TabId) {
        while let Some(page) = self.pages.get_mut(&tab) {
            let orders = page.settle();
            if orders.is_empty() {
                return;
            }
            for order in orders {
                self.carry_out(tab, order);
            }
        }
    }

    fn carry_out(&mut self, tab: TabId, order: Order) {
        let Some(page) = self.pages.get_mut(&tab) else {
            return;
        };
        let (person, socket) = (page.person, page.socket);
        match (order, socket) {
            (Order::Lead, _) => {
                self.pass_the_seat(person);
                let mut own = self.pages.values().filter(|page| page.person == person);
                if own.any(|page| page.leads) {
                    self.tell(tab, Signal::Waiting);
                }
            }
            (Order::Open, _) => self.tell(tab, Signal::Microphone(Microphone::Ready)),
            (Order::Register, _) => self.soon(50, 400, Event::Connect(tab)),
            (Order::Report(state), _) => {
                page.telling.push_back(state);
                if page.telling.len() == 1 {
                    self.soon(3, 60, Event::Report(tab, state));
                }
            }
            (Order::Ask(call, intent), _) => self.soon(3, 60, Event::Act(tab, call, intent)),
            (Order::Accept(call_sid), Some(socket)) => {
                self.say(socket, FromPage::Accept { call_sid });
            }
            (Order::Disconnect(call_sid), Some(socket)) => {
                self.is_let_go(&call_sid);
                self.say(socket, FromPage::Disconnect { call_sid });
            }
            (Order::Connect(number), Some(socket)) => {
                let params = BTreeMap::from([("To".to_owned(), number.clone())]);
                let request = number;
                self.say(socket, FromPage::Connect { request, params });
            }
            // Without a socket the script sends nothing. Nobody listens to sounds or reads sentences here.
            (Order::Accept(_) | Order::Disconnect(_) | Order::Connect(_), None)
            | (Order::Ring(_) | Order::Music(_) | Order::Mute(..) | Order::Say(_), _) => {}
            (Order::Close, _) => unreachable!("everybody stays on duty"),
        }
    }

    /// A page that hangs up by itself on who was called hangs up on a customer, unless the call is over.
    fn is_let_go(&mut self, call_sid: &str) {
        let legs = self.sim.legs(false);
        let mut own = legs.iter().filter(|leg| leg.call_sid == call_sid);
        if !own.any(|leg| leg.parent_call_sid.is_none() && leg.talks_to.is_some()) {
            return;
        }
        let calls = self.tables.all();
        let mut own = calls.iter().filter(|call| call.twilio_call_sid == call_sid);
        if let Some(call) = own.find(|call| call.status.is_live()) {
            let id = crate::world::short(call.id);
            self.wrong
                .push(format!("a page hung up on the customer of call {id}"));
        }
    }

    fn tell(&mut self, tab: TabId, signal: Signal) {
        if let Some(page) = self.pages.get_mut(&tab) {
            page.phone.hear(signal);
        }
    }

    /// As the script does by itself: after trouble the device is looked for again, a moment later.
    fn look_again(&mut self, tab: TabId) {
        if let Some(page) = self.pages.get_mut(&tab)
            && !std::mem::replace(&mut page.retries, true)
        {
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
        let me = self.plan.team().swap_remove(person);
        self.note(|| format!("person {person} opens tab {tab}"));
        self.pages.insert(tab, Page::new(person, me));
        self.after(std::time::Duration::ZERO, Event::Heartbeat(tab));
        self.soon(20, 300, Event::Snapshot(tab));
        self.settle(tab);
    }

    /// Whoever waits longest has the audio when nobody else of that person has.
    fn pass_the_seat(&mut self, person: usize) {
        let mut own = self.pages.iter().filter(|(_, page)| page.person == person);
        if own.clone().any(|(_, page)| page.leads) {
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
            page.phone.hear(Signal::Closed);
            self.look_again(tab);
        }
        self.settle(tab);
    }

    /// What happens to pages.
    pub(crate) fn page_event(&mut self, event: Event) {
        match event {
            Event::Frame(socket, frame) => {
                if let Some(tab) = self.sockets.get(&socket).copied() {
                    let page = self.pages.get_mut(&tab);
                    let signal = page.and_then(|page| page.hear(&frame));
                    if let Some(Signal::Unregistered | Signal::Trouble(_)) = signal {
                        self.look_again(tab);
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
                    if !own.any(|page| page.leads) {
                        self.pages.get_mut(&tab).unwrap().leads = true;
                        self.tell(tab, Signal::Led);
                        self.settle(tab);
                    }
                }
            }
            Event::Retry(tab) => {
                if let Some(page) = self.pages.get_mut(&tab) {
                    page.retries = false;
                }
                self.tell(tab, Signal::Retry);
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
                    let told = page.telling.pop_front();
                    if let Some(state) = told.filter(|_| came) {
                        page.me.device_state = Some(state.to_owned());
                    }
                    page.phone.hear(Signal::Reported(came));
                    if let Some(next) = page.telling.front().copied() {
                        self.soon(3, 60, Event::Report(tab, next));
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
                    self.tell(tab, Signal::Beat);
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
