//! The board as it will be once what I asked for is done: shown at once, and taken back by itself when the database
//! says something else.

use switchboard_model::transition::State;
use switchboard_model::{
    Board, Call, CallId, Intent, Member, MemberId, ParkReason, Status, transition,
};
use time::{Duration, OffsetDateTime};

/// Something that I asked for and that is not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    /// The call.
    pub(crate) call: CallId,
    /// What I asked for.
    pub(crate) intent: Intent,
    /// When, on the server's clock, in milliseconds since 1970.
    pub(crate) at_ms: i64,
}

/// `board` with everything done that `me` has asked for, one after the other, as far as the rules allow it. What was
/// done meanwhile, by me or by somebody else, is not allowed once more, and stays as it is.
pub(crate) fn supposed(board: &Board, me: &Member, pending: &[Pending]) -> Board {
    let mut board = board.clone();
    for asked in pending {
        let call = board.call(asked.call).and_then(|call| {
            let state = transition(call, me.into(), asked.intent, &board.floor()).ok()?;
            let at = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(asked.at_ms);
            Some(entered(call.clone(), state, (me.id, at)))
        });
        if let Some(call) = call {
            board.suppose(call);
        }
    }
    board
}

/// What the database makes of a row that enters `state`, as far as a board shows it.
fn entered(mut call: Call, state: State, (me, at): (MemberId, OffsetDateTime)) -> Call {
    let moves = match state {
        State::Active { agent, .. } => call.assigned_to != Some(agent),
        State::Parked { .. } => call.status != Status::Parked,
        State::Ringing | State::Ended => true,
    };
    if moves {
        call.moved_by = Some(me);
        call.connected_at = None;
        call.parked_at = None;
        call.held_at = None;
        call.on_hold = false;
    }
    call.parking_slot = None;
    match state {
        State::Ringing => call.status = Status::Ringing,
        State::Active { agent, on_hold } => {
            call.status = Status::Active;
            call.assigned_to = Some(agent);
            call.last_agent = Some(agent);
            call.answered_at.get_or_insert(at);
            call.on_hold = on_hold;
            call.held_at = on_hold.then(|| call.held_at.unwrap_or(at));
        }
        State::Parked { slot } => {
            if moves {
                call.last_agent = call.assigned_to.take();
                call.park_reason = Some(ParkReason::ParkedByAgent);
                call.parked_at = Some(at);
            }
            call.status = Status::Parked;
            call.parking_slot = Some(slot);
        }
        State::Ended => call.status = Status::Ended,
    }
    call
}
