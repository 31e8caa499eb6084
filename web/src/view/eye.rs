//! How one member sees each row of the board.

use switchboard_model::transition::Floor;
use switchboard_model::{
    Actor, Board, Call, Intent, Member, MemberId, ParkReason, Status, transition,
};
use yew::AttrValue;

use super::{AgentView, CallView, Colleague, Offers, Reach, Talk};
use crate::format::{caller, initials, millis};
use crate::store::Store;
use crate::texts;

/// A member, and what they look at.
pub(super) struct Eye<'a> {
    pub(super) board: &'a Board,
    pub(super) floor: Floor,
    pub(super) actor: Actor,
    pub(super) may_act: bool,
    pub(super) store: &'a Store,
}

impl Eye<'_> {
    pub(super) fn call(&self, call: &Call) -> CallView {
        let (title, line) = caller(call, self.board);
        let is_mine = call.assigned_to == Some(self.actor.id) && call.status == Status::Active;
        let muted = self.store.muted.filter(|_| is_mine);
        let name = |id: Option<MemberId>| {
            let member = id.and_then(|id| self.board.member(id));
            member.map(|member| member.display_name.as_str())
        };
        let last = name(call.last_agent);
        let since = match call.parked_at.or(call.answered_at) {
            Some(at) if call.status != Status::Ringing => at,
            _ => call.created_at,
        };
        CallView {
            id: call.id,
            title: title.into(),
            line: line.into(),
            company: call.caller_company.clone().map(AttrValue::from),
            since_ms: millis(since),
            held_ms: call.held_at.filter(|_| call.on_hold).map(millis),
            talk: match call.connected_at {
                _ if muted == Some(true) => Talk::Muted,
                None if !self.store.has_audio => Talk::Through,
                None if call.is_calling() => Talk::Calling,
                None => Talk::Connecting,
                Some(_) => Talk::Through,
            },
            has_audio: self.store.has_audio,
            is_hushed: self.store.hushed.contains(&call.id),
            leaves_message: call.voicemail_at.is_some() && call.status == Status::Ringing,
            why: match (call.status, last) {
                (Status::Ringing, None) => String::new(),
                (Status::Ringing, Some(name)) => texts::back_from(name),
                (Status::Active, _) if call.moved_by == call.assigned_to => String::new(),
                (Status::Active, _) => name(call.moved_by).map_or_else(String::new, texts::from),
                _ => texts::parked_why(call.park_reason, last, name(call.moved_by)),
            }
            .into(),
            offers: Offers {
                mute: muted.is_some(),
                ..self.offers(call)
            },
            is_pending: self.store.is_pending(call.id),
            was_mine: call.last_agent == Some(self.actor.id),
            is_lifted: false,
        }
    }

    /// Nobody but the service of the audio lets a parked call ring again. One whose agent lost the line comes back
    /// sooner.
    pub(super) fn rings_again(&self, call: &Call) -> Option<i64> {
        let waits = call.park_reason != Some(ParkReason::AgentDropped);
        let seconds = self.board.settings()?.park_timeout_s?;
        let until = millis(call.parked_at?) + i64::from(seconds) * 1000;
        (self.store.has_audio && waits).then_some(until)
    }

    fn offers(&self, call: &Call) -> Offers {
        if !self.may_act {
            return Offers::default();
        }
        let can = |intent| transition(call, self.actor, intent, &self.floor).is_ok();
        if self.store.has_audio && call.is_calling() {
            return Offers {
                end: can(Intent::End),
                ..Offers::default()
            };
        }
        Offers {
            answer: can(Intent::Answer),
            park: can(Intent::Park { slot: None }),
            retrieve: can(Intent::Retrieve),
            hold: can(Intent::Hold),
            mute: false,
            // To oneself it is nothing, and shows whose right it is.
            transfer: call
                .assigned_to
                .is_some_and(|holder| can(Intent::Transfer { to: holder })),
            end: can(Intent::End),
        }
    }

    pub(super) fn agent(&self, member: &Member) -> AgentView {
        let call = self
            .board
            .active_call_of(member.id)
            .map(|call| self.call(call));
        let may_transfer = call.as_ref().is_some_and(|call| call.offers.transfer);
        AgentView {
            id: member.id,
            identity: member.identity.clone().into(),
            name: member.display_name.clone().into(),
            initials: initials(&member.display_name).into(),
            is_me: member.id == self.actor.id,
            is_supervisor: member.is_supervisor(),
            reach: Reach::of(member, self.store.has_audio),
            colleagues: if may_transfer {
                self.free_but(member.id)
            } else {
                Vec::new()
            },
            call,
        }
    }

    /// Everybody else who is not on a call, those on duty first.
    fn free_but(&self, holder: MemberId) -> Vec<Colleague> {
        let mut free: Vec<_> = self
            .board
            .members()
            .into_iter()
            .filter(|member| member.id != holder && !self.floor.busy.contains(&member.id))
            .map(|member| Colleague {
                id: member.id,
                name: member.display_name.clone().into(),
                initials: initials(&member.display_name).into(),
                reach: Reach::of(member, self.store.has_audio),
            })
            .collect();
        free.sort_by_key(|colleague| !matches!(colleague.reach, Reach::Ready | Reach::Unsaid));
        free
    }
}
