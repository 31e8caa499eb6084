//! `<Dial>`: legs that ring, one that wins, and what becomes of the caller afterwards.

use std::collections::BTreeSet;
use std::time::Duration;

use switchboard_twilio::CallStatus;
use switchboard_twilio::twiml::Event as Told;

use super::leg::{Activity, Device, End, LegId};
use super::program::{DialStep, Noun, Target, Who};
use super::run::NewLeg;
use super::{Callee, Output, Sim, SocketId, Timer};
use crate::event::Event;
use crate::wire::ToPage;

/// A `<Dial>` that runs.
#[derive(Debug)]
pub(super) struct Dialing {
    pub(super) action: Option<Target>,
    /// The legs that are not over.
    pub(super) children: Vec<LegId>,
    /// Who has accepted; audio follows a moment later.
    pub(super) winner: Option<LegId>,
    /// Who is connected, and since when.
    connected: Option<(LegId, Duration)>,
    is_recorded: bool,
    recording_callback: Option<String>,
    /// How the legs ended so far, the most telling word.
    ended: Option<CallStatus>,
}

impl Dialing {
    pub(super) fn is_ringing(&self) -> bool {
        self.connected.is_none() && !self.children.is_empty()
    }
}

/// How far a dialled leg comes by itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Initiated,
    Rings,
    NoDevice,
    Connects,
    Does(Callee),
}

impl Sim {
    pub(super) fn dial(&mut self, id: LegId, step: DialStep, is_first: bool) {
        if !(step.answer_on_bridge && is_first) {
            self.answer(id);
        }
        let names = step.nouns.iter().map(|noun| match &noun.who {
            Who::Client(identity) => identity.clone(),
            Who::Number(_) => "a telephone".to_owned(),
        });
        self.note(id, Event::Rings(names.collect(), step.timeout.as_secs()));
        if step.too_many > 0 {
            self.note(id, Event::TooMany(step.too_many));
        }
        let children: Vec<_> = step
            .nouns
            .iter()
            .map(|noun| self.add_child(id, noun, step.caller_id.as_deref()))
            .collect();
        let is_nobody = children.is_empty();
        self.turn_to(
            id,
            Activity::Dialing(Dialing {
                action: step.action,
                children,
                winner: None,
                connected: None,
                is_recorded: step.is_recorded,
                recording_callback: step.recording_callback,
                ended: None,
            }),
        );
        if is_nobody {
            return self.dial_over(id, CallStatus::Failed, None);
        }
        let turn = self.legs[id.0].turn;
        let rings = step.timeout + self.config.timing.dial_buffer;
        self.after(rings, Timer::DialOver(id, turn));
    }

    fn add_child(&mut self, parent: LegId, noun: &Noun, caller_id: Option<&str>) -> LegId {
        let caller = &self.legs[parent.0];
        let (to, end) = match &noun.who {
            Who::Client(identity) => {
                let device = Device {
                    identity: identity.clone(),
                    invited: BTreeSet::new(),
                    socket: None,
                    parameters: noun.parameters.clone(),
                    told: None,
                };
                (format!("client:{identity}"), End::Device(device))
            }
            Who::Number(number) => (number.clone(), End::Callee(None)),
        };
        // A browser has no number: it must be given one to reach a telephone.
        let has_number = caller_id.is_some() || !caller.from.starts_with("client:");
        let is_impossible = matches!(end, End::Callee(_)) && !has_number;
        let from = caller_id.unwrap_or(&caller.from).to_owned();
        let child = self.add_leg(NewLeg {
            parent: Some(parent),
            from,
            to,
            caller_name: None,
            end,
            callback: noun.callback.clone(),
        });
        let timing = self.config.timing.clone();
        self.after(timing.leg_initiated, Timer::Child(child, Stage::Initiated));
        let next = if is_impossible {
            Stage::Does(Callee::Fails)
        } else {
            Stage::Rings
        };
        self.after(timing.leg_rings, Timer::Child(child, next));
        child
    }

