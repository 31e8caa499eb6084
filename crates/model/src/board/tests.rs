use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn call_id(n: u8) -> CallId {
    format!("22222222-0000-4000-8000-0000000000{n:02}")
        .parse()
        .unwrap()
}

fn row(n: u8, version: i64, status: &str) -> Map<String, Value> {
    let agent = (status == "active").then(|| format!("11111111-0000-4000-8000-0000000000{n:02}"));
    let slot = (status == "parked").then_some(i16::from(n) + 1);
    let value = json!({
        "id": call_id(n), "twilio_call_sid": format!("CA{n}"), "direction": "inbound",
        "from_number": "+15550100", "to_number": "+15550199", "caller_name": null,
        "status": status, "assigned_to": agent, "on_hold": false, "parking_slot": slot,
        "park_reason": null, "end_reason": null, "epoch": 0,
        "created_at": "2026-01-02T03:04:05.123456+00:00", "answered_at": null,
        "version": version, "note": format!("note of {version}"),
    });
    let Value::Object(map) = value else {
        unreachable!()
    };
    map
}

fn call(n: u8, version: i64, status: &str) -> Call {
    serde_json::from_value(Value::Object(row(n, version, status))).unwrap()
}

fn change(n: u8, version: i64, status: &str) -> Change {
    Change::of_call(row(n, version, status))
}

fn snapshot(calls: Vec<Call>) -> Snapshot {
    Snapshot {
        calls,
        ..Snapshot::default()
    }
}

fn shown(board: &Board) -> Vec<(CallId, i64)> {
    board.calls().map(|call| (call.id, call.version)).collect()
}

fn take(board: &mut Board, snapshot: Snapshot) {
    let asked = board.snapshot_asked();
    board.apply_snapshot(asked, snapshot);
}

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
fn a_snapshot_replaces_what_was_known_when_it_was_asked_for() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "active"));
    board.apply(&change(2, 8, "ringing"));
    take(
        &mut board,
        snapshot(vec![call(2, 9, "parked"), call(3, 1, "ringing")]),
    );
    assert_eq!(shown(&board), [(call_id(2), 9), (call_id(3), 1)]);
    // The call that the snapshot did not have any more stays away.
    assert_eq!(board.apply(&change(1, 5, "active")), Applied::Stale);
}

#[test]
fn a_snapshot_taken_a_moment_before_a_commit_was_visible_undoes_nothing() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "ringing"));
    board.apply(&change(2, 6, "active"));
    board.apply(&change(1, 8, "active"));
    board.apply(&change(2, 9, "ended"));
    let older = snapshot(vec![call(1, 5, "ringing"), call(2, 6, "active")]);
    take(&mut board, older);
    assert_eq!(shown(&board), [(call_id(1), 8)]);
}

#[test]
fn a_change_that_arrives_while_a_snapshot_is_under_way_survives_it() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "ringing"));
    let asked = board.snapshot_asked();
    board.apply(&change(1, 8, "active"));
    board.apply(&change(2, 9, "ringing"));
    board.apply(&change(3, 4, "ringing"));
    board.apply_snapshot(
        asked,
        snapshot(vec![call(1, 5, "ringing"), call(3, 6, "parked")]),
    );
    assert_eq!(
        shown(&board),
        [(call_id(1), 8), (call_id(2), 9), (call_id(3), 6)]
    );
}

#[test]
fn a_snapshot_that_was_overtaken_by_a_later_one_changes_nothing() {
    let mut board = Board::default();
    let (first, second) = (board.snapshot_asked(), board.snapshot_asked());
    board.apply_snapshot(second, snapshot(vec![call(1, 8, "active")]));
    // The second call has ended between the two.
    board.apply_snapshot(
        first,
        snapshot(vec![call(1, 5, "ringing"), call(2, 6, "ringing")]),
    );
    assert_eq!(shown(&board), [(call_id(1), 8)]);
}

#[test]
fn the_first_change_after_asking_survives_the_snapshot() {
    let mut board = Board::default();
    let asked = board.snapshot_asked();
    board.apply(&change(1, 5, "ringing"));
    board.apply_snapshot(asked, snapshot(vec![]));
    assert_eq!(shown(&board), [(call_id(1), 5)]);
}

#[test]
fn rows_that_a_snapshot_lacked_come_back_with_a_later_snapshot() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "ringing"));
    take(&mut board, snapshot(vec![]));
    assert!(shown(&board).is_empty());
    take(&mut board, snapshot(vec![call(1, 5, "ringing")]));
    assert_eq!(shown(&board), [(call_id(1), 5)]);
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
fn a_snapshot_is_read_from_what_postgrest_answers() {
    let doug = json!({
        "id": "11111111-0000-4000-8000-000000000001", "user_id": "11111111-0000-4000-8000-00000000000a",
        "display_name": "Doug", "identity": "agent_doug", "role": "agent", "is_available": true,
        "device_state": "off", "current_call_id": null, "retired_at": null, "version": 3,
        "created_at": "2026-01-02T03:00:00+00:00"
    });
    let mut active = row(1, 5, "active");
    active.insert("assigned_to".into(), doug["id"].clone());
    active.insert("assigned_to_user".into(), doug.clone());
    let calls = json!([active, row(2, 6, "ringing")]).to_string();
    let settings = r#"[{"id":1,"parking_slots":9,"hold_music_url":null}]"#;

    let embedded = Snapshot::from_json(&calls, "[]", settings).unwrap();
    let listed = Snapshot::from_json(&calls, &json!([doug]).to_string(), settings).unwrap();
    assert_eq!(embedded, listed);

    let mut board = Board::default();
    take(&mut board, listed);
    let doug = board.members()[0].id;
    assert_eq!(board.active_call_of(doug).unwrap().id, call_id(1));
    assert_eq!(board.slots().len(), 9);
    assert!(Snapshot::from_json("{}", "[]", "[]").is_err());
}

