//! The decisions about one tab's audio: when to listen, to accept, to hang up, what to tell the team.
//!
//! Level-triggered: [`Softphone::settle`] compares what the board says ([`Situation`]) with what the
//! device has, and orders what is missing. Nothing follows from the order in which things are heard,
//! and a `cancel` has no meaning of its own: what became of a call stands in its row.

use switchboard_model::{CallId, Intent};

use super::signal::{Microphone, Signal};
use super::{Leg, Order};

/// What the board says, as far as audio must follow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Situation {
    /// My row says that I want calls.
    pub(crate) available: bool,
    /// My row says that my device is ready.
    pub(crate) told_ready: bool,
    /// The call that is mine.
    pub(crate) mine: Option<Mine>,
    /// The call whose line I lost, while it waits for me.
    pub(crate) dropped: Option<CallId>,
    /// Every live call to a telephone, whoever has it now.
    pub(crate) calls_out: Vec<CallId>,
}

/// The call that is mine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mine {
    pub(crate) id: CallId,
    pub(crate) epoch: i32,
    pub(crate) on_hold: bool,
    /// I am the one who called.
    pub(crate) outbound: bool,
    /// The other side has answered.
    pub(crate) connected: bool,
}

/// Which tab has the person's audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    /// This one does not want it.
    None,
    /// It has asked.
    Asked,
    /// Another one has it.
    Elsewhere,
    /// This one.
    Here,
}

/// How far the device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
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

/// How far my leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// I have called, or accepted, and nobody is heard yet.
    Connecting,
    /// We hear each other.
    Talking,
    /// I have hung up.
    Leaving,
}

/// The call that the device has.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// Its name, which an outbound call gets a moment later.
    leg: Option<Leg>,
    /// The row and the epoch that it is about, which an outbound call gets by its row.
    about: Option<(CallId, i32)>,
    stage: Stage,
}

/// What is to be done as soon as there is audio.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Errand {
    Take(CallId, Intent),
    Dial(String),
}

/// The audio of one tab.
#[derive(Clone, Debug)]
pub(crate) struct Softphone {
    wish: bool,
    /// My row has said since the wish that I want calls; it may take the wish back.
    confirmed: bool,
    /// The browser wants a press before it lets this tab listen and play again.
    needs_press: bool,
    /// My row may still say what was true before the page was loaded anew.
    says_too_much: bool,
    seat: Seat,
    device: Device,
    invitations: Vec<(Leg, Option<(CallId, i32)>)>,
    line: Option<Line>,
    errand: Option<Errand>,
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
    rings: bool,
    music: bool,
}

impl Default for Softphone {
    fn default() -> Self {
        Self {
            wish: false,
            confirmed: false,
            needs_press: false,
            says_too_much: false,
            seat: Seat::None,
            device: Device::Off,
            invitations: Vec::new(),
            line: None,
            errand: None,
            muted: false,
            blocked: false,
            warnings: Vec::new(),
            trouble: 0,
            is_lost: false,
            mute: false,
            reported: None,
            reports: 0,
            taken_back: None,
            rings: false,
            music: false,
        }
    }
}

impl Softphone {
    /// The person wants to be on duty in this tab, or not.
    pub(crate) fn press(&mut self, on: bool) {
        self.wish = on;
        self.confirmed = false;
        self.needs_press = false;
        if on && matches!(self.device, Device::NoMicrophone(_)) {
            self.device = Device::Off;
        }
    }

