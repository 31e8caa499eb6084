//! Telephones that `<Number>` rings, and the people at them.

use std::time::Duration;

use switchboard_twilio::CallStatus;

use super::dial::Stage;
use super::leg::{End, LegId};
use super::{Callee, Sim, Timer};
use crate::event::Event;

/// What somebody does who picks up as soon as it rings.
const PICKS_UP: Callee = Callee::Answers { after_ms: 0 };

impl Sim {
    pub(super) fn telephone_rings(&mut self, child: LegId) {
        let timing = &self.config.timing;
        let usual = Callee::Answers {
            after_ms: u32::try_from(timing.callee_answers.as_millis()).unwrap_or(u32::MAX),
        };
        let leg = &self.legs[child.0];
        let decided = match leg.end {
            End::Callee(decided) => decided,
            End::Caller | End::Device(_) => None,
        };
        let known = self.callees.get(&leg.to).copied();
        let callee = decided.or(known).unwrap_or(usual);
        self.ring_on(child);
        match callee {
            Callee::Answers { after_ms } => {
                let after = Duration::from_millis(after_ms.into());
                self.after(after, Timer::Child(child, Stage::Connects));
            }
            Callee::Busy | Callee::Fails => self.callee(child, callee),
            Callee::NoAnswer | Callee::Waits => {}
        }
    }

    /// The person at a telephone picks it up (`None`), or does not: now, or as soon as it rings. Nobody can answer what
    /// does not ring yet.
    pub(super) fn person_does(&mut self, child: LegId, does: Option<Callee>) {
        let does = does.unwrap_or(PICKS_UP);
        let leg = &mut self.legs[child.0];
        let rings = leg.status == CallStatus::Ringing;
        match &mut leg.end {
            End::Callee(decided) if !rings => *decided = Some(does),
            End::Callee(_) | End::Caller | End::Device(_) => self.callee(child, does),
        }
    }

    /// A telephone is picked up, or is not.
    pub(super) fn callee(&mut self, child: LegId, does: Callee) {
        let leg = &self.legs[child.0];
        if !matches!(leg.end, End::Callee(_)) || leg.is_answered() {
            return;
        }
        match does {
            Callee::Answers { .. } => self.connect(child),
            Callee::Busy => self.end(child, CallStatus::Busy, Event::Over("busy")),
            Callee::Fails => self.end(child, CallStatus::Failed, Event::Over("failed")),
            Callee::NoAnswer => self.end(child, CallStatus::NoAnswer, Event::Over("no answer")),
            Callee::Waits => {}
        }
    }
}
