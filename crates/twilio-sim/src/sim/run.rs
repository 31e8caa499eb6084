//! A leg from its beginning through its verbs to its end.

use switchboard_twilio::CallStatus;
use switchboard_twilio::twiml::{Event as Told, Method};

use super::fetch::Ask;
use super::leg::{Activity, End, Leg, LegId, Program};
use super::program::{CallbackTo, Step};
use super::{Caller, Output, Sim, Timer};
use crate::event::Event;
use crate::wire::{Hears, ToPage};

/// What a leg is born with.
pub(super) struct NewLeg {
    pub(super) parent: Option<LegId>,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) caller_name: Option<String>,
    pub(super) end: End,
    pub(super) callback: Option<CallbackTo>,
}

impl Sim {
    /// Somebody calls our number.
    pub(super) fn call_in(&mut self, caller: Caller) -> LegId {
        let callback = self.number_callback();
        let leg = self.add_leg(NewLeg {
            parent: None,
            from: caller.from,
            to: caller.to,
            caller_name: caller.name,
            end: End::Caller,
            callback: Some(callback),
        });
        self.legs[leg.0].status = CallStatus::Ringing;
        self.note(leg, Event::Placed);
        if let Some(patience) = caller.patience {
            self.after(patience, Timer::HangUp(leg));
        }
        let url = self.config.voice_url.clone();
        self.ask(leg, Ask::first(url));
        leg
    }

    /// What is configured for our number and our TwiML App: one word when a call is over.
    pub(super) fn number_callback(&self) -> CallbackTo {
        CallbackTo {
            url: self.config.status_url.clone(),
            events: vec![Told::Completed],
        }
    }

    pub(super) fn add_leg(&mut self, new: NewLeg) -> LegId {
        self.forget_old_legs();
        let sid = self.new_sid("CA");
        let leg = self.legs.push(Leg {
            sid: sid.clone(),
            parent: new.parent,
            from: new.from,
            to: new.to,
            caller_name: new.caller_name,
            end: new.end,
            status: CallStatus::Queued,
            placed_at: self.now,
            answered_at: None,
            ended_at: None,
            callback: new.callback,
            sequence: 0,
            held_back: None,
            activity: Activity::Idle,
            program: Program::default(),
            turn: 0,
            leaving: None,
            talks_to: None,
            is_muted: false,
            url: None,
        });
        self.by_sid.insert(sid, leg);
        self.living.insert(leg);
        leg
    }

    /// A leg that lives needs itself and the one that dialled it.
    fn forget_old_legs(&mut self) {
        let needs = |leg: &LegId| {
            self.legs[leg.0]
                .parent
                .map_or(*leg, |parent| parent.min(*leg))
        };
        let needed = self.living.iter().map(needs).min();
        while let Some(sid) = self.legs.forget_oldest(self.now, needed) {
            self.by_sid.remove(&sid);
        }
    }

    /// The leg turns to something else; what it did before is handed back.
    pub(super) fn turn_to(&mut self, id: LegId, activity: Activity) -> Activity {
        let leg = &mut self.legs[id.0];
        leg.turn += 1;
        std::mem::replace(&mut leg.activity, activity)
    }

    pub(super) fn start(&mut self, leg: LegId, url: String, steps: Vec<Step>) {
        let program = Program {
            url: url.clone(),
            steps: steps.into(),
            is_fresh: true,
        };
        self.legs[leg.0].program = program;
        self.legs[leg.0].url = Some(url);
        self.next_step(leg);
    }

    /// Runs the next verb; after the last one the leg is over.
    pub(super) fn next_step(&mut self, id: LegId) {
        let leg = &mut self.legs[id.0];
        let is_first = std::mem::take(&mut leg.program.is_fresh);
        let was_answered = leg.is_answered();
        let Some(step) = leg.program.steps.pop_front() else {
            return self.end_by_switchboard(id, CallStatus::Completed);
        };
        match step {
            Step::Say(text) => {
                let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                let lasts = self
                    .config
                    .timing
                    .say_per_character
                    .saturating_mul(characters);
                self.note(id, Event::Heard(text.clone()));
                self.listen(id, Hears::Voice { text }, lasts);
            }
            Step::Play { url, times } => {
                let lasts = self.config.timing.sound.saturating_mul(times);
                self.note(id, Event::Plays(url.clone()));
                self.listen(id, Hears::Music { url }, lasts);
            }
            Step::Pause(lasts) => {
                self.note(id, Event::Waits(lasts.as_secs()));
                // As the first verb of an unanswered call it delays the answer.
                if is_first && !was_answered {
                    self.turn_to(id, Activity::Listening(Hears::Ringback));
                    let turn = self.legs[id.0].turn;
                    self.after(lasts, Timer::Next(id, turn));
                } else {
                    self.listen(id, Hears::Silence, lasts);
                }
            }
            Step::Dial(step) => self.dial(id, step, is_first),
            Step::Record(step) => self.record(id, step),
            Step::Redirect(target) => self.ask_later(id, &target, Vec::new()),
            Step::Hangup => self.end_by_switchboard(id, CallStatus::Completed),
            Step::Reject if was_answered => self.end_by_switchboard(id, CallStatus::Completed),
            Step::Reject => self.end_by_switchboard(id, CallStatus::Busy),
        }
    }