    pub(super) fn child_comes(&mut self, child: LegId, stage: Stage) {
        if !self.living.contains(&child) {
            return;
        }
        match stage {
            Stage::Initiated => {
                self.legs[child.0].status = CallStatus::Initiated;
                self.tell(child, Told::Initiated);
            }
            Stage::Rings => self.child_rings(child),
            Stage::NoDevice => self.end(child, CallStatus::NoAnswer, Event::Over("no device")),
            Stage::Connects => self.connect(child),
            Stage::Does(callee) => self.callee(child, callee),
        }
    }

    fn child_rings(&mut self, child: LegId) {
        let timing = &self.config.timing;
        match &self.legs[child.0].end {
            End::Device(device) => {
                let identity = device.identity.clone();
                let registered = self.registered(&identity);
                if registered.is_empty() {
                    let wait = timing.no_device.saturating_sub(timing.leg_rings);
                    return self.after(wait, Timer::Child(child, Stage::NoDevice));
                }
                self.ring_on(child);
                self.invite(child, &registered);
            }
            End::Caller | End::Callee(_) => self.telephone_rings(child),
        }
    }

    pub(super) fn ring_on(&mut self, child: LegId) {
        self.legs[child.0].status = CallStatus::Ringing;
        self.tell(child, Told::Ringing);
        self.note(child, Event::Invited);
        // The page that calls out hears that it rings.
        let Some(parent) = self.legs[child.0].parent else {
            return;
        };
        let parent = &self.legs[parent.0];
        if let (Some(socket), false) = (
            parent.device().and_then(|device| device.socket),
            parent.is_answered(),
        ) {
            let call_sid = parent.sid.clone();
            self.out
                .push(Output::Frame(socket, ToPage::Ringing { call_sid }));
        }
    }

    /// A browser accepts: nobody else can from now on.
    pub(super) fn accept(&mut self, child: LegId, socket: SocketId) {
        let Some(parent) = self.legs[child.0].parent else {
            return;
        };
        let Activity::Dialing(dialing) = &mut self.legs[parent.0].activity else {
            return;
        };
        dialing.winner = Some(child);
        let rivals: Vec<_> = dialing
            .children
            .iter()
            .copied()
            .filter(|c| *c != child)
            .collect();
        self.note(child, Event::Accepted);
        self.dismiss_others(child, socket);
        for rival in rivals {
            self.end(
                rival,
                CallStatus::Canceled,
                Event::Over("answered elsewhere"),
            );
        }
        let soon = self.config.timing.accepted;
        self.after(soon, Timer::Child(child, Stage::Connects));
    }

    /// Audio: the child and its parent talk.
    pub(super) fn connect(&mut self, child: LegId) {
        let Some(parent) = self.legs[child.0].parent else {
            return;
        };
        let now = self.now;
        let rivals: Vec<_> = match &mut self.legs[parent.0].activity {
            Activity::Dialing(dialing) if dialing.children.contains(&child) => {
                dialing.winner = Some(child);
                dialing.connected = Some((child, now));
                dialing
                    .children
                    .iter()
                    .copied()
                    .filter(|c| *c != child)
                    .collect()
            }
            _ => return,
        };
        for rival in rivals {
            self.end(
                rival,
                CallStatus::Canceled,
                Event::Over("answered elsewhere"),
            );
        }
        self.answer(child);
        self.answer(parent);
        self.legs[parent.0].talks_to = Some(child);
        self.legs[child.0].talks_to = Some(parent);
        self.tell(child, Told::Answered);
        let with = match &self.legs[child.0].end {
            End::Device(device) => device.identity.clone(),
            End::Caller | End::Callee(_) => "a telephone".to_owned(),
        };
        self.note(parent, Event::Talks(with));
    }

    pub(super) fn dial_rang_long_enough(&mut self, id: LegId) {
        let Activity::Dialing(dialing) = &self.legs[id.0].activity else {
            return;
        };
        if dialing.winner.is_some() {
            return;
        }
        for child in dialing.children.clone() {
            self.end(child, CallStatus::NoAnswer, Event::Over("no answer"));
        }
    }

