//! Tabs that come and go, their turns to have a machine's audio, and their connections.

use std::time::Duration;

use rand::RngExt as _;
use switchboard_softphone::Signal;
use switchboard_twilio_sim::sim::Input;
use switchboard_twilio_sim::wire::FromPage;

use super::{Machine, Page, TabId, Turn};
use crate::world::{Event, World};

impl World {
    pub(crate) fn open_tab(&mut self, person: usize) {
        self.tabs_made += 1;
        let tab = self.tabs_made;
        let number = self.rng.random_range(0..self.plan.machines);
        let machine = Machine { person, number };
        self.note(|| format!("person {person} opens tab {tab} at machine {number}"));
        let me = self.read_member(self.people[person].member);
        self.pages.insert(tab, Page::new(machine, me));
        self.after(Duration::ZERO, Event::Heartbeat(tab));
        self.soon(20, 300, Event::Snapshot(tab));
        self.resume(tab);
        self.settle(tab);
    }

    /// Whoever waits longest has a machine's audio when no other tab has.
    pub(super) fn pass_the_turn(&mut self, machine: Machine) {
        let mut own = self
            .pages
            .iter()
            .filter(|(_, page)| page.machine == machine);
        if own.clone().any(|(_, page)| page.turn == Turn::Has) {
            return;
        }
        if let Some((tab, _)) = own.find(|(_, page)| page.turn == Turn::Waits) {
            let tab = *tab;
            self.soon(1, 30, Event::Lead(tab));
        }
    }

    /// It is that tab's turn, unless another one was quicker or it is not wanted any more.
    pub(super) fn lead(&mut self, tab: TabId) {
        let Some(page) = self.pages.get(&tab).filter(|page| page.turn == Turn::Waits) else {
            return;
        };
        let machine = page.machine;
        let mut own = self.pages.values().filter(|page| page.machine == machine);
        if own.any(|page| page.turn == Turn::Has) {
            return;
        }
        if let Some(page) = self.pages.get_mut(&tab) {
            page.turn = Turn::Has;
        }
        self.tell(tab, Signal::Led);
        self.settle(tab);
    }

    pub(crate) fn close_tab(&mut self, tab: TabId, is_clean: bool) {
        let Some(page) = self.pages.remove(&tab) else {
            return;
        };
        self.note(|| {
            format!(
                "tab {tab} of person {} closes, clean: {is_clean}",
                page.machine.person
            )
        });
        self.lost_lines.insert(page.member, self.now());
        self.last_words.insert(page.member);
        if let Some(socket) = page.socket {
            self.sockets.remove(&socket);
            self.twilio(Input::Closed { socket, is_clean });
        }
        self.pass_the_turn(page.machine);
    }

    /// The page is off duty: no connection, no turn, and nobody waits for a token any more.
    pub(super) fn close_device(&mut self, tab: TabId) {
        let Some(page) = self.pages.get_mut(&tab) else {
            return;
        };
        page.registration += 1;
        page.turn = Turn::None;
        let (machine, socket) = (page.machine, page.socket.take());
        if let Some(socket) = socket {
            self.sockets.remove(&socket);
            let is_clean = true;
            self.twilio(Input::Closed { socket, is_clean });
        }
        self.note(|| format!("tab {tab} of person {} is off duty", machine.person));
        self.pass_the_turn(machine);
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

    /// As the script does by itself: after trouble the device is looked for again, a moment later.
    pub(super) fn look_again(&mut self, tab: TabId) {
        if let Some(page) = self.pages.get_mut(&tab)
            && !std::mem::replace(&mut page.retries, true)
        {
            self.soon(1_000, 2_000, Event::Retry(tab));
        }
    }

    pub(super) fn connect(&mut self, tab: TabId, registration: u64) {
        self.tabs_made += 1;
        let socket = self.tabs_made;
        let page = self.pages.get_mut(&tab);
        let Some(page) = page.filter(|page| page.registration == registration) else {
            return;
        };
        let identity = self.people[page.machine.person].identity.clone();
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
}
