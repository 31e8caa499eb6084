//! One change after the other, as the lanes bring them.

use serde_json::json;

use super::*;

#[test]
fn the_higher_version_wins_whatever_the_order_of_arrival() {
    let mut board = Board::default();
    assert_eq!(board.apply(&change(1, 7, "active")), Applied::Changed);
    assert_eq!(board.apply(&change(1, 5, "ringing")), Applied::Stale);
    assert_eq!(board.apply(&change(1, 7, "active")), Applied::Stale);
    assert_eq!(board.call(call_id(1)).unwrap().status, Status::Active);
}

#[test]
fn an_ended_call_leaves_and_late_news_do_not_bring_it_back() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "active"));
    assert_eq!(board.apply(&change(1, 6, "ended")), Applied::Changed);
    assert_eq!(board.apply(&change(1, 5, "active")), Applied::Stale);
    assert!(shown(&board).is_empty());

    // Nor if the board hears of the end first, or a snapshot was taken before the end.
    let mut board = Board::default();
    let asked = board.snapshot_asked();
    board.apply(&change(1, 6, "ended"));
    board.apply(&change(1, 5, "active"));
    board.apply_snapshot(asked, snapshot(vec![call(1, 5, "active")]));
    assert!(shown(&board).is_empty());
}

#[test]
fn keys_that_a_change_leaves_out_keep_their_old_value() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "ringing"));
    let mut partial = row(1, 6, "active");
    partial.remove("note");
    assert_eq!(board.apply(&Change::of_call(partial)), Applied::Changed);
    assert_eq!(
        board.call(call_id(1)).unwrap().note.as_deref(),
        Some("note of 5")
    );
}

#[test]
fn a_partial_row_that_is_not_known_asks_for_a_snapshot() {
    let mut partial = row(1, 6, "active");
    partial.remove("from_number");
    let mut board = Board::default();
    assert_eq!(board.apply(&Change::of_call(partial)), Applied::Incomplete);
    assert_eq!(
        board.apply(&Change::of_call(Map::new())),
        Applied::Incomplete
    );
    assert!(shown(&board).is_empty());
}

#[test]
fn a_deleted_row_leaves_with_its_id_alone() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "ringing"));
    let Value::Object(record) = json!({ "id": call_id(1) }) else {
        unreachable!()
    };
    let deleted = Change {
        table: Table::Calls,
        kind: Kind::Delete,
        record,
    };
    assert_eq!(board.apply(&deleted), Applied::Changed);
    assert_eq!(board.apply(&change(1, 6, "active")), Applied::Stale);
    assert!(shown(&board).is_empty());
}

#[test]
fn calls_are_ordered_for_the_screen() {
    let mut board = Board::default();
    let mut late = row(1, 1, "ringing");
    late.insert("created_at".into(), json!("2026-01-02T03:09:00+00:00"));
    board.apply(&Change::of_call(late));
    board.apply(&change(2, 2, "ringing"));
    let mut message = row(3, 5, "ringing");
    message.insert("created_at".into(), json!("2026-01-02T03:01:00+00:00"));
    message.insert("voicemail_at".into(), json!("2026-01-02T03:02:00+00:00"));
    board.apply(&Change::of_call(message));
    board.apply(&change(5, 3, "parked"));
    board.apply(&change(4, 4, "parked"));
    let ids = |calls: Vec<&Call>| calls.iter().map(|call| call.id).collect::<Vec<_>>();
    assert_eq!(ids(board.ringing()), [call_id(2), call_id(1), call_id(3)]);
    assert_eq!(ids(board.waiting()), [call_id(2), call_id(1)]);
    assert_eq!(ids(board.parked()), [call_id(4), call_id(5)]);
}

#[test]
fn calls_that_ended_long_ago_are_deleted_without_a_trace() {
    let delete = |n: u32| {
        let id = format!("33333333-0000-4000-8000-{n:012}");
        let Value::Object(record) = json!({ "id": id }) else {
            unreachable!()
        };
        Change {
            table: Table::Calls,
            kind: Kind::Delete,
            record,
        }
    };
    let mut board = Board::default();
    board.apply(&change(1, 5, "active"));
    board.apply(&change(2, 6, "active"));
    board.apply(&change(2, 7, "ended"));
    let before = board.clone();
    for n in 0..10_000 {
        assert_eq!(board.apply(&delete(n)), Applied::Stale);
    }
    assert_eq!(board, before);
    // What left a moment ago is still known to have left.
    assert_eq!(board.apply(&change(2, 6, "active")), Applied::Stale);
    assert_eq!(board, before);
}
