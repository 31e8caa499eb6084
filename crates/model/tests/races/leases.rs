//! A claim that was never confirmed goes back to the queue. Both sides are compare-and-set: the service takes the call
//! back only while no leg is connected, and a leg is connected only while the call is active.

use serde_json::{Value, json};
use switchboard_model::Intent;

use crate::floor::{Ask, Floor};

const UNCONFIRMED: &str = "&status=eq.active&connected_at=is.null";

/// Either the agent talks, or the call rings for everybody; never both.
pub(crate) async fn expiry_meets_confirmation(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let call = floor.answered_by(0).await;
    let mut asks = vec![
        Ask::Service(call, UNCONFIRMED, json!({ "status": "ringing" })),
        Ask::Service(
            call,
            UNCONFIRMED,
            json!({ "connected_at": "2026-01-01T00:00:00Z" }),
        ),
    ];
    let expiry = usize::from(round % 2 == 1);
    asks.rotate_left(expiry);
    let answers = floor.at_once(asks).await;
    let done: Vec<bool> = answers
        .iter()
        .map(crate::project::Answer::is_done)
        .collect();
    assert_ne!(done[0], done[1], "round {round}: {answers:?}");
    let row = floor.row(call).await;
    if done[expiry] {
        assert_eq!(row["status"], "ringing", "round {round}");
        assert_eq!(row["connected_at"], Value::Null, "round {round}");
        "rings again"
    } else {
        assert_eq!(row["status"], "active", "round {round}");
        assert!(row["connected_at"].is_string(), "round {round}: {row}");
        "connected"
    }
}

/// The agent parks, holds or ends the call just as it is taken back.
pub(crate) async fn expiry_meets_the_agent(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let call = floor.answered_by(0).await;
    let intents = [Intent::Park { slot: None }, Intent::Hold, Intent::End];
    let intent = intents[round as usize % 3];
    let mut asks = vec![
        Ask::Service(call, UNCONFIRMED, json!({ "status": "ringing" })),
        Ask::Act(floor.racers[0].clone(), call, intent),
    ];
    let expiry = usize::from(round % 2 == 1);
    asks.rotate_left(expiry);
    let answers = floor.at_once(asks).await;
    let (taken_back, acted) = (&answers[expiry], &answers[1 - expiry]);
    let row = floor.row(call).await;
    // An agent who no longer has the call cannot end it, though the end's filter lets a ringing call through.
    assert!(
        acted.refusal().is_none_or(|hint| hint == "not_yours"),
        "{}",
        acted.body
    );
    match (taken_back.is_done(), acted.is_done()) {
        (true, false) => {
            assert_eq!(row["status"], "ringing", "round {round}");
            "rings again"
        }
        (false, true) => {
            assert_ne!(row["status"], "ringing", "round {round}");
            "the agent was first"
        }
        // A call on hold is still active and unconfirmed.
        (true, true) if intent == Intent::Hold => {
            assert_eq!(row["status"], "ringing", "round {round}");
            assert_eq!(row["on_hold"], false, "round {round}");
            "held, then rings again"
        }
        other => panic!("round {round}, {intent:?}: {other:?} {answers:?}"),
    }
}