    /// The person takes a call. Whether it may be asked for now; otherwise it is, with audio.
    pub(crate) fn take(&mut self, call: CallId, intent: Intent) -> bool {
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
    pub(crate) fn hear(&mut self, signal: Signal) {
        match signal {
            Signal::Resumable { granted: true, .. } => self.press(true),
            Signal::Resumable { free, .. } => {
                self.needs_press = true;
                self.says_too_much = free;
            }
            Signal::Led => self.seat = Seat::Here,
            Signal::Waiting => self.seat = Seat::Elsewhere,
            Signal::Microphone(Microphone::Ready) if self.device == Device::Opening => {
                self.device = Device::Due;
            }
            Signal::Microphone(Microphone::Ready) => {}
            Signal::Microphone(microphone) => self.device = Device::NoMicrophone(microphone),
            Signal::Again => self.press(true),
            Signal::Dial(number) => self.dial(number),
            Signal::Mute(mute) => self.mute = mute,
            Signal::Retry if self.device == Device::Lost => self.device = Device::Due,
            Signal::Retry => {}
            Signal::Beat => {}
            Signal::Reported(came) => {
                self.reports = self.reports.saturating_sub(1);
                if !came {
                    self.reported = None;
                }
            }
            Signal::Blocked(blocked) => self.blocked = blocked,
            Signal::Registered => {
                self.device = Device::Ready;
                self.is_lost = false;
                self.trouble = 0;
            }
            Signal::Unregistered => self.lose(),
            Signal::Closed => {
                self.lose();
                self.invitations.clear();
                self.hung_up();
            }
            Signal::Incoming(leg, about) => self.invitations.push((leg, about)),
            Signal::Cancelled(leg) | Signal::Disconnected(leg) => {
                self.invitations.retain(|(one, _)| *one != leg);
                if self.line.as_ref().is_some_and(|line| line.leg == Some(leg)) {
                    self.hung_up();
                }
            }
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
    pub(crate) fn settle(&mut self, now: &Situation) -> Vec<Order> {
        let mut orders = Vec::new();
        self.confirmed |= self.wish && now.available;
        let stays = self.seat == Seat::Here && (now.mine.is_some() || self.line.is_some());
        if stays || self.wish && (now.available || !self.confirmed) {
            self.listen(&mut orders);
        } else {
            self.leave(&mut orders);
        }
        self.follow_the_row(now, &mut orders);
        self.run_errand(now, &mut orders);
        self.sound(now, &mut orders);
        self.report(now, &mut orders);
        orders
    }

    fn listen(&mut self, orders: &mut Vec<Order>) {
        if self.seat == Seat::None {
            self.seat = Seat::Asked;
            orders.push(Order::Lead);
        }
        if self.seat == Seat::Here && self.device == Device::Off {
            self.device = Device::Opening;
            orders.push(Order::Open);
        }
        // To begin anew would end a call that runs.
        if self.device == Device::Due && self.line.is_none() {
            self.device = Device::Registering;
            orders.push(Order::Register);
        }
    }

    fn leave(&mut self, orders: &mut Vec<Order>) {
        if self.seat == Seat::None {
            return;
        }
        orders.push(Order::Close);
        if self.seat == Seat::Here {
            self.reports += 1;
            orders.push(Order::Report("off"));
        }
        *self = Self {
            wish: self.wish,
            confirmed: self.confirmed,
            reports: self.reports,
            ..Self::default()
        };
    }

    /// Accepts what is mine and hangs up what is not.
    fn follow_the_row(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        let wanted = now.mine.filter(|mine| !mine.on_hold);
        let wanted = wanted.map(|mine| (mine.id, mine.epoch));
        if let Some(line) = &mut self.line {
            if line.about.is_none() && now.mine.is_some_and(|mine| mine.outbound) {
                line.about = wanted;
            }
            // A leg that called out carries the customer: to hang it up would hang up on them. The
            // service leads the customer elsewhere, and then it ends by itself.
            let carries = matches!(line.about, Some((id, 0)) if now.calls_out.contains(&id));
            let is_over = line.about.is_some() && line.about != wanted && !carries;
            if let (Stage::Talking, Some(leg)) = (line.stage, &line.leg)
                && self.mute != self.muted
            {
                self.muted = self.mute;
                orders.push(Order::Mute(leg.clone(), self.mute));
            }
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
        // A line that was lost is taken up again, once: whoever was quicker has it.
        if let Some(call) = now
            .dropped
            .filter(|_| self.is_ready() && now.mine.is_none())
            && self.taken_back != Some(call)
        {
            self.taken_back = Some(call);
            orders.push(Order::Ask(call, Intent::Retrieve));
        }
        if now.dropped.is_none() {
            self.taken_back = None;
        }
    }

    fn run_errand(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        use crate::texts;
        let sentence = match (self.seat, self.device) {
            (Seat::Here, Device::Ready) => None,
            (Seat::Elsewhere, _) => match self.errand {
                Some(Errand::Dial(_)) => Some(texts::dial_elsewhere()),
                Some(Errand::Take(..)) | None => None,
            },
            (_, Device::NoMicrophone(_)) => Some(texts::not_without_microphone()),
            (_, Device::Lost) => Some(texts::not_without_audio()),
            (
                _,
                Device::Off | Device::Opening | Device::Registering | Device::Due | Device::Ready,
            ) => return,
        };
        match (self.errand.take(), sentence) {
            (None, _) => {}
            (_, Some(sentence)) => orders.push(Order::Say(sentence)),
            (Some(Errand::Take(call, intent)), None) => orders.push(Order::Ask(call, intent)),
            (Some(Errand::Dial(_)), None) if now.mine.is_some() || self.line.is_some() => {
                orders.push(Order::Say(texts::on_another_call()));
            }
            (Some(Errand::Dial(number)), None) => {
                orders.push(Order::Connect(number));
                self.line = Some(Line {
                    leg: None,
                    about: None,
                    stage: Stage::Connecting,
                });
            }
        }
    }

    fn sound(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        let is_here = self.seat == Seat::Here;
        let is_free = now.mine.is_none() && self.line.is_none();
        let rings = is_here && is_free && !self.invitations.is_empty();
        if rings != self.rings {
            self.rings = rings;
            orders.push(Order::Ring(rings));
        }
        let music = is_here && now.mine.is_some_and(|mine| mine.on_hold);
        if music != self.music {
            self.music = music;
            orders.push(Order::Music(music));
        }
    }

    /// Tells the team when my device changes, and again when the row says otherwise than ready: a
    /// second browser of mine may have said so.
    fn report(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        if std::mem::take(&mut self.says_too_much) && now.told_ready {
            self.reports += 1;
            orders.push(Order::Report("off"));
        }
        if self.seat != Seat::Here {
            return;
        }
        let state = match self.device {
            Device::Ready => "ready",
            Device::NoMicrophone(_) => "no_microphone",
            _ if self.is_lost => "unreachable",
            Device::Off | Device::Opening | Device::Registering | Device::Lost | Device::Due => {
                "connecting"
            }
        };
        let differs = state == "ready" && !now.told_ready && self.reports == 0;
        if self.reported != Some(state) || differs {
            self.reported = Some(state);
            self.reports += 1;
            orders.push(Order::Report(state));
        }
    }

    fn lose(&mut self) {
        if self.seat == Seat::Here && !matches!(self.device, Device::NoMicrophone(_)) {
            self.device = Device::Lost;
            self.is_lost = true;
        }
    }

    fn hung_up(&mut self) {
        self.line = None;
        self.mute = false;
        self.muted = false;
        self.warnings.clear();
    }

    fn is_ready(&self) -> bool {
        self.seat == Seat::Here && self.device == Device::Ready
    }

    /// Whether the person is on duty in this browser.
    pub(crate) fn is_on(&self, now: &Situation) -> bool {
        self.seat != Seat::None && (self.wish && now.available || now.mine.is_some())
    }

    /// How it is, for `web/voice/words.js` to say: a name, and what belongs to it.
    pub(crate) fn state(&self, now: &Situation) -> (&'static str, String) {
        let plain = |name| (name, String::new());
        match (self.seat, self.device) {
            (Seat::None, _) if self.needs_press => plain("needs-press"),
            (Seat::None, _) if now.available => plain("off"),
            (Seat::None, _) => plain("away"),
            (Seat::Elsewhere, _) => plain("elsewhere"),
            (_, Device::NoMicrophone(Microphone::Missing)) => plain("no-microphone"),
            (_, Device::NoMicrophone(_)) => plain("denied"),
            (Seat::Here, Device::Ready) => self.line_state(now),
            _ if self.is_lost => ("lost", self.trouble.to_string()),
            (Seat::Asked | Seat::Here, _) => plain("connecting"),
        }
    }

    fn line_state(&self, now: &Situation) -> (&'static str, String) {
        let talks = self.line.as_ref();
        let talks = talks.is_some_and(|line| line.stage == Stage::Talking);
        let name = match now.mine {
            _ if self.blocked => "blocked",
            _ if talks && self.muted => "muted",
            _ if talks => return ("talking", self.warnings.last().cloned().unwrap_or_default()),
            Some(mine) if mine.on_hold => "held",
            Some(mine) if mine.outbound && !mine.connected => "calling",
            Some(_) => "line-connects",
            None if self.line.is_some() => "calling",
            None => "ready",
        };
        (name, String::new())
    }
}

#[cfg(test)]
mod tests;
