//! What is said of a call that changed hands.

use super::*;

const NOTHING: [&str; 0] = [];

/// A row of call 1, later than all others.
fn next(more: &Value) -> Map<String, Value> {
    let mut row = active(1, 1);
    let Value::Object(more) = more else {
        panic!("an object")
    };
    row.extend(more.clone());
    row.insert("version".to_owned(), json!(100));
    row
}

/// What `reader` reads when `before` becomes `after`.
fn read_by(reader: u8, before: Map<String, Value>, after: &Value) -> Vec<String> {
    let mut store = seen_by(reader, vec![before]);
    store.take(heard(next(after)));
    // The other lane brings it once more.
    store.take(heard(next(after)));
    let read = store.notices.iter().map(|notice| notice.text.to_string());
    read.collect()
}

fn parked_by(mover: Option<u8>) -> Value {
    json!({"status": "parked", "assigned_to": null, "parking_slot": 1, "last_agent": member_id(1),
        "moved_by": mover.map(member_id), "park_reason": "parked_by_agent"})
}

#[test]
fn whoever_loses_a_call_is_told_to_whom() {
    let who = "+1 (415) 555-0101";
    assert_eq!(
        read_by(1, active(1, 1), &parked_by(Some(3))),
        [format!("Sue parked your call with {who}.")]
    );
    let handed = json!({"assigned_to": member_id(2), "moved_by": member_id(3)});
    let moved = format!("Sue transferred your call with {who} to Rhonda.");
    assert_eq!(read_by(1, active(1, 1), &handed), [moved]);
    let ended = json!({"status": "ended", "ended_at": "2026-01-02T12:05:00Z", "end_reason": "ended_by_agent",
        "moved_by": member_id(3)});
    assert_eq!(
        read_by(1, active(1, 1), &ended),
        [format!("Sue ended your call with {who}.")]
    );
}

#[test]
fn what_one_did_oneself_and_what_nobody_did_is_no_news() {
    assert_eq!(read_by(1, active(1, 1), &parked_by(Some(1))), NOTHING);
    assert_eq!(
        read_by(1, active(1, 1), &parked_by(None)),
        NOTHING,
        "the line was lost"
    );
    assert_eq!(
        read_by(2, active(1, 1), &parked_by(Some(3))),
        NOTHING,
        "of others' calls"
    );
    // Handed to me by Rhonda, and still mine.
    let mut from_rhonda = active(1, 1);
    from_rhonda.insert("moved_by".to_owned(), json!(member_id(2)));
    let held =
        json!({"moved_by": member_id(2), "on_hold": true, "held_at": "2026-01-02T12:05:00Z"});
    assert_eq!(read_by(1, from_rhonda, &held), NOTHING);
}

#[test]
fn whoever_hands_a_call_on_is_told_what_came_of_it() {
    let who = "+1 (415) 555-0101";
    let mut handed = active(1, 1);
    handed.insert("moved_by".to_owned(), json!(member_id(2)));
    let heard = json!({"moved_by": member_id(2), "connected_at": "2026-01-02T12:05:00Z"});
    assert_eq!(
        read_by(2, handed.clone(), &heard),
        [format!("Doug is talking with {who} now.")]
    );
    assert_eq!(
        read_by(3, handed.clone(), &heard),
        NOTHING,
        "nobody else is told"
    );
    let mut talking = handed.clone();
    talking.insert("connected_at".to_owned(), json!("2026-01-02T12:05:00Z"));
    let mut noted = heard;
    noted["note"] = json!("Calls back.");
    assert_eq!(read_by(2, talking, &noted), NOTHING, "it is told once");
    let mut back = parked_by(None);
    back["park_reason"] = json!("transfer_failed");
    let missed = format!("Doug did not take your transfer: {who} is parked in 1.");
    assert_eq!(read_by(2, handed.clone(), &back), [missed]);
    assert_eq!(
        read_by(2, handed, &parked_by(Some(1))),
        NOTHING,
        "Doug did with it as he likes"
    );
}
