//! What a call becomes: the rules of the migrations, for people by `model::transition`, for the service by hand.
//!
//! `crates/model/tests/referee` proves `transition` equal to the trigger; the run against the real database proves the
//! rest of this file.

use switchboard_model::transition::{Floor, State};
use switchboard_model::{
    Actor, Call, Direction, EndReason, Intent, ParkReason, Refusal, Status, transition,
};
use switchboard_webhook::rows::Step;
use time::OffsetDateTime;

/// The row after `actor` did `intent`.
pub(crate) fn by_person(
    before: &Call,
    actor: Actor,
    intent: Intent,
    floor: &Floor,
    now: OffsetDateTime,
) -> Result<Call, Refusal> {
    let state = transition(before, actor, intent, floor)?;
    let reasons = (ParkReason::ParkedByAgent, EndReason::EndedByAgent);
    Ok(becomes(before, state, reasons, now))
}

/// The row after the service did `step`; asking for what already is changes nothing.
pub(crate) fn by_service(before: &Call, step: &Step, floor: &Floor, now: OffsetDateTime) -> Call {
    let mut after = before.clone();
    let reasons = (ParkReason::AgentDropped, EndReason::Completed);
    match (step, before.status) {
        (Step::Keep { sid, seconds }, _) => {
            after.recording_sid = Some(sid.clone());
            after.recording_s = Some(*seconds);
        }
        (Step::End(EndReason::Voicemail), Status::Ended) => {
            after.end_reason = Some(EndReason::Voicemail);
        }
        (_, Status::Ended) => {}
        (Step::Connect, Status::Active) => {
            after.connected_at = after.connected_at.or(Some(now));
            after.answered_at = after.answered_at.or(after.connected_at);
        }
        (Step::Connect, Status::Ringing | Status::Parked) => {}
        (Step::Record, Status::Ringing) if before.voicemail_at.is_none() => {
            after.voicemail_at = Some(now);
            after.epoch += 1;
        }
        (Step::Record, _) => {}
        (Step::Requeue, Status::Ringing) | (Step::Park(_), Status::Parked) => {}
        (Step::Requeue, _) => return becomes(before, State::Ringing, reasons, now),
        (Step::Park(reason), _) => {
            let mut slots = 1..;
            let slot = slots.find(|slot| !floor.taken_slots.contains(slot));
            let state = State::Parked {
                slot: slot.unwrap(),
            };
            return becomes(before, state, (*reason, reasons.1), now);
        }
        (Step::End(reason), _) => {
            return becomes(before, State::Ended, (reasons.0, *reason), now);
        }
    }
    after
}

fn becomes(
    before: &Call,
    state: State,
    (parks, ends): (ParkReason, EndReason),
    now: OffsetDateTime,
) -> Call {
    let mut call = before.clone();
    match state {
        State::Active { agent, on_hold } => {
            if before.status == Status::Active && before.assigned_to == Some(agent) {
                if before.on_hold != on_hold {
                    call.on_hold = on_hold;
                    call.held_at = on_hold.then_some(now);
                    call.epoch += 1;
                }
                return call;
            }
            // An answer happens inside the dial that is running; while a message is recorded none does.
            call.epoch +=
                i32::from(before.status != Status::Ringing || before.voicemail_at.is_some());
            call.status = Status::Active;
            call.assigned_to = Some(agent);
            call.last_agent = Some(agent);
            let answers = before.direction == Direction::Inbound;
            call.answered_at = before.answered_at.or(answers.then_some(now));
            call.connected_at = None;
            leave_the_lot(&mut call);
        }
        State::Parked { slot } => {
            call.parking_slot = Some(slot);
            if before.status == Status::Parked {
                return call;
            }
            call.status = Status::Parked;
            call.parked_at = Some(now);
            call.park_reason = Some(parks);
            call.assigned_to = None;
            call.connected_at = None;
            call.epoch += 1;
        }
        State::Ended => {
            call.status = Status::Ended;
            call.ended_at = Some(now);
            call.end_reason = Some(ends);
            call.epoch += 1;
            leave_the_lot(&mut call);
        }
        State::Ringing => {
            call.status = Status::Ringing;
            call.assigned_to = None;
            call.answered_at = None;
            call.connected_at = None;
            call.epoch += 1;
            leave_the_lot(&mut call);
        }
    }
    call.on_hold = false;
    call.held_at = None;
    call.voicemail_at = None;
    call
}

fn leave_the_lot(call: &mut Call) {
    call.parking_slot = None;
    call.parked_at = None;
    call.park_reason = None;
}
