//! The decisions about one tab's audio: when to listen, to accept, to hang up, what to tell the team.
//!
//! Level-triggered: [`Softphone::settle`] compares what the board says ([`Situation`]) with what the
//! device has, and orders what is missing. Nothing follows from the order in which things are heard,
//! and a `cancel` has no meaning of its own: what became of a call stands in its row.

use switchboard_model::{CallId, Intent};

use crate::{Leg, Microphone, Order, Signal, Situation};

mod duty;
mod line;
mod machines;
mod state;

use line::{Errand, Line, Stage};
use machines::Machines;
pub use state::STATES;

/// Which tab has the person's audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    /// This one does not want it.
    None,
    /// It has asked.
    Asked,
    /// Another one has it.
    Elsewhere,
    /// This one.
    Here,
}

/// What another tab of the person has done about the audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OtherTab {
    /// It has asked for it.
    Asks,
    /// It has taken it.
    Took,
}

/// How far the device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Device {
    /// It is not wanted.
    Off,
    /// The microphone is asked for.
    Opening,
    /// A token and a registration are asked for.
    Registering,
    /// Calls can come.
    Ready,
    /// The microphone cannot be used.
    NoMicrophone(Microphone),
    /// Calls cannot reach it.
    Lost,
    /// As `Lost`, and it is time to try again.
    Due,
}

/// For how many ticks a word about my device that did not come is let be.
const UNSAID: u8 = 5;

/// The audio of one tab.
#[derive(Clone, Debug)]
pub struct Softphone {
    wish: bool,
    /// My row has said since the wish that I want calls; it may take the wish back.
    confirmed: bool,
    /// A beat has passed since the wish, and my row has not said so.
    unheard: bool,
    /// The browser wants a press before it lets this tab listen and play again.
    needs_press: bool,
    /// My row may still say what was true before the page was loaded anew.
    says_too_much: bool,
    /// In how many ticks my row is looked at again, because it could not be told that I am off duty.
    unsaid: u8,
    is_waiting_to_say: bool,
    seat: Seat,
    /// Another tab wants the audio, or has it.
    other_tab: Option<OtherTab>,
    device: Device,
    invitations: Vec<(Leg, Option<(CallId, i32)>)>,
    line: Option<Line>,
    errand: Option<Errand>,
    /// What the person wants done with their call, whatever the audio does.
    acts: Vec<(CallId, Intent)>,
    muted: bool,
    blocked: bool,
    warnings: Vec<String>,
    trouble: i64,
    /// It was lost and is not back yet, whatever is being tried.
    is_lost: bool,
    mute: bool,
    reported: Option<&'static str>,
    reports: u32,
    taken_back: Option<CallId>,
    machines: Machines,
    rings: Option<CallId>,
    music: bool,
}

impl Default for Softphone {
    fn default() -> Self {
        Self {
            wish: false,
            confirmed: false,
            unheard: false,
            needs_press: false,
            says_too_much: false,
            unsaid: 0,
            is_waiting_to_say: false,
            seat: Seat::None,
            other_tab: None,
            device: Device::Off,
            invitations: Vec::new(),
            line: None,
            errand: None,
            acts: Vec::new(),
            muted: false,
            blocked: false,
            warnings: Vec::new(),
            trouble: 0,
            is_lost: false,
            mute: false,
            reported: None,
            reports: 0,
            taken_back: None,
            machines: Machines::default(),
            rings: None,
            music: false,
        }
    }
}

impl Softphone {
    /// The person wants to be on duty in this tab, or not.
    pub fn press(&mut self, on: bool) {
        self.wish = on;
        self.confirmed = false;
        self.unheard = false;
        self.needs_press = false;
        if on && matches!(self.device, Device::NoMicrophone(_)) {
            self.device = Device::Off;
        }
    }

    /// The person takes a call. Whether it may be asked for now; otherwise it is, with audio.
    #[must_use]
    pub fn take(&mut self, call: CallId, intent: Intent) -> bool {
        self.machines.take(call);
        if self.seat == Seat::Elsewhere {
            self.machines.take_for_another_tab(call);
        }
        if self.is_ready() || self.seat == Seat::Elsewhere {
            return true;
        }
        self.errand = Some(Errand::Take(call, intent));
        self.press(true);
        false
    }

    /// The person calls that number, with audio.
    fn dial(&mut self, number: String) {
        self.errand = Some(Errand::Dial(number));
        if !self.is_ready() {
            self.press(true);
        }
    }

