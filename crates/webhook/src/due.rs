//! What has to be done about a call's audio: a pure question, answered from one look at the call.
//!
//! Level-triggered: it compares what the row says with what the customer hears, and asks nothing of the past. Whatever
//! was lost on the way, the next look finds the difference again.

use std::time::Duration;

use switchboard_model::{ParkReason, Status};
use time::OffsetDateTime;

use crate::rows::{Floor, LegState, Scene};
use crate::timings::Timings;

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The customer hears something else than the row says.
    Render,
    /// The row has ended, and nobody has told the customer.
    HangUp,
    /// The agent did not get audio in time, or is said to have it and the row does not say so yet.
    Lease,
    /// A telephone that an agent called has been quiet for long: maybe it was picked up, and nobody told us.
    Untold,
    /// The agent's leg is over, and the end of the `<Dial>` was not told.
    Drop,
    /// It was parked for too long.
    Requeue,
    /// It was quiet for so long that Twilio must be asked.
    Check,
}

/// The first thing that is due for a call. `quiet` is how long it may go without being asked after.
#[must_use]
pub fn due(scene: &Scene, floor: &Floor, timings: &Timings, quiet: Duration) -> Option<Due> {
    let call = &scene.call;
    if call.status == Status::Ended {
        let is_rendered = scene.audio.rendered_epoch.is_none() || scene.is_rendered();
        return (!is_rendered).then_some(Due::HangUp);
    }
    let now = match scene.audio.rendered_epoch {
        // Its first answer may be on the way.
        None => {
            (!is_within(call.created_at, timings.first_answer, scene.now)).then_some(Due::Render)
        }
        Some(_) if !scene.is_rendered() => Some(Due::Render),
        Some(_) => match call.status {
            Status::Ringing => ringing(scene, floor),
            Status::Active if call.on_hold => None,
            Status::Active => active(scene, timings),
            Status::Parked => parked(scene, floor, timings),
            Status::Ended => None,
        },
    };
    now.or_else(|| {
        let asked = scene.audio.checked_at.unwrap_or(call.created_at);
        (!is_within(asked, quiet, scene.now)).then_some(Due::Check)
    })
}

fn ringing(scene: &Scene, floor: &Floor) -> Option<Due> {
    let legs = &scene.audio.legs;
    let is_talking = legs.values().any(|leg| leg.state == LegState::Answered);
    let nobody_rings = legs.is_empty() && scene.call.voicemail_at.is_none();
    (is_talking || nobody_rings && !floor.ringable.is_empty()).then_some(Due::Render)
}

/// Whether the time is over in which the agent was to get audio.
#[must_use]
pub fn is_too_late(scene: &Scene, timings: &Timings) -> bool {
    match scene.audio.lease_until {
        Some(until) => until <= scene.now,
        // Rung with everybody else, the time runs from the claim.
        None => {
            let claimed = scene.claimed_at.or(scene.call.answered_at);
            scene.call.connected_at.is_none()
                && claimed.is_some_and(|at| !is_within(at, timings.lease, scene.now))
        }
    }
}

fn active(scene: &Scene, timings: &Timings) -> Option<Due> {
    let audio = &scene.audio;
    let awaited = scene.awaited()?;
    let intruder = audio
        .legs
        .iter()
        .any(|(who, leg)| who != awaited && leg.state == LegState::Answered);
    if intruder {
        return Some(Due::Render);
    }
    let is_over = is_too_late(scene, timings);
    let is_connected = scene.call.connected_at.is_some() && audio.lease_until.is_none();
    let leg = audio.legs.get(awaited);
    match leg.map(|leg| leg.state) {
        // While the lease runs, the customer's own verbs dial again.
        None | Some(LegState::Ended) if audio.lease_until.is_some() => {
            is_over.then_some(Due::Lease)
        }
        Some(LegState::Ended) if is_connected => {
            let is_late = leg.is_some_and(|leg| !is_within(leg.at, timings.action, scene.now));
            is_late.then_some(Due::Drop)
        }
        None if is_connected => None,
        // Who claims without being rung is dialled at once.
        None | Some(LegState::Ended) => Some(Due::Render),
        Some(LegState::Dialled | LegState::Initiated | LegState::Ringing) => {
            let is_untold = || {
                let heard = leg.map(|leg| leg.at).max(audio.checked_at);
                scene.is_carried_by_agent()
                    && heard.is_some_and(|at| !is_within(at, timings.untold, scene.now))
            };
            match is_over {
                true => Some(Due::Lease),
                false => is_untold().then_some(Due::Untold),
            }
        }
        Some(LegState::Answered) => (!is_connected).then_some(Due::Lease),
    }
}

fn parked(scene: &Scene, floor: &Floor, timings: &Timings) -> Option<Due> {
    let since = scene.call.parked_at?;
    let patience = match scene.call.park_reason {
        Some(ParkReason::AgentDropped) => timings.come_back,
        Some(ParkReason::ParkedByAgent | ParkReason::Unreachable | ParkReason::TransferFailed)
        | None => Duration::from_secs(floor.settings.park_timeout_s.unsigned_abs()),
    };
    (!is_within(since, patience, scene.now)).then_some(Due::Requeue)
}

fn is_within(since: OffsetDateTime, span: Duration, now: OffsetDateTime) -> bool {
    now < since + span
}

#[cfg(test)]
mod tests;