    /// One of the legs is over. If it was the one that counted, or the last one, so is the `<Dial>`.
    pub(super) fn child_over(&mut self, parent: LegId, child: LegId, status: CallStatus) {
        let Activity::Dialing(dialing) = &mut self.legs[parent.0].activity else {
            return;
        };
        if !dialing.children.contains(&child) {
            return;
        }
        dialing.children.retain(|other| *other != child);
        dialing.ended = Some(
            dialing
                .ended
                .map_or(status, |so_far| more_telling(so_far, status)),
        );
        let was_connected = dialing.connected.is_some_and(|(leg, _)| leg == child);
        if dialing.winner == Some(child) {
            dialing.winner = None;
        }
        if was_connected {
            self.dial_over(parent, CallStatus::Completed, Some(child));
        } else if dialing.children.is_empty() {
            let status = dialing.ended.unwrap_or(CallStatus::NoAnswer);
            self.dial_over(parent, not_canceled(status), Some(child));
        }
    }

    /// The `<Dial>` is over and the caller is still there: the action says what comes next, else the next verb does. A
    /// caller who is being redirected away waits for that.
    pub(super) fn dial_over(&mut self, id: LegId, status: CallStatus, child: Option<LegId>) {
        let Activity::Dialing(dialing) = self.turn_to(id, Activity::Asking) else {
            return;
        };
        self.part(id);
        self.end_children(&dialing, CallStatus::Canceled);
        let action = self.dial_result(id, &dialing, status, child);
        if let Some(leaving) = &mut self.legs[id.0].leaving {
            leaving.action = action;
            return;
        }
        match action {
            Some((target, extra)) => self.ask_later(id, &target, extra),
            None => {
                let turn = self.legs[id.0].turn;
                self.after(self.config.timing.turn, Timer::Next(id, turn));
            }
        }
    }

    /// The caller is gone. The action is asked all the same; its answer means nothing.
    pub(super) fn dial_without_caller(&mut self, id: LegId, dialing: &Dialing) {
        let connected = dialing.connected.map(|(child, _)| child);
        self.end_children(dialing, CallStatus::Canceled);
        let status = match connected {
            Some(_) => CallStatus::Completed,
            None => CallStatus::Canceled,
        };
        let child = connected.or_else(|| dialing.children.first().copied());
        if let Some((target, extra)) = self.dial_result(id, dialing, status, child) {
            self.mention(id, &target, extra);
        }
    }

    fn end_children(&mut self, dialing: &Dialing, unanswered: CallStatus) {
        for child in &dialing.children {
            let status = if self.legs[child.0].is_answered() {
                CallStatus::Completed
            } else {
                unanswered
            };
            self.end(*child, status, Event::Over("the dial is over"));
        }
    }

    /// Where the action is and what it is told; a recorded conversation becomes a recording here.
    fn dial_result(
        &mut self,
        id: LegId,
        dialing: &Dialing,
        status: CallStatus,
        child: Option<LegId>,
    ) -> Option<(Target, Vec<(String, String)>)> {
        let since = dialing.connected.map(|(_, since)| since);
        let lasted = since.map(|since| (self.now - since).as_secs());
        let mut extra = vec![
            ("DialCallStatus".to_owned(), status.as_str().to_owned()),
            ("DialBridged".to_owned(), since.is_some().to_string()),
        ];
        let child = dialing.connected.map(|(child, _)| child).or(child);
        if let Some(child) = child {
            extra.push(("DialCallSid".to_owned(), self.legs[child.0].sid.clone()));
        }
        if let Some(seconds) = lasted {
            extra.push(("DialCallDuration".to_owned(), seconds.to_string()));
            if dialing.is_recorded {
                let callback = dialing.recording_callback.clone();
                let (_, url) = self.keep_recording(id, seconds, callback, "DialVerb");
                extra.push(("RecordingUrl".to_owned(), url));
            }
        }
        dialing.action.clone().map(|target| (target, extra))
    }
}

/// Of two ends, the one that says more about why nobody answered.
fn more_telling(one: CallStatus, other: CallStatus) -> CallStatus {
    [CallStatus::NoAnswer, CallStatus::Canceled, CallStatus::Busy]
        .into_iter()
        .find(|word| *word == one || *word == other)
        .unwrap_or(one)
}

fn not_canceled(status: CallStatus) -> CallStatus {
    if status == CallStatus::Canceled {
        CallStatus::NoAnswer
    } else {
        status
    }
}
