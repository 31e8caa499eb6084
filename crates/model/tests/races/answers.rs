//! Everybody answers one call.

use switchboard_model::{Intent, request};

use crate::floor::{Ask, Floor};

/// One racer gets it; the others learn that they were late, and those who ask the trigger itself, who was first.
pub(crate) async fn twenty_answer(floor: &mut Floor<'_>, round: u32) -> &'static str {
    let call = floor.ring().await;
    // Each racer stands at each place of the queue once.
    let mut racers = floor.racers.clone();
    let places = racers.len();
    racers.rotate_left(round as usize % places);
    let ask = |(place, racer): (usize, &crate::team::Racer)| match place % 4 {
        3 => Ask::Rogue(racer.clone(), call, Intent::Answer),
        _ => Ask::Act(racer.clone(), call, Intent::Answer),
    };
    let asks = racers.iter().enumerate().map(ask).collect();
    let answers = floor.at_once(asks).await;
    let winners: Vec<usize> = (0..places)
        .filter(|place| answers[*place].is_done())
        .collect();
    let [place] = winners.as_slice() else {
        panic!("round {round}: {} won: {answers:?}", winners.len());
    };
    let winner = &racers[*place];
    let row = floor.row(call).await;
    assert_eq!(row["assigned_to"], winner.id.to_string(), "round {round}");
    for answer in answers
        .iter()
        .filter(|answer| !answer.is_done() && !answer.is_lost())
    {
        assert_eq!(
            answer.refusal(),
            Some("already_answered"),
            "round {round}: {}",
            answer.body
        );
        let sentence = answer.body["message"].as_str().unwrap();
        let told = sentence.starts_with(&format!("{} answered this call ", winner.name));
        assert!(
            told && sentence.ends_with(" earlier"),
            "round {round}: {sentence}"
        );
        let details: serde_json::Value =
            serde_json::from_str(answer.body["details"].as_str().unwrap()).unwrap();
        assert_eq!(details["by_id"], winner.id.to_string(), "round {round}");
        // The line of the log is written a moment after the row's own time.
        assert!(
            details["at"].as_str() >= row["answered_at"].as_str(),
            "round {round}: {details}"
        );
    }
    // Who asks the row instead, as the dashboard does, is told the same, even if the call was handed on at once.
    let [late, next] = [0, 1].map(|step| &racers[(*place + 1 + step) % places]);
    let handed_on = Ask::Act(winner.clone(), call, Intent::Transfer { to: next.id });
    assert!(floor.at_once(vec![handed_on]).await[0].is_done());
    let looked_up = late.caller.ask(&request::call(call)).await;
    let row = &looked_up.body[0];
    assert_eq!(row["assigned_to"], next.id.to_string(), "round {round}");
    assert_eq!(
        row["claims"][0]["assigned_to"],
        winner.id.to_string(),
        "round {round}"
    );
    "one winner"
}