    fn listen(&mut self, id: LegId, hears: Hears, lasts: std::time::Duration) {
        self.answer(id);
        self.turn_to(id, Activity::Listening(hears));
        let turn = self.legs[id.0].turn;
        self.after(lasts, Timer::Next(id, turn));
    }

    /// The leg asks that URL soon, and hears nothing until the answer.
    pub(super) fn ask_later(
        &mut self,
        id: LegId,
        target: &super::program::Target,
        extra: Vec<(String, String)>,
    ) {
        let url = self.resolve(id, &target.url);
        self.turn_to(id, Activity::Asking);
        let turn = self.legs[id.0].turn;
        let ask = Ask {
            url,
            method: target.method,
            extra,
            is_fallback: false,
        };
        self.after(self.config.timing.turn, Timer::Ask(id, turn, ask));
    }

    /// The absolute URL of what TwiML names: absolute, a path on the webhook, or nothing for the same document again.
    pub(super) fn resolve(&self, id: LegId, url: &str) -> String {
        match url {
            "" => self.legs[id.0].program.url.clone(),
            path if path.starts_with('/') => self.config.base.join(path),
            absolute => absolute.to_owned(),
        }
    }

    /// From now on the leg is connected.
    pub(super) fn answer(&mut self, id: LegId) {
        let leg = &mut self.legs[id.0];
        if leg.is_answered() {
            return;
        }
        leg.answered_at = Some(self.now);
        leg.status = CallStatus::InProgress;
        let call_sid = leg.sid.clone();
        if let Some(socket) = leg.device().and_then(|device| device.socket) {
            self.out
                .push(Output::Frame(socket, ToPage::Accepted { call_sid }));
        }
    }

    fn end_by_switchboard(&mut self, id: LegId, status: CallStatus) {
        let lasted = (self.now - self.legs[id.0].placed_at).as_secs();
        self.end(id, status, Event::HungUp(lasted));
    }

    /// The person at the end of the leg hangs up.
    pub(super) fn hang_up(&mut self, id: LegId) {
        if !self.living.contains(&id) {
            return;
        }
        let leg = &self.legs[id.0];
        let lasted = (self.now - leg.placed_at).as_secs();
        let status = match (leg.is_answered(), leg.is_dialled()) {
            (true, _) => CallStatus::Completed,
            (false, true) => CallStatus::NoAnswer,
            (false, false) => CallStatus::Canceled,
        };
        self.end(id, status, Event::CallerHungUp(lasted));
    }

    /// The leg is over, with all that hangs on it. Nothing happens to one that is over already.
    pub(super) fn end(&mut self, id: LegId, status: CallStatus, event: Event) {
        if !self.living.remove(&id) {
            return;
        }
        let activity = self.turn_to(id, Activity::Idle);
        self.part(id);
        let leg = &mut self.legs[id.0];
        leg.status = status;
        leg.ended_at = Some(self.now);
        leg.leaving = None;
        leg.program = Program::default();
        self.note(id, event);
        match activity {
            Activity::Dialing(dialing) => self.dial_without_caller(id, &dialing),
            Activity::Recording(taping) => self.tape_without_caller(id, &taping),
            Activity::Idle | Activity::Asking | Activity::Listening(_) => {}
        }
        self.dismiss_devices(id);
        self.tell(id, Told::Completed);
        self.send_held_back(id);
        self.somebody_left();
        if let Some(parent) = self.legs[id.0].parent {
            self.child_over(parent, id, status);
        }
    }

    /// The two talk no more.
    pub(super) fn part(&mut self, id: LegId) {
        if let Some(other) = self.legs[id.0].talks_to.take() {
            self.legs[other.0].talks_to = None;
            self.note(other, Event::TalkOver);
        }
    }
}

impl Ask {
    /// The first request of a call.
    pub(super) fn first(url: String) -> Self {
        Self {
            url,
            method: Method::Post,
            extra: Vec::new(),
            is_fallback: false,
        }
    }
}
