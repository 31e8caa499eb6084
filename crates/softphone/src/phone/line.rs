//! The call that the device has: what is accepted, what is hung up, what is dialled.

use switchboard_model::{CallId, Intent};

use super::{Device, Seat, Softphone};
use crate::{Leg, Order, Sentence, Situation};

/// How far my leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// I have called, or accepted, and nobody is heard yet.
    Connecting,
    /// We hear each other.
    Talking,
    /// I have hung up.
    Leaving,
}

/// The call that the device has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its name, which an outbound call gets a moment later.
    pub(super) leg: Option<Leg>,
    /// The row and the epoch that it is about, which an outbound call gets by its row.
    pub(super) about: Option<(CallId, i32)>,
    pub(super) stage: Stage,
    /// The other side has answered, by the row: whoever calls out hears sentences before.
    pub(super) is_answered: bool,
}

/// What is to be done as soon as there is audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    Take(CallId, Intent),
    Dial(String),
}

impl Softphone {
    /// Accepts what is mine and hangs up what is not.
    pub(super) fn follow_the_row(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        let wanted = now.wanted();
        if let Some(line) = &mut self.line {
            if line.about.is_none() && now.mine.is_some_and(|mine| mine.outbound) {
                line.about = wanted;
            }
            line.is_answered |= now.mine.is_some_and(|mine| mine.outbound && mine.connected);
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
        let may = wanted.is_some_and(|about| self.machines.may_accept(about));
        let at = invitations.position(|(_, about)| may && *about == wanted);
        if let Some(at) = at {
            let (leg, about) = self.invitations.swap_remove(at);
            orders.push(Order::Accept(leg.clone()));
            self.line = Some(Line {
                leg: Some(leg),
                about,
                stage: Stage::Connecting,
                is_answered: true,
            });
        }
        // A line that was lost is taken up again, once: whoever was quicker has it.
        if let Some(call) = now
            .dropped
            .filter(|_| self.is_ready() && now.mine.is_none())
            && self.taken_back != Some(call)
            && self.machines.may_take_up(call)
        {
            self.taken_back = Some(call);
            self.machines.take(call);
            orders.push(Order::Ask(call, Intent::Retrieve));
        }
        if now.dropped.is_none() {
            self.taken_back = None;
        }
    }

    pub(super) fn run_errand(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        let sentence = match (self.seat, self.device) {
            (Seat::Here, Device::Ready) => None,
            (Seat::Elsewhere, _) => match self.errand {
                Some(Errand::Dial(_)) => Some(Sentence::DialElsewhere),
                Some(Errand::Take(..)) | None => None,
            },
            (_, Device::NoMicrophone(_)) => Some(Sentence::NotWithoutMicrophone),
            (_, Device::Lost) => Some(Sentence::NotWithoutAudio),
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
                orders.push(Order::Say(Sentence::OnAnotherCall));
            }
            (Some(Errand::Dial(number)), None) => {
                orders.push(Order::Connect(number));
                self.line = Some(Line {
                    leg: None,
                    about: None,
                    stage: Stage::Connecting,
                    is_answered: false,
                });
            }
        }
    }

    /// What that leg, which is not talked on, is about.
    pub(super) fn about(&self, leg: &Leg) -> Option<(CallId, i32)> {
        let invited = self.invitations.iter().find(|(one, _)| one == leg);
        let line = self.line.as_ref();
        let line = line.filter(|line| line.leg.as_ref() == Some(leg));
        invited.map_or_else(|| line?.about, |(_, about)| *about)
    }

    /// A leg is over.
    pub(super) fn forget(&mut self, leg: Leg) {
        self.invitations.retain(|(one, _)| *one != leg);
        if self.line.as_ref().is_some_and(|line| line.leg == Some(leg)) {
            self.hung_up();
        }
    }

    pub(super) fn hung_up(&mut self) {
        self.line = None;
        self.mute = false;
        self.muted = false;
        self.warnings.clear();
    }
}
