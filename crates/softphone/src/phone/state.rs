//! How the audio is: a name for the page to say in words, and what is heard besides the line.

use super::{Device, Seat, Softphone, Stage};
use switchboard_model::CallId;

use crate::{Microphone, Mine, Order, Situation};

/// Every name that [`Softphone::state`] gives.
pub const STATES: [&str; 17] = [
    "away",
    "blocked",
    "calling",
    "connecting",
    "denied",
    "elsewhere",
    "held",
    "line-connects",
    "lost",
    "microphone-fails",
    "muted",
    "needs-press",
    "no-microphone",
    "off",
    "other-machine",
    "ready",
    "talking",
];

impl Softphone {
    pub(super) fn sound(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        let is_here = self.seat == Seat::Here;
        let is_free = now.mine.is_none() && self.line.is_none();
        // As soon as the row says that it rings no more, whatever the device still hears.
        let is_invited = |call: &CallId| {
            self.invitations
                .iter()
                .any(|(_, about)| about.is_some_and(|(id, _)| id == *call))
        };
        let rings = now.ringing.iter().copied().find(is_invited);
        let rings = rings.filter(|_| is_here && is_free);
        if rings != self.rings {
            self.rings = rings;
            orders.push(Order::Ring(rings));
        }
        // Where the person talked.
        let is_heard_here =
            |mine: &Mine| mine.on_hold && self.machines.has_elsewhere(mine.id).is_none();
        let music = is_here && now.mine.as_ref().is_some_and(is_heard_here);
        if music != self.music {
            self.music = music;
            orders.push(Order::Music(music));
        }
    }

    /// Whether the person is on duty in this browser.
    #[must_use]
    pub fn is_on(&self, now: &Situation) -> bool {
        self.seat != Seat::None && (self.wish && now.available || now.mine.is_some())
    }

    /// How it is, for the page to say: one of [`STATES`], and what belongs to it, a warning's
    /// name or an error's number.
    #[must_use]
    pub fn state(&self, now: &Situation) -> (&'static str, String) {
        let plain = |name| (name, String::new());
        match (self.seat, self.device) {
            (Seat::None, _) if self.needs_press => plain("needs-press"),
            (Seat::None, _) if now.available => plain("off"),
            (Seat::None, _) => plain("away"),
            (Seat::Elsewhere, _) => plain("elsewhere"),
            (_, Device::NoMicrophone(Microphone::Missing)) => plain("no-microphone"),
            (_, Device::NoMicrophone(Microphone::Failing)) => plain("microphone-fails"),
            (_, Device::NoMicrophone(_)) => plain("denied"),
            (Seat::Here, Device::Ready) => self.line_state(now),
            // The microphone was given back in a call; the registration waits for its end.
            (Seat::Here, Device::Due) if self.line.is_some() && !self.is_lost => {
                self.line_state(now)
            }
            _ if self.is_lost => ("lost", self.trouble.to_string()),
            (Seat::Asked | Seat::Here, _) => plain("connecting"),
        }
    }

    fn line_state(&self, now: &Situation) -> (&'static str, String) {
        let talks = self.line.as_ref();
        let talks = talks.is_some_and(|line| line.stage == Stage::Talking && line.is_answered);
        let name = match now.mine {
            _ if self.blocked => "blocked",
            _ if talks && self.muted => "muted",
            _ if talks => return ("talking", self.warnings.last().cloned().unwrap_or_default()),
            Some(mine) if mine.on_hold => "held",
            Some(mine) if let Some(is_certain) = self.machines.has_elsewhere(mine.id) => {
                let detail = if is_certain { "" } else { "unsure" };
                return ("other-machine", detail.to_owned());
            }
            Some(mine) if mine.outbound && !mine.connected => "calling",
            Some(_) => "line-connects",
            None if self.line.is_some() => "calling",
            None => "ready",
        };
        (name, String::new())
    }
}
