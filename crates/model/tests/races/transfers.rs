//! Transfers: against the end, against each other, and several to one colleague.

use serde_json::json;
use switchboard_model::Intent;

use crate::floor::{Ask, Floor};

/// The caller hangs up while the call is handed on: it ends, whoever has it.
pub(crate) async fn meets_the_end(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let call = floor.answered_by(0).await;
    let to = floor.free(1, round).id;
    let mut asks = vec![
        Ask::Act(floor.racers[0].clone(), call, Intent::Transfer { to }),
        Ask::Service(
            call,
            "&status=neq.ended",
            json!({ "status": "ended", "end_reason": "completed" }),
        ),
    ];
    let transfer = usize::from(round % 2 == 1);
    asks.rotate_left(transfer);
    let answers = floor.at_once(asks).await;
    assert!(
        answers[1 - transfer].is_done(),
        "round {round}: {answers:?}"
    );
    let row = floor.row(call).await;
    assert_eq!(row["status"], "ended", "round {round}");
    let holder = if answers[transfer].is_done() {
        to
    } else {
        floor.racers[0].id
    };
    assert_eq!(row["assigned_to"], holder.to_string(), "round {round}");
    if answers[transfer].is_done() {
        "handed on, then ended"
    } else {
        "ended, too late to hand on"
    }
}

/// Two agents hand their calls to each other. Each finds the other on a call, and neither waits for the other.
pub(crate) async fn cross(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let calls = floor.answered(2).await;
    let [one, other] = [floor.racers[0].clone(), floor.racers[1].clone()];
    let to = |racer: &crate::team::Racer| Intent::Transfer { to: racer.id };
    let mut asks = vec![
        Ask::Act(one.clone(), calls[0], to(&other)),
        Ask::Act(other.clone(), calls[1], to(&one)),
    ];
    asks.rotate_left(usize::from(round % 2 == 1));
    for answer in floor.at_once(asks).await {
        assert_eq!(
            answer.refusal(),
            Some("colleague_busy"),
            "round {round}: {}",
            answer.body
        );
    }
    "both stay"
}

/// Three agents hand their calls to one who is free: one of them does.
pub(crate) async fn to_one_colleague(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let calls = floor.answered(3).await;
    let to = floor.free(3, round).id;
    let mut asks: Vec<Ask> = (0..3)
        .map(|place| {
            Ask::Act(
                floor.racers[place].clone(),
                calls[place],
                Intent::Transfer { to },
            )
        })
        .collect();
    asks.rotate_left(round as usize % 3);
    let answers = floor.at_once(asks).await;
    let done = answers.iter().filter(|answer| answer.is_done()).count();
    assert_eq!(done, 1, "round {round}: {answers:?}");
    for answer in answers.iter().filter(|answer| !answer.is_done()) {
        assert_eq!(
            answer.refusal(),
            Some("colleague_busy"),
            "round {round}: {}",
            answer.body
        );
    }
    "one is handed on"
}
