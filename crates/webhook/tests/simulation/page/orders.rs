//! What a page's script does as it is told.

use std::collections::BTreeMap;
use std::time::Duration;

use switchboard_softphone::{Microphone, Order, Signal};
use switchboard_twilio_sim::sim::SocketId;
use switchboard_twilio_sim::wire::FromPage;

use super::{TabId, Turn};
use crate::world::{Event, World};

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
        let (machine, socket) = (page.machine, page.socket);
        match (order, socket) {
            (Order::Lead, _) => {
                page.turn = Turn::Waits;
                let mut own = self.pages.values().filter(|page| page.machine == machine);
                if own.any(|page| page.turn == Turn::Has) {
                    self.tell(tab, Signal::Waiting);
                }
                self.pass_the_turn(machine);
            }
            (Order::Open, _) => {
                self.beat(tab);
                self.tell(tab, Signal::Microphone(Microphone::Ready));
            }
            (Order::Register, _) => {
                page.registration += 1;
                let registration = page.registration;
                self.soon(50, 400, Event::Connect(tab, registration));
            }
            (Order::Close, _) => self.close_device(tab),
            (Order::StepAside | Order::Keep, _) => {
                unreachable!("no tab of the simulation asks another one for the audio")
            }
            (Order::Report(state), _) => {
                page.telling.push_back(state);
                if page.telling.len() == 1 {
                    self.soon(3, 60, Event::Report(tab, state));
                }
            }
            (Order::Ask(call, intent), _) => self.soon(3, 60, Event::Act(tab, call, intent)),
            (Order::Wait, _) => {
                self.after(Duration::from_secs(1), Event::Heard(tab, Signal::Waited));
            }
            (Order::Claim(call), _) => {
                let own = self
                    .pages
                    .iter()
                    .filter(|(_, page)| page.machine == machine);
                let own: Vec<_> = own.map(|(tab, _)| *tab).collect();
                for other in own.into_iter().filter(|other| *other != tab) {
                    self.soon(0, 5, Event::Heard(other, Signal::Claimed(call)));
                }
            }
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

    pub(super) fn tell(&mut self, tab: TabId, signal: Signal) {
        if let Some(page) = self.pages.get_mut(&tab) {
            page.phone.hear(signal);
        }
    }

    /// A page's words reach Twilio in their order.
    pub(crate) fn say(&mut self, socket: SocketId, frame: FromPage) {
        self.after(Duration::from_millis(15), Event::FromPage(socket, frame));
    }
}
