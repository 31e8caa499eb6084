//! The caller hangs up while the agent does something.

use serde_json::{Value, json};
use switchboard_model::Intent;

use crate::floor::{Ask, Floor};

/// A call that was put on hold ends like any other.
pub(crate) async fn hold_meets_the_end(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let (first, row) = against_the_end(floor, round, Intent::Hold).await;
    assert_eq!(row["on_hold"], false, "round {round}");
    if first {
        "held, then ended"
    } else {
        "ended, too late to hold"
    }
}

/// A call that was parked ends in its slot, which is free again.
pub(crate) async fn park_meets_the_end(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let (first, row) = against_the_end(floor, round, Intent::Park { slot: Some(1) }).await;
    assert_eq!(row["parking_slot"], Value::Null, "round {round}");
    if first {
        "parked, then ended"
    } else {
        "ended, too late to park"
    }
}

/// Whether the agent's action came first, and the row in the end.
async fn against_the_end(floor: &mut Floor<'_>, round: u32, intent: Intent) -> (bool, Value) {
    let call = floor.answered_by(0).await;
    // As the webhook ends what was answered.
    let end = json!({ "status": "ended", "end_reason": "completed" });
    let mut asks = vec![
        Ask::Act(floor.racers[0].clone(), call, intent),
        Ask::Service(call, "&status=neq.ended&answered_at=not.is.null", end),
    ];
    let action = usize::from(round % 2 == 1);
    asks.rotate_left(action);
    let answers = floor.at_once(asks).await;
    assert!(answers[1 - action].is_done(), "round {round}: {answers:?}");
    let row = floor.row(call).await;
    assert_eq!(row["status"], "ended", "round {round}");
    assert_eq!(row["end_reason"], "completed", "round {round}");
    (answers[action].is_done(), row)
}
