//! On duty and off: what a press does, what a browser remembers of it, and how the person's row reaches their pages.

use rand::RngExt as _;
use switchboard_model::{CallId, Intent, Member, MemberId};
use switchboard_softphone::Signal;

use super::{TabId, Turn};
use crate::world::{Event, World};

impl World {
    /// The person presses the switch.
    pub(crate) fn presses(&mut self, tab: TabId, on: bool) {
        self.note(|| format!("tab {tab}: on duty {on}"));
        if let Some(page) = self.pages.get_mut(&tab) {
            page.phone.press(on);
        }
        self.ask_duty(tab, on);
        self.settle(tab);
    }

    /// The person takes a call, which may mean going on duty first.
    pub(crate) fn takes(&mut self, tab: TabId, call: CallId, intent: Intent) {
        let Some(page) = self.pages.get_mut(&tab) else {
            return;
        };
        if page.takes(call, intent) {
            self.soon(3, 60, Event::Act(tab, call, intent));
        } else {
            self.ask_duty(tab, true);
        }
        self.settle(tab);
    }

    /// The browser remembers it, and the row is asked to say so.
    fn ask_duty(&mut self, tab: TabId, on: bool) {
        let Some(page) = self.pages.get(&tab) else {
            return;
        };
        if on {
            self.on_duty.insert(page.machine);
        } else {
            self.on_duty.remove(&page.machine);
        }
        if on != page.me.1.is_available {
            self.soon(3, 60, Event::Duty(tab, on));
        }
    }

    /// What the page asked of the row reaches the database.
    pub(super) fn set_duty(&mut self, tab: TabId, on: bool) {
        let Some(page) = self.pages.get(&tab) else {
            return;
        };
        let me = page.member;
        if !self.is_row_lost() {
            self.tell_available(me, on);
        }
    }

    /// A page that is loaded anew is on duty as its browser was left, if the browser does not want a press first.
    pub(super) fn resume(&mut self, tab: TabId) {
        let machine = self.pages[&tab].machine;
        if !self.on_duty.contains(&machine) {
            return;
        }
        let mut own = self.pages.values().filter(|page| page.machine == machine);
        let free = !own.any(|page| page.turn == Turn::Has);
        let granted = self.rng.random_bool(0.9);
        self.tell(tab, Signal::Resumable { granted, free });
    }

    /// Whether a person wants calls, whoever says so.
    pub(crate) fn tell_available(&mut self, member: MemberId, available: bool) {
        self.tables.tell_available(member, available);
        self.spread_member(member);
    }

    /// The person's row as it is, and when that was.
    pub(super) fn read_member(&mut self, member: MemberId) -> (u64, Member) {
        self.members_read += 1;
        let team = self.tables.team();
        let me = team.into_iter().find(|one| one.id == member);
        (self.members_read, me.unwrap())
    }

    /// Tells the person's pages what their row says.
    pub(super) fn spread_member(&mut self, member: MemberId) {
        let (at, me) = self.read_member(member);
        let tabs = self.pages.iter().filter(|(_, page)| page.member == member);
        let tabs: Vec<_> = tabs.map(|(tab, _)| *tab).collect();
        for tab in tabs {
            if !self.chance(self.weather.rows_untold) {
                self.soon(2, 60, Event::Me(tab, at, Box::new(me.clone())));
            }
        }
    }
}
