//! What the board makes of what the client passes on.

use crate::world::{World, config};
use serde_json::{Map, Value, json};
use switchboard_model::{Applied, Board, Change, Kind, Table};
use switchboard_realtime::ChangeKind;

const CALL: &str = "00000000-0000-4000-8000-00000000000a";

fn row(version: i64, status: &str) -> Value {
    json!({"id": CALL, "twilio_call_sid": "CA1", "direction": "inbound",
        "from_number": "+12025550101", "to_number": "+12025550100", "caller_name": "Žofie",
        "status": status, "assigned_to": null, "on_hold": false, "parking_slot": null,
        "park_reason": null, "end_reason": null, "epoch": 0,
        "created_at": "2026-01-02T03:04:05Z", "version": version})
}

fn without(mut row: Value, key: &str) -> Value {
    row.as_object_mut().unwrap().remove(key);
    row
}

/// Plays frames into a client and applies what it passes on.
fn board_of(frames: &[(&str, Value)]) -> (Board, Vec<Applied>) {
    let mut world = World::live_with(config());
    for (event, payload) in frames {
        world.server(event, None, payload);
    }
    let mut board = Board::default();
    let applied = world.changes().into_iter().map(|change| {
        let kind = match change.kind {
            ChangeKind::Insert | ChangeKind::Update => Kind::Upsert,
            ChangeKind::Delete => Kind::Delete,
        };
        let (table, record) = (Table::named(&change.table).unwrap(), change.record.clone());
        board.apply(&Change {
            table,
            kind,
            record,
        })
    });
    let applied = applied.collect();
    (board, applied)
}

fn polled(kind: &str, row: Value) -> (&'static str, Value) {
    let part = if kind == "DELETE" {
        "old_record"
    } else {
        "record"
    };
    let mut data: Map<String, Value> = Map::new();
    data.insert("table".to_owned(), "calls".into());
    data.insert("type".to_owned(), kind.into());
    data.insert(part.to_owned(), row);
    ("postgres_changes", json!({"data": data}))
}

fn fast(kind: &str, row: &Value) -> (&'static str, Value) {
    let payload = json!({"table": "calls", "type": kind, "record": row});
    ("broadcast", json!({"event": "change", "payload": payload}))
}

#[test]
fn the_lanes_agree_in_any_order_and_however_often() {
    let frames = [
        fast("INSERT", &row(1, "ringing")),
        polled("INSERT", row(1, "ringing")),
        fast("UPDATE", &row(2, "parked")),
        polled("UPDATE", row(2, "parked")),
    ];
    let (right, _) = board_of(&frames[2..]);
    assert_eq!(right.calls().count(), 1);
    // Every order of the four, and each of them twice.
    for order in 0..256_usize {
        let order = [order % 4, order / 4 % 4, order / 16 % 4, order / 64];
        if order.iter().all(|at| *at < 2) {
            continue;
        }
        let frames: Vec<_> = order.iter().map(|at| frames[*at].clone()).collect();
        let (board, applied) = board_of(&frames);
        assert_eq!(board, right, "{order:?}");
        let shown = applied
            .iter()
            .filter(|applied| **applied == Applied::Changed)
            .count();
        assert!(shown <= 2, "{order:?}: each state is shown once");
    }
}

#[test]
fn a_column_that_a_change_leaves_out_keeps_its_value_on_the_board() {
    let (board, _) = board_of(&[
        polled("INSERT", row(1, "ringing")),
        polled("UPDATE", without(row(2, "parked"), "caller_name")),
    ]);
    let call = board.calls().next().unwrap();
    assert_eq!(
        (call.version, call.caller_name.as_deref()),
        (2, Some("Žofie"))
    );
    let mut null = row(3, "parked");
    null["caller_name"] = Value::Null;
    let (board, _) = board_of(&[polled("INSERT", row(1, "ringing")), polled("UPDATE", null)]);
    assert_eq!(board.calls().next().unwrap().caller_name, None);
}

#[test]
fn a_deleted_row_is_known_by_its_key_and_does_not_come_back() {
    let (board, applied) = board_of(&[
        fast("INSERT", &row(1, "ringing")),
        polled("DELETE", json!({"id": CALL})),
        polled("INSERT", row(1, "ringing")),
    ]);
    assert_eq!(board.calls().count(), 0);
    assert_eq!(
        applied,
        [Applied::Changed, Applied::Changed, Applied::Stale]
    );
}
