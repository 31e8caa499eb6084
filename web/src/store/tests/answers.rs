//! What becomes of my own actions, and what I am told.

use super::*;

#[test]
fn a_lost_race_names_the_winner_and_the_lead() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    let answered = 1_767_355_230_500;
    store.take(asked(1, Intent::Answer));
    store.take(Action::Late(Late {
        call: call_id(1),
        intent: Intent::Answer,
        met_ms: answered + 140,
        row: Some(active(1, 2)),
    }));
    assert_eq!(
        said(&store),
        ["Rhonda answered +1 (415) 555-0101 140 ms earlier."]
    );
    assert!(store.pending.is_empty());
    let rhonda = &view(&store).agents[1];
    assert!(
        rhonda.call.is_some(),
        "the row that was looked up is applied"
    );
}

#[test]
fn a_lost_race_names_who_answered_though_the_call_was_handed_on() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    let mut row = active(1, 2);
    let sue = active(2, 3)["assigned_to"].clone();
    row.insert("claims".to_owned(), json!([{ "assigned_to": sue }]));
    store.take(Action::Late(Late {
        call: call_id(1),
        intent: Intent::Answer,
        met_ms: 1_767_355_230_500 + 140,
        row: Some(row),
    }));
    assert_eq!(
        said(&store),
        ["Sue answered +1 (415) 555-0101 140 ms earlier."]
    );
}

#[test]
fn a_lead_that_cannot_be_measured_is_a_moment() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    store.take(Action::Late(Late {
        call: call_id(1),
        intent: Intent::Answer,
        met_ms: 1_767_355_230_499,
        row: Some(active(1, 2)),
    }));
    assert_eq!(
        said(&store),
        ["Rhonda answered +1 (415) 555-0101 a moment earlier."]
    );
}

#[test]
fn other_ways_of_being_late_are_told_as_they_are() {
    let gone = json!({"status": "ended", "end_reason": "abandoned", "version": 70,
        "ended_at": "2026-01-02T12:02:00Z"});
    let cases = [
        (
            Intent::Answer,
            Some(call(1, &gone)),
            "The caller has hung up.",
        ),
        (
            Intent::Retrieve,
            Some(active(1, 3)),
            "Sue has already taken this call.",
        ),
        (Intent::Hold, Some(active(1, 3)), "Sue has this call now."),
        (
            Intent::Hold,
            Some(parked(1, 2, 3)),
            "This call is parked in slot 2 now.",
        ),
        (
            Intent::Answer,
            Some(active(1, 1)),
            "You already have this call.",
        ),
        (Intent::Answer, None, "This call is no longer on the board."),
    ];
    for (intent, row, sentence) in cases {
        let mut store = seen_by(1, vec![call(1, &json!({}))]);
        let (call, met_ms) = (call_id(1), 0);
        store.take(Action::Late(Late {
            call,
            intent,
            met_ms,
            row,
        }));
        assert_eq!(said(&store), [sentence]);
    }
}

#[test]
fn notices_are_few_and_never_said_twice() {
    let mut store = seen_by(1, Vec::new());
    for sentence in ["a", "a", "b", "c", "d"] {
        let (call, sentence) = (call_id(1), sentence.to_owned());
        store.take(Action::Refused { call, sentence });
    }
    assert_eq!(said(&store), ["b", "c", "d"]);
    let first = store.notices[0].id;
    store.take(Action::Dismissed(first));
    assert_eq!(said(&store), ["c", "d"]);
}
