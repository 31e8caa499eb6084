use serde_json::{Map, json};

use super::*;

mod changes;
mod convergence;
mod snapshots;

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