#[test]
fn calls_are_ordered_for_the_screen() {
    let mut board = Board::default();
    let mut late = row(1, 1, "ringing");
    late.insert("created_at".into(), json!("2026-01-02T03:09:00+00:00"));
    board.apply(&Change::of_call(late));
    board.apply(&change(2, 2, "ringing"));
    board.apply(&change(5, 3, "parked"));
    board.apply(&change(4, 4, "parked"));
    let ids = |calls: Vec<&Call>| calls.iter().map(|call| call.id).collect::<Vec<_>>();
    assert_eq!(ids(board.ringing()), [call_id(2), call_id(1)]);
    assert_eq!(ids(board.parked()), [call_id(4), call_id(5)]);
}

/// A history: for each call the states that it went through, versions rising board-wide.
fn history() -> impl Strategy<Value = Vec<Change>> {
    let statuses = prop::sample::select(vec!["ringing", "active", "parked", "ended"]);
    prop::collection::vec((0_u8..6, statuses), 1..40).prop_map(|writes| {
        let mut ended = std::collections::BTreeSet::new();
        let mut changes = Vec::new();
        for (version, (n, status)) in (1_i64..).zip(writes) {
            if ended.contains(&n) {
                continue;
            }
            if status == "ended" {
                ended.insert(n);
            }
            changes.push(change(n, version, status));
        }
        changes
    })
}

/// The table after the first `upto` writes of a history.
fn table_after(history: &[Change], upto: usize) -> Vec<Call> {
    let mut rows = BTreeMap::new();
    for change in &history[..upto] {
        rows.insert(change.record["id"].to_string(), change.record.clone());
    }
    rows.into_values()
        .map(|row| serde_json::from_value::<Call>(Value::Object(row)).unwrap())
        .filter(|call| call.status.is_live())
        .collect()
}

/// What reaches a board: a change of the history, or a snapshot that was asked for and, some
/// arrivals later, comes with the table as it was at some moment in between.
#[derive(Clone, Debug)]
enum Arrival {
    Change(usize),
    Ask,
    Snapshot(usize),
}

fn arrivals(len: usize) -> impl Strategy<Value = Vec<Arrival>> {
    prop::collection::vec(
        prop_oneof![
            6 => (0..len).prop_map(Arrival::Change),
            1 => Just(Arrival::Ask),
            1 => (0..=len).prop_map(Arrival::Snapshot),
        ],
        0..120,
    )
}

fn history_and_arrivals() -> impl Strategy<Value = (Vec<Change>, Vec<Arrival>, Vec<Arrival>)> {
    history().prop_flat_map(|history| {
        let len = history.len();
        (Just(history), arrivals(len), arrivals(len))
    })
}

fn play(history: &[Change], arrivals: &[Arrival]) -> Board {
    let mut board = Board::default();
    let mut asked = None;
    let mut seen = 0;
    for arrival in arrivals {
        match arrival {
            Arrival::Change(at) => {
                seen = seen.max(at + 1);
                board.apply(&history[*at]);
            }
            Arrival::Ask => asked = asked.or(Some((board.snapshot_asked(), seen))),
            // The table is read after it was asked for, so it has at least what had been seen then.
            Arrival::Snapshot(moment) => {
                if let Some((ticket, seen_then)) = asked.take() {
                    let moment = seen_then.max(*moment);
                    board.apply_snapshot(ticket, snapshot(table_after(history, moment)));
                }
            }
        }
    }
    board
}

proptest! {
    #[test]
    fn any_order_of_the_same_changes_and_a_final_snapshot_give_the_same_board(
        (history, one, other) in history_and_arrivals()
    ) {
        let table = table_after(&history, history.len());
        let finish = |mut board: Board| {
            let asked = board.snapshot_asked();
            board.apply_snapshot(asked, snapshot(table.clone()));
            board
        };
        let (one, other) = (finish(play(&history, &one)), finish(play(&history, &other)));
        prop_assert_eq!(&one, &other);
        let mut calls = table.clone();
        calls.sort_by_key(|call| call.id);
        prop_assert_eq!(one.calls().cloned().collect::<Vec<_>>(), calls);
    }

    #[test]
    fn every_change_once_in_any_order_is_as_good_as_a_snapshot(
        (history, order) in history().prop_flat_map(|history| {
            let order: Vec<usize> = (0..history.len()).collect();
            (Just(history), Just(order).prop_shuffle())
        })
    ) {
        let mut board = Board::default();
        for at in order {
            board.apply(&history[at]);
            board.apply(&history[at]);
        }
        let mut calls = table_after(&history, history.len());
        calls.sort_by_key(|call| call.id);
        prop_assert_eq!(board.calls().cloned().collect::<Vec<_>>(), calls);
    }

    #[test]
    fn a_row_never_goes_back_between_snapshots((history, arrivals, _) in history_and_arrivals()) {
        let mut board = Board::default();
        for arrival in arrivals {
            let before: BTreeMap<_, _> = shown(&board).into_iter().collect();
            if let Arrival::Change(at) = arrival {
                board.apply(&history[at]);
            }
            for (id, version) in shown(&board) {
                prop_assert!(before.get(&id).is_none_or(|old| *old <= version));
            }
        }
    }
}
