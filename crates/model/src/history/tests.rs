use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use time::Duration;

use super::*;

const START: OffsetDateTime = time::macros::datetime!(2026-01-02 03:04:05 UTC);

fn call_id(n: u8) -> CallId {
    let text = format!("22222222-0000-4000-8000-0000000000{n:02}");
    text.parse().unwrap()
}

fn after(ms: i64) -> OffsetDateTime {
    START + Duration::milliseconds(ms)
}

/// The event of call `n` at `ms` that changed these columns.
fn event(n: u8, version: i64, ms: i64, detail: Value) -> Event {
    let Value::Object(mut detail) = detail else {
        panic!("an object")
    };
    detail.insert("version".to_owned(), json!(version));
    Event {
        id: version,
        call_id: call_id(n),
        version,
        at: after(ms),
        actor: None,
        kind: EventKind::Corrected,
        from_status: None,
        to_status: Status::Ringing,
        assigned_to: None,
        detail,
    }
}

fn created(n: u8, version: i64, ms: i64) -> Event {
    let row = json!({
        "id": call_id(n), "twilio_call_sid": format!("CA{n}"), "direction": "inbound",
        "from_number": "+15550100", "to_number": "+15550199", "caller_name": null,
        "status": "ringing", "assigned_to": null, "on_hold": false, "parking_slot": null,
        "park_reason": null, "end_reason": null, "epoch": 0,
        "created_at": "2026-01-02T03:04:05.123456+00:00",
    });
    event(n, version, ms, row)
}

fn parked(n: u8, version: i64, ms: i64, slot: i16) -> Event {
    let detail = json!({"status": "parked", "parking_slot": slot});
    event(n, version, ms, detail)
}

fn ended(n: u8, version: i64, ms: i64) -> Event {
    event(
        n,
        version,
        ms,
        json!({"status": "ended", "parking_slot": null}),
    )
}

fn replay(events: Vec<Event>) -> Replay {
    Replay::new(Snapshot::default(), events)
}

/// The calls on a board, with versions and slots.
fn shown(board: &Board) -> Vec<(CallId, i64, Option<i16>)> {
    board
        .calls()
        .map(|call| (call.id, call.version, call.parking_slot))
        .collect()
}

#[test]
fn a_moment_includes_the_change_that_was_made_at_it() {
    let mut replay = replay(vec![
        ended(1, 3, 300),
        created(1, 1, 100),
        parked(1, 2, 200, 7),
    ]);
    assert!(shown(replay.at(after(99))).is_empty());
    assert_eq!(shown(replay.at(after(100))), [(call_id(1), 1, None)]);
    assert_eq!(shown(replay.at(after(299))), [(call_id(1), 2, Some(7))]);
    assert!(shown(replay.at(after(300))).is_empty());
    assert_eq!(shown(replay.at(after(250))), [(call_id(1), 2, Some(7))]);
}

#[test]
fn steps_go_forwards_and_back() {
    let mut replay = replay(vec![created(1, 1, 100), parked(1, 2, 200, 7)]);
    assert_eq!(replay.last(), None);
    assert_eq!(replay.forward().map(|event| event.version), Some(1));
    assert_eq!(replay.forward().map(|event| event.version), Some(2));
    assert_eq!(replay.forward(), None);
    assert_eq!(shown(replay.board()), [(call_id(1), 2, Some(7))]);
    assert_eq!(replay.back().map(|event| event.version), Some(1));
    assert_eq!(shown(replay.board()), [(call_id(1), 1, None)]);
    assert_eq!(replay.back(), None);
    assert_eq!(replay.back(), None);
    assert_eq!((replay.position(), shown(replay.board()).len()), (0, 0));
}

#[test]
fn versions_keep_the_order_when_the_clock_was_set_back() {
    // The second change was stamped before the first.
    let mut replay = replay(vec![
        created(1, 1, 500),
        parked(1, 2, 200, 7),
        created(2, 3, 300),
    ]);
    assert_eq!(shown(replay.at(after(250))), [(call_id(1), 2, Some(7))]);
    assert_eq!(shown(replay.at(after(600))).len(), 2);
}

#[test]
fn a_note_on_an_ended_call_brings_it_not_back() {
    let note = event(1, 4, 400, json!({"note": "later"}));
    let mut replay = replay(vec![created(1, 1, 100), ended(1, 3, 300), note]);
    assert!(shown(replay.at(after(1_000))).is_empty());
}

#[test]
fn a_replay_may_begin_in_the_middle() {
    let Value::Object(row) = json!(created(1, 1, 0).detail) else {
        panic!("an object")
    };
    let start = Snapshot {
        calls: vec![serde_json::from_value(Value::Object(row)).unwrap()],
        ..Snapshot::default()
    };
    let mut replay = Replay::new(start, vec![parked(1, 2, 200, 7)]);
    assert_eq!(shown(replay.at(after(100))), [(call_id(1), 1, None)]);
    assert_eq!(shown(replay.at(after(200))), [(call_id(1), 2, Some(7))]);
}

/// A log of many calls: which one, what happens to it, and how much later than the last event,
/// sometimes earlier.
fn log() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec((0_u8..9, 0_i16..5, -3_i64..20), 0..700).prop_map(|writes| {
        let mut begun = BTreeMap::new();
        let mut events = Vec::new();
        let mut ms = 0;
        for (version, (n, what, later)) in (1_i64..).zip(writes) {
            ms += later;
            let event = match (begun.get(&n), what) {
                (Some(true), _) => continue,
                (None, _) => created(n, version, ms),
                (Some(false), 0) => ended(n, version, ms),
                (Some(false), slot) => parked(n, version, ms, slot),
            };
            begun.insert(n, begun.contains_key(&n) && what == 0);
            events.push(event);
        }
        events
    })
}

/// The definition: the changes of a call up to its newest one until the moment, laid over each other.
fn by_definition(log: &[Event], moment: OffsetDateTime) -> Vec<(CallId, i64, Option<i16>)> {
    let mut calls: BTreeMap<CallId, Map<String, Value>> = BTreeMap::new();
    for event in log {
        let of_call = log.iter().filter(|other| other.call_id == event.call_id);
        let newest = of_call
            .filter(|other| other.at <= moment)
            .map(|other| other.version)
            .max();
        if newest.is_some_and(|newest| event.version <= newest) {
            let row = calls.entry(event.call_id).or_default();
            row.extend(event.detail.clone());
        }
    }
    calls
        .into_iter()
        .filter(|(_, row)| row["status"] != "ended")
        .map(|(id, row)| {
            let version = row["version"].as_i64().unwrap();
            let slot = row["parking_slot"].as_i64().map(|slot| slot as i16);
            (id, version, slot)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_walk_over_any_log_meets_the_board_of_each_moment(
        log in log(),
        seed in any::<u64>(),
        moments in prop::collection::vec(-50_i64..7_000, 1..12),
    ) {
        let mut mixed = log.clone();
        mixed.sort_by_key(|event| (event.version as u64).wrapping_mul(seed | 1));
        let mut replay = replay(mixed);
        for ms in moments {
            prop_assert_eq!(shown(replay.at(after(ms))), by_definition(&log, after(ms)));
        }
    }
}
