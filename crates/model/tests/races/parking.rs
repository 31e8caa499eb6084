//! The parking lot: many park at once, several come for the same call, one slot is wanted by all.

use std::collections::BTreeSet;

use switchboard_model::{CallId, Intent};

use crate::floor::{Ask, Floor};

/// As many calls as there are slots are parked into the first free one; then everybody goes for two of them at once.
pub(crate) async fn all_park_and_retrieve(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let count = usize::try_from(floor.slots).unwrap().min(12);
    let calls = floor.answered(count).await;
    let park = |(place, call): (usize, &CallId)| {
        Ask::Act(
            floor.racers[place].clone(),
            *call,
            Intent::Park { slot: None },
        )
    };
    let asks = calls.iter().enumerate().map(park).collect();
    let answers = floor.at_once(asks).await;
    let slots: BTreeSet<i64> = answers
        .iter()
        .map(|answer| answer.body[0]["parking_slot"].as_i64().unwrap())
        .collect();
    let first = 1..=i64::try_from(count).unwrap();
    assert!(slots.into_iter().eq(first), "round {round}: {answers:?}");

    let mut asks = Vec::new();
    for (place, racer) in floor.racers.iter().enumerate() {
        for step in [0, 1] {
            let call = calls[(place + step + round as usize) % count];
            asks.push(Ask::Act(racer.clone(), call, Intent::Retrieve));
        }
    }
    let answers = floor.at_once(asks).await;
    for answer in &answers {
        let refusal = answer.refusal();
        assert!(
            refusal.is_none() || refusal == Some("on_another_call"),
            "{}",
            answer.body
        );
    }
    let retrieved = answers.iter().filter(|answer| answer.is_done()).count();
    assert!(
        retrieved > 0 && retrieved <= count,
        "round {round}: {retrieved}"
    );
    if retrieved == count {
        "all retrieved"
    } else {
        "some stay parked"
    }
}

/// Eight calls for one slot: one gets it, the others stay with their agents.
pub(crate) async fn one_slot(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let calls = floor.answered(8).await;
    let slot = 1 + i16::try_from(round % 5).unwrap() % floor.slots;
    let park = |(place, call): (usize, &CallId)| {
        Ask::Act(
            floor.racers[place].clone(),
            *call,
            Intent::Park { slot: Some(slot) },
        )
    };
    let asks = calls.iter().enumerate().map(park).collect();
    let answers = floor.at_once(asks).await;
    let parked = answers.iter().filter(|answer| answer.is_done()).count();
    assert_eq!(parked, 1, "round {round}: {answers:?}");
    for answer in answers.iter().filter(|answer| !answer.is_done()) {
        assert_eq!(
            answer.refusal(),
            Some("slot_taken"),
            "round {round}: {}",
            answer.body
        );
    }
    "one is parked"
}
