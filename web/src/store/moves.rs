//! What is said of a call that changed hands, to somebody who had it or gave it away: the board shows where it is, and
//! not what happened.

use switchboard_model::{Board, CallId, Change, MemberId, ParkReason, Status};

use crate::format::caller;
use crate::texts;

/// A call that somebody has, and `me` has or gave away, before a change.
pub(super) struct Had {
    call: CallId,
    agent: Option<MemberId>,
    is_heard: bool,
    who: String,
}

impl Had {
    /// What is worth remembering of the call that the change is about.
    pub(super) fn before(change: &Change, me: MemberId, board: &Board) -> Option<Self> {
        let call = board.call(change.record.get("id")?.as_str()?.parse().ok()?)?;
        let concerns_me = call.assigned_to == Some(me) || call.moved_by == Some(me);
        (concerns_me && call.status == Status::Active).then(|| Self {
            call: call.id,
            agent: call.assigned_to,
            is_heard: call.connected_at.is_some(),
            who: caller(call, board).0,
        })
    }

    /// What `me` is told once the change is on the board.
    pub(super) fn told(&self, change: &Change, me: MemberId, board: &Board) -> Option<String> {
        let name = |id: Option<MemberId>| {
            let member = id.and_then(|id| board.member(id));
            member.map_or(texts::a_colleague(), |member| &member.display_name)
        };
        let (agent, who) = (name(self.agent), &self.who);
        let now = board.call(self.call);
        let active = now.filter(|call| call.status == Status::Active);
        let holder = active.and_then(|call| call.assigned_to);
        if self.agent == Some(me) {
            let mover = change.record.get("moved_by")?.as_str()?.parse().ok();
            if holder == self.agent || mover == Some(me) {
                return None;
            }
            let mover = name(mover);
            return Some(match (now, holder) {
                (_, Some(_)) => texts::yours_moved(mover, name(holder), who),
                (Some(_), None) => texts::yours_parked(mover, who),
                (None, None) => texts::yours_ended(mover, who),
            });
        }
        let now = now?;
        if holder == self.agent {
            let is_taken = !self.is_heard && now.connected_at.is_some();
            return is_taken.then(|| texts::has_it(agent, who));
        }
        let is_back = matches!(
            now.park_reason,
            Some(ParkReason::TransferFailed | ParkReason::Unreachable)
        );
        let slot = now.parking_slot.filter(|_| is_back)?;
        Some(texts::not_taken(agent, &slot.to_string(), who))
    }
}
