//! What happens to pages.

use std::time::Duration;

use switchboard_model::{CallId, Intent};
use switchboard_softphone::Signal;
use switchboard_twilio_sim::sim::Input;

use super::TabId;
use crate::tables::Lost;
use crate::world::{Event, World};

impl World {
    /// Something happens to a page.
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
            Event::Connect(tab, registration) => self.connect(tab, registration),
            Event::Lead(tab) => self.lead(tab),
            Event::Heard(tab, signal) => {
                self.tell(tab, signal);
                self.settle(tab);
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
            Event::Me(tab, at, me) => {
                if let Some(page) = self.pages.get_mut(&tab) {
                    page.see_me(at, *me);
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
            Event::Duty(tab, on) => self.set_duty(tab, on),
            Event::Report(tab, state) => self.report(tab, state),
            Event::Reported(tab, came) => self.reported(tab, came),
            Event::Heartbeat(tab) => self.heartbeat(tab),
            other => unreachable!("{other:?} does not happen to a page"),
        }
    }

    fn heartbeat(&mut self, tab: TabId) {
        let Some(page) = self.pages.get(&tab) else {
            return;
        };
        let beats = page.has_turn();
        self.after(Duration::from_secs(30), Event::Heartbeat(tab));
        if beats {
            self.beat(tab);
            self.tell(tab, Signal::Beat);
            self.settle(tab);
        }
    }

    /// Whoever has audio is seen to be there.
    pub(super) fn beat(&mut self, tab: TabId) {
        let member = self.pages.get(&tab).map(|page| page.member);
        if let Some(member) = member.filter(|_| !self.is_row_lost()) {
            self.tables.heartbeat(member);
        }
    }

    fn snapshot(&mut self, tab: TabId) {
        let Some(page) = self.pages.get(&tab) else {
            return;
        };
        let member = page.member;
        if !self.is_row_lost() {
            // On the way back like everything else.
            let later = Duration::from_millis(30);
            for call in self.tables.all() {
                self.after(later, Event::Row(tab, Box::new(call)));
            }
            let (at, me) = self.read_member(member);
            self.after(later, Event::Me(tab, at, Box::new(me)));
        }
        self.after(Duration::from_secs(30), Event::Snapshot(tab));
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
            self.last_words.remove(&me);
            self.spread_member(me);
        }
        self.soon(3, 60, Event::Reported(tab, !is_lost));
    }

    fn reported(&mut self, tab: TabId, came: bool) {
        if let Some(page) = self.pages.get_mut(&tab) {
            page.telling.pop_front();
            page.phone.hear(Signal::Reported(came));
            if let Some(next) = page.telling.front().copied() {
                self.soon(3, 60, Event::Report(tab, next));
            }
        }
        self.settle(tab);
    }

    pub(super) fn is_row_lost(&mut self) -> bool {
        self.is_down || self.chance(self.weather.rows_lost)
    }

    fn is_answer_lost(&mut self) -> bool {
        self.chance(self.weather.rows_unanswered)
    }
}
