//! Taking a leg out of whatever it does, because somebody asked for that by REST.

use switchboard_twilio::CallStatus;

use super::fetch::Ask;
use super::leg::{Activity, LegId};
use super::program::{Step, Target};
use super::{Sim, Timer};
use crate::event::Event;

/// A leg on its way elsewhere. The last wish counts.
#[derive(Debug)]
pub(super) struct Leaving {
    to: Destination,
    /// The action of the `<Dial>` that it leaves: asked, but its answer is thrown away.
    pub(super) action: Option<(Target, Vec<(String, String)>)>,
}

/// Where to.
#[derive(Debug)]
pub(super) enum Destination {
    Url(Target),
    Verbs(Vec<Step>),
}

/// How far the leg is on its way.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    EndsOther,
    AsksAction,
    Goes,
}

impl Sim {
    pub(super) fn redirect(&mut self, id: LegId, to: Destination) {
        self.note(id, Event::Redirected);
        let leg = &mut self.legs[id.0];
        if let Some(leaving) = &mut leg.leaving {
            leaving.to = to;
            return;
        }
        leg.leaving = Some(Leaving { to, action: None });
        let is_in_dial = matches!(leg.activity, Activity::Dialing(_)) || leg.talks_to.is_some();
        let timing = self.config.timing.clone();
        if is_in_dial {
            for (delay, stage) in [
                (timing.redirect_ends_other, Stage::EndsOther),
                (timing.redirect_asks_action, Stage::AsksAction),
                (timing.redirect_asks_url, Stage::Goes),
            ] {
                self.after(delay, Timer::Redirect(id, stage));
            }
        } else {
            self.after(timing.redirect_alone, Timer::Redirect(id, Stage::Goes));
        }
    }

    pub(super) fn redirect_comes(&mut self, id: LegId, stage: Stage) {
        if !self.living.contains(&id) {
            return;
        }
        match stage {
            Stage::EndsOther => self.leave_dial(id),
            Stage::AsksAction => {
                let leaving = self.legs[id.0].leaving.as_mut();
                if let Some((target, extra)) = leaving.and_then(|leaving| leaving.action.take()) {
                    self.mention(id, &target, extra);
                }
            }
            Stage::Goes => self.go(id),
        }
    }

    /// The other side is let go: the dialled legs of one's own `<Dial>`, or the parent whose `<Dial>` one was in.
    fn leave_dial(&mut self, id: LegId) {
        if let Activity::Dialing(_) = self.legs[id.0].activity {
            let other = self.legs[id.0].talks_to;
            let status = match other {
                Some(_) => CallStatus::Completed,
                None => CallStatus::NoAnswer,
            };
            self.dial_over(id, status, other);
        } else if let Some(parent) = self.legs[id.0].parent {
            self.part(id);
            self.child_over(parent, id, CallStatus::Completed);
        }
    }

    fn go(&mut self, id: LegId) {
        let Some(leaving) = self.legs[id.0].leaving.take() else {
            return;
        };
        // It may have begun something else since it was asked to leave.
        if let Activity::Dialing(_) = self.legs[id.0].activity {
            self.leave_dial(id);
        }
        if let Activity::Recording(taping) = self.turn_to(id, Activity::Asking) {
            self.tape(id, &taping, "");
        }
        match leaving.to {
            Destination::Url(target) => {
                let url = self.resolve(id, &target.url);
                let ask = Ask {
                    url,
                    method: target.method,
                    extra: Vec::new(),
                    is_fallback: false,
                };
                self.ask(id, ask);
            }
            Destination::Verbs(steps) => {
                let url = self.legs[id.0].program.url.clone();
                self.start(id, url, steps);
            }
        }
    }
}
