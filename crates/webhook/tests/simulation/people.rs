//! What people do: agents at their pages, and callers at their telephones.

use rand::RngExt as _;
use switchboard_model::{Intent, Member, MemberId, Status};
use switchboard_twilio_sim::sim::{Caller, Command, Input};
use switchboard_twilio_sim::wire::{FromPage, Hears};

use crate::page::{Machine, TabId};
use crate::plan::{Plan, STORM};
use crate::world::{Event, Placed, World};

/// An agent.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) member: MemberId,
    pub(crate) identity: String,
}

impl Person {
    pub(crate) fn new(member: &Member) -> Self {
        Self {
            member: member.id,
            identity: member.identity.clone(),
        }
    }
}

impl World {
    /// Puts on the agenda what the plan says.
    pub(crate) fn begin(&mut self) {
        for (number, callee) in Plan::callees() {
            self.twilio(Input::Do(Command::Callee(number.to_owned(), callee)));
        }
        for person in 0..self.people.len() {
            let member = self.people[person].member;
            self.tables.tell_available(member, true);
            self.on_duty.insert(Machine { person, number: 0 });
            self.soon(0, 3_000, Event::Tab(person));
            self.soon(3_000, 9_000, Event::Person(person));
        }
        for caller in 0..self.plan.callers {
            self.soon(500, 70_000, Event::Caller(caller));
        }
        for (at, accident) in self.plan.accidents.clone() {
            self.after(at, accident.event());
        }
        self.after(STORM, Event::Calm);
    }

    /// Somebody calls.
    pub(crate) fn calls_in(&mut self, number: usize) {
        let patience = match self.rng.random_range(0..10) {
            0..3 => Some(self.some_ms(500, 10_000)),
            3..7 => Some(self.some_ms(10_000, 90_000)),
            _ => None,
        };
        let caller = Caller {
            from: format!("+120255501{number:02}"),
            to: "+12025550199".to_owned(),
            name: None,
            patience,
        };
        let now = self.now();
        let (sid, outputs) = self.sim.place(caller, now);
        self.carry(outputs);
        self.soon(5_000, 120_000, Event::Press(sid.clone()));
        self.placed.push(Placed { sid });
    }

    /// Somebody who leaves a message has said everything.
    pub(crate) fn press(&mut self, sid: String) {
        let Some(leg) = self.sim.leg(&sid) else {
            return;
        };
        if leg.hears == Hears::Recording {
            self.twilio(Input::Do(Command::Press(sid, '#')));
        } else if self.sim.lives(&sid) && !self.is_calm {
            self.soon(3_000, 15_000, Event::Press(sid));
        }
    }

    /// A person does something, or nothing, and something else later.
    pub(crate) fn person_acts(&mut self, person: usize) {
        if self.is_calm {
            return;
        }
        let tabs = self
            .pages
            .iter()
            .filter(|(_, page)| page.machine.person == person);
        let tabs: Vec<_> = tabs.map(|(tab, _)| *tab).collect();
        if !tabs.is_empty() {
            let tab = tabs[self.rng.random_range(0..tabs.len())];
            match self.rng.random_range(0..100) {
                0..6 => self.leaves(person, tab, true),
                6..12 => self.leaves(person, tab, false),
                12..16 if tabs.len() < 3 => self.open_tab(person),
                16..19 => {
                    let identity = self.people[person].identity.clone();
                    self.twilio(Input::Do(Command::Drop(identity)));
                }
                19..22 => {
                    let wants = self.rng.random_bool(0.7);
                    let member = self.people[person].member;
                    if !self.is_down {
                        self.tell_available(member, wants);
                    }
                }
                22..28 if self.pages[&tab].is_on() => self.presses(tab, false),
                22..60 if !self.pages[&tab].is_on() => self.presses(tab, true),
                _ => self.works(person, tab),
            }
        }
        self.soon(300, 6_000, Event::Person(person));
    }

    /// Reloads, or loses the tab, and is back soon, or late, or never.
    fn leaves(&mut self, person: usize, tab: TabId, is_clean: bool) {
        self.close_tab(tab, is_clean);
        match self.rng.random_range(0..10) {
            0..6 => self.soon(200, 4_000, Event::Tab(person)),
            6..9 => self.soon(15_000, 40_000, Event::Tab(person)),
            _ => {}
        }
    }

    fn works(&mut self, person: usize, tab: TabId) {
        let page = &self.pages[&tab];
        let is_ready = page.is_ready();
        let has_line = page.has_line();
        let mine = page.mine().map(|call| (call.id, call.on_hold));
        let ringing = page.lane(Status::Ringing);
        let parked = page.lane(Status::Parked);
        let socket = page.socket;
        let dice = self.rng.random_range(0..100);
        let act = |world: &mut Self, call, intent| {
            world.soon(3, 60, Event::Act(tab, call, intent));
        };
        if let Some((call, on_hold)) = mine {
            let other = self.rng.random_range(0..self.people.len());
            match dice {
                0..15 => act(self, call, Intent::Park { slot: None }),
                15..35 if on_hold => self.takes(tab, call, Intent::Resume),
                15..35 => act(self, call, Intent::Hold),
                35..50 => act(
                    self,
                    call,
                    Intent::Transfer {
                        to: self.people[other].member,
                    },
                ),
                50..60 => act(self, call, Intent::End),
                60..65 => {
                    // The other side is put down at the telephone, or the agent hangs up without the board.
                    if let (Some(socket), true) = (socket, has_line) {
                        let me = self.people[person].member;
                        self.lost_lines.insert(me, self.now());
                        let devices = self.sim.devices().into_iter();
                        let own = devices.filter(|device| device.socket == socket);
                        for call_sid in own.filter_map(|device| device.call_sid) {
                            self.say(socket, FromPage::Disconnect { call_sid });
                        }
                    }
                }
                _ => {}
            }
            return;
        }
        let is_leader = person + 1 == self.people.len();
        match dice {
            // By somebody whose page has no part in it.
            0..3 if !ringing.is_empty() => {
                let call = ringing[self.rng.random_range(0..ringing.len())];
                act(self, call, Intent::Answer);
            }
            // Clicked twice in a hurry, or in a tab that has no audio, or off duty.
            0..60 if !ringing.is_empty() && (is_ready || dice < 15) => {
                let call = ringing[self.rng.random_range(0..ringing.len())];
                self.takes(tab, call, Intent::Answer);
            }
            0..75 if !parked.is_empty() && (is_ready || dice < 15) => {
                let call = parked[self.rng.random_range(0..parked.len())];
                self.takes(tab, call, Intent::Retrieve);
            }
            75..80 if is_ready && !has_line => self.dials(tab),
            80..82 if is_leader && !ringing.is_empty() => act(self, ringing[0], Intent::End),
            82..84 if is_leader && !parked.is_empty() => act(self, parked[0], Intent::End),
            _ => {}
        }
    }

    fn dials(&mut self, tab: TabId) {
        let callees = Plan::callees();
        let (number, _) = callees[self.rng.random_range(0..callees.len())];
        if let Some(page) = self.pages.get_mut(&tab) {
            page.dials(number);
        }
        self.settle(tab);
    }

    /// Everybody hangs up: callers, and the people who were called.
    pub(crate) fn farewell(&mut self) {
        for leg in self.sim.legs(false) {
            if leg.identity.is_none() {
                self.twilio(Input::Do(Command::HangUp(leg.call_sid)));
            }
        }
    }
}