    /// Takes what the device says.
    pub fn hear(&mut self, signal: Signal) {
        match signal {
            // Somebody was quicker, and wants it whatever the row or the browser says.
            Signal::Resumable { .. } if self.wish => {}
            // Nobody has pressed: if the row says otherwise by now, the row is right.
            Signal::Resumable { granted: true, .. } => {
                self.press(true);
                self.confirmed = true;
            }
            Signal::Resumable { free, .. } => {
                self.needs_press = true;
                self.says_too_much = free;
            }
            Signal::Led => self.seat = Seat::Here,
            Signal::Waiting => self.seat = Seat::Elsewhere,
            Signal::Asked => self.other_tab = Some(OtherTab::Asks),
            Signal::Ousted => self.other_tab = Some(OtherTab::Took),
            Signal::Microphone(Microphone::Ready) if self.device == Device::Opening => {
                self.device = Device::Due;
            }
            Signal::Microphone(Microphone::Ready) => {}
            Signal::Microphone(microphone) => self.device = Device::NoMicrophone(microphone),
            Signal::Again => self.press(true),
            Signal::Dial(number) => self.dial(number),
            // What needs audio waits for it.
            Signal::Act(call, intent @ (Intent::Answer | Intent::Resume)) => {
                self.machines.take(call);
                self.errand = Some(Errand::Take(call, intent));
            }
            Signal::Act(call, intent) => self.acts.push((call, intent)),
            Signal::Mute(mute) => self.mute = mute,
            Signal::Retry if self.device == Device::Lost => self.device = Device::Due,
            Signal::Retry => {}
            // Two beats later it has been lost, and whoever is off duty by their row is to be so here.
            Signal::Beat if self.wish && !self.confirmed => {
                self.wish = !self.unheard;
                self.unheard = true;
            }
            Signal::Beat => {}
            Signal::Waited => {
                self.machines.tick();
                self.is_waiting_to_say = false;
                self.says_too_much |= self.unsaid == 1;
                self.unsaid = self.unsaid.saturating_sub(1);
            }
            Signal::Claimed(call) => self.machines.take(call),
            Signal::Reported(came) => {
                self.reports = self.reports.saturating_sub(1);
                if !came {
                    self.reported = None;
                    self.unsaid = UNSAID;
                }
            }
            Signal::Blocked(blocked) => self.blocked = blocked,
            Signal::Registered if self.can_be_registered() => {
                self.device = Device::Ready;
                self.is_lost = false;
                self.trouble = 0;
            }
            // Of a device that has been closed since, or that has lost its microphone.
            Signal::Registered => {}
            Signal::Unregistered => self.lose(),
            Signal::Closed => {
                self.lose();
                self.invitations.clear();
                self.hung_up();
            }
            Signal::Incoming(leg, about) if self.seat == Seat::Here => {
                self.machines.meet(about);
                self.invitations.push((leg, about));
            }
            Signal::Incoming(..) => {}
            Signal::Cancelled(leg) => {
                self.machines.miss(self.about(&leg));
                self.forget(leg);
            }
            Signal::Disconnected(leg) => self.forget(leg),
            Signal::Connecting(leg) => {
                if let Some(line) = self.line.as_mut().filter(|line| line.leg.is_none()) {
                    line.leg = Some(leg);
                }
            }
            Signal::Accepted(leg) => {
                if let Some(line) = &mut self.line
                    && line.leg == Some(leg)
                    && line.stage == Stage::Connecting
                {
                    line.stage = Stage::Talking;
                }
            }
            Signal::Warning(name, is_on) => {
                self.warnings.retain(|one| *one != name);
                if is_on {
                    self.warnings.push(name);
                }
            }
            Signal::Trouble(code) => {
                self.trouble = code;
                if self.device == Device::Registering {
                    self.lose();
                }
                // A call that could not even be placed has no name to end by.
                if self.line.as_ref().is_some_and(|line| line.leg.is_none()) {
                    self.hung_up();
                }
            }
        }
    }

    /// What is to be done now for the audio to be what the board says.
    pub fn settle(&mut self, now: &Situation) -> Vec<Order> {
        let acts = self.acts.drain(..);
        let mut orders: Vec<_> = acts
            .map(|(call, intent)| Order::Ask(call, intent))
            .collect();
        self.make_room(now, &mut orders);
        self.confirmed |= self.wish && now.available;
        let stays = self.seat == Seat::Here && (now.mine.is_some() || self.line.is_some());
        if stays || self.wish && (now.available || !self.confirmed) {
            self.listen(&mut orders);
        } else {
            self.leave(&mut orders);
        }
        self.machines.look(now);
        self.follow_the_row(now, &mut orders);
        self.mind_other_machines(now, &mut orders);
        self.run_errand(now, &mut orders);
        self.sound(now, &mut orders);
        self.report(now, &mut orders);
        orders
    }

    /// Whether calls can come to this tab.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.seat == Seat::Here && self.device == Device::Ready
    }

    /// Whether this tab has a call, or is about to.
    #[must_use]
    pub fn has_line(&self) -> bool {
        self.line.is_some()
    }
}

#[cfg(test)]
mod tests;
