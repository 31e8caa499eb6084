use serde_json::{Value, json};
use switchboard_model::change::Kind;
use switchboard_model::{Settings, Snapshot, Status as CallStatus};

use super::*;
use crate::drag::{Place, Target};
use crate::view::{BoardView, drop_intent, news, target};

mod answers;
mod link;
mod moves;
mod offers;
mod shown;
mod supposed;

/// Members as in the seed: Doug, Rhonda (agents) and Sue (supervisor).
fn member(number: u8, name: &str, role: &str) -> Value {
    json!({
        "id": format!("11111111-0000-4000-8000-00000000000{number}"),
        "user_id": format!("22222222-0000-4000-8000-00000000000{number}"),
        "display_name": name, "identity": format!("{role}_{}", name.to_lowercase()),
        "role": role, "is_available": true, "version": number,
    })
}

fn member_id(number: u8) -> String {
    format!("11111111-0000-4000-8000-00000000000{number}")
}

fn user(number: u8) -> UserId {
    let text = format!("22222222-0000-4000-8000-00000000000{number}");
    text.parse().expect("a uuid")
}

fn call_id(number: u8) -> CallId {
    let text = format!("33333333-0000-4000-8000-00000000000{number}");
    text.parse().expect("a uuid")
}

/// A call that came in `number` seconds after noon, with `more` laid over it.
fn call(number: u8, more: &Value) -> Map<String, Value> {
    let mut row = json!({
        "id": call_id(number), "twilio_call_sid": format!("CA{number}"), "direction": "inbound",
        "from_number": format!("+1415555010{number}"), "to_number": "+14155550100",
        "caller_name": null, "status": "ringing", "assigned_to": null, "on_hold": false,
        "parking_slot": null, "park_reason": null, "end_reason": null, "epoch": 1,
        "created_at": format!("2026-01-02T12:00:0{number}Z"), "version": number,
    });
    let (Value::Object(row), Value::Object(more)) = (&mut row, more) else {
        panic!("both are objects");
    };
    row.extend(more.clone());
    row.clone()
}

fn typed(row: Map<String, Value>) -> Call {
    serde_json::from_value(Value::Object(row)).expect("a whole row")
}

/// A live board with the team and these calls, seen by member `number`.
fn seen_by(number: u8, calls: Vec<Map<String, Value>>) -> Store {
    let mut store = Store::new(user(number));
    let members = [
        member(1, "Doug", "agent"),
        member(2, "Rhonda", "agent"),
        member(3, "Sue", "supervisor"),
    ];
    store.take(Action::Linked {
        status: Status::Live,
        at_ms: 0,
    });
    store.take(Action::SnapshotAsked(0));
    store.take(Action::SnapshotCame(
        0,
        Snapshot {
            calls: calls.into_iter().map(typed).collect(),
            members: members
                .into_iter()
                .map(|row| serde_json::from_value(row).expect("a whole row"))
                .collect(),
            settings: Some(Settings {
                parking_slots: 4,
                park_timeout_s: Some(300),
                version: 1,
            }),
        },
    ));
    store
}

fn active(number: u8, agent: u8) -> Map<String, Value> {
    call(
        number,
        &json!({"status": "active", "assigned_to": member_id(agent), "last_agent": member_id(agent),
            "answered_at": "2026-01-02T12:00:30.500Z", "version": 50}),
    )
}

fn parked(number: u8, slot: i16, by: u8) -> Map<String, Value> {
    call(
        number,
        &json!({"status": "parked", "parking_slot": slot, "park_reason": "parked_by_agent",
            "last_agent": member_id(by), "parked_at": "2026-01-02T12:01:00Z", "version": 60}),
    )
}

fn failed(ticket: u32) -> Action {
    Action::SnapshotFailed {
        ticket,
        sentence: "No.",
        at_ms: 5_000,
    }
}

fn view(store: &Store) -> BoardView {
    BoardView::of(store, store.me().expect("a member"))
}

fn heard(row: Map<String, Value>) -> Action {
    Action::Heard {
        change: Change {
            table: Table::Calls,
            kind: Kind::Upsert,
            record: row,
        },
        committed_ms: None,
        at_ms: 0,
    }
}

/// I ask for something a minute after noon.
fn asked(number: u8, intent: Intent) -> Action {
    Action::Asked {
        call: call_id(number),
        intent,
        at_ms: 1_767_355_260_000,
    }
}

fn said(store: &Store) -> Vec<&str> {
    store.notices.iter().map(|notice| &*notice.text).collect()
}
