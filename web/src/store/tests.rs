use serde_json::{Value, json};
use switchboard_model::change::Kind;
use switchboard_model::{Settings, Snapshot, Status as CallStatus};

use super::*;
use crate::drag::{Place, Target};
use crate::view::{BoardView, drop_intent, target};

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

fn said(store: &Store) -> Vec<&str> {
    store.notices.iter().map(|notice| &*notice.text).collect()
}

#[test]
fn the_longest_waiting_call_comes_first_and_my_own_card_too() {
    let store = seen_by(2, vec![call(5, &json!({})), call(1, &json!({}))]);
    let view = view(&store);
    let waiting: Vec<_> = view.incoming.iter().map(|call| call.id).collect();
    assert_eq!(waiting, [call_id(1), call_id(5)]);
    let names: Vec<_> = view.agents.iter().map(|agent| &*agent.name).collect();
    assert_eq!(names, ["Rhonda", "Doug", "Sue"]);
}

#[test]
fn a_change_is_on_the_board_at_once() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    store.take(heard(active(1, 2)));
    let view = view(&store);
    assert!(view.incoming.is_empty());
    let rhonda = view.agents.iter().find(|agent| &*agent.name == "Rhonda");
    assert_eq!(
        rhonda
            .and_then(|agent| agent.call.as_ref())
            .map(|call| call.id),
        Some(call_id(1))
    );
}

#[test]
fn every_slot_is_drawn_and_says_who_parked() {
    let store = seen_by(1, vec![parked(1, 3, 2), parked(2, 101, 1)]);
    let view = view(&store);
    let numbers: Vec<_> = view.slots.iter().map(|slot| slot.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 101], "the overflow slot too");
    assert_eq!(
        &*view.slots[2].call.as_ref().expect("a call").why,
        "Parked by Rhonda"
    );
    assert_eq!(view.parked(), 2);
}

#[test]
fn a_caller_without_a_name_is_shown_by_number() {
    let withheld = call(2, &json!({"from_number": "anonymous"}));
    let named = call(3, &json!({"caller_name": "Ana"}));
    let store = seen_by(1, vec![call(1, &json!({})), withheld, named]);
    let lines: Vec<_> = view(&store)
        .incoming
        .into_iter()
        .map(|call| format!("{}|{}", call.title, call.line))
        .collect();
    assert_eq!(
        lines,
        [
            "+1 (415) 555-0101|Not in contacts",
            "Number withheld|",
            "Ana|+1 (415) 555-0103"
        ]
    );
}

#[test]
fn what_is_offered_is_what_the_rules_allow() {
    let calls = vec![call(1, &json!({})), active(2, 1), parked(3, 1, 2)];
    let doug = view(&seen_by(1, calls.clone()));
    assert!(!doug.incoming[0].offers.answer, "Doug is on a call");
    assert!(doug.am_busy);
    let own = doug.agents[0].call.as_ref().expect("his call").offers;
    assert!(own.park && own.hold && own.transfer && own.end);

    let rhonda = view(&seen_by(2, calls.clone()));
    assert!(rhonda.incoming[0].offers.answer);
    assert!(
        rhonda.slots[0]
            .call
            .as_ref()
            .expect("a call")
            .offers
            .retrieve
    );
    let his = rhonda.agents[1].call.as_ref().expect("Doug's call").offers;
    assert!(!his.park && !his.hold && !his.transfer && !his.end);

    let sue = view(&seen_by(3, calls));
    let his = sue.agents[1].call.as_ref().expect("Doug's call").offers;
    assert!(his.park && his.transfer && his.end && !his.hold);
}

#[test]
fn a_transfer_is_offered_to_free_colleagues_those_on_duty_first() {
    let mut store = seen_by(1, vec![active(1, 1)]);
    let away = json!({"id": member_id(2), "is_available": false, "version": 9});
    let Value::Object(away) = away else { panic!() };
    store.take(Action::DutyAnswered(Ok(away)));
    let names: Vec<_> = view(&store).agents[0]
        .colleagues
        .iter()
        .map(|colleague| colleague.name.to_string())
        .collect();
    assert_eq!(names, ["Sue", "Rhonda"]);
}

#[test]
fn a_board_that_is_not_live_offers_nothing_and_says_since_when() {
    let mut store = seen_by(2, vec![call(1, &json!({})), active(2, 2), parked(3, 1, 2)]);
    for status in [Status::Lagging, Status::Offline, Status::Connecting] {
        store.take(Action::Linked {
            status,
            at_ms: 7_000,
        });
        let view = view(&store);
        let shown = view.incoming.iter();
        let shown = shown.chain(view.agents.iter().filter_map(|agent| agent.call.as_ref()));
        for call in shown.chain(view.slots.iter().filter_map(|slot| slot.call.as_ref())) {
            assert_eq!(call.offers, crate::view::Offers::default());
            assert!(!call.is_movable());
        }
        assert_eq!(drop_intent(&store, call_id(2), Place::Slot(2)), None);
        assert_eq!(
            store.link.stopped_ms,
            Some(7_000),
            "since it stopped, not since the last try"
        );
    }
    // A snapshot that was under way when the link came back does not know what happened meanwhile.
    store.take(Action::SnapshotAsked(8));
    store.take(Action::Linked {
        status: Status::Live,
        at_ms: 9_000,
    });
    store.take(Action::SnapshotAsked(9));
    store.take(Action::SnapshotCame(8, Snapshot::default()));
    assert!(!store.link.is_live());
    assert_eq!(store.link.stopped_ms, Some(7_000));
    store.take(Action::SnapshotCame(9, Snapshot::default()));
    assert!(store.link.is_live());
    assert_eq!(store.link.stopped_ms, None);
}

#[test]
fn a_board_that_cannot_be_confirmed_twice_is_stale_until_it_can() {
    let mut store = seen_by(1, Vec::new());
    for ticket in [1, 2] {
        assert!(store.link.is_live());
        store.take(Action::SnapshotAsked(ticket));
        store.take(failed(ticket));
    }
    assert!(!store.link.is_live());
    assert_eq!(store.link.stopped_ms, Some(5_000));
    store.take(Action::SnapshotAsked(3));
    store.take(Action::SnapshotCame(3, Snapshot::default()));
    assert!(store.link.is_live());
    // One failure alone is forgiven again.
    store.take(Action::SnapshotAsked(4));
    store.take(failed(4));
    assert!(store.link.is_live());
}

#[test]
fn places_take_what_the_rules_allow() {
    let store = seen_by(1, vec![call(1, &json!({})), active(2, 1), parked(3, 1, 2)]);
    let rhonda = Place::Desk(member_id(2).parse().expect("a uuid"));
    let me = Place::Desk(member_id(1).parse().expect("a uuid"));
    let intent = |call, place| drop_intent(&store, call_id(call), place);
    assert_eq!(
        intent(2, Place::Slot(3)),
        Some(Intent::Park { slot: Some(3) })
    );
    assert_eq!(intent(2, Place::Slot(1)), None, "the slot is taken");
    assert!(matches!(intent(2, rhonda), Some(Intent::Transfer { .. })));
    assert_eq!(intent(2, me), None, "it is mine already");
    assert_eq!(intent(1, me), None, "I am on a call");
    assert_eq!(
        intent(1, rhonda),
        None,
        "a ringing call is not mine to give"
    );
    assert_eq!(intent(3, Place::Slot(2)), Some(Intent::Move { slot: 2 }));

    let free = seen_by(2, vec![call(1, &json!({})), parked(3, 1, 1)]);
    assert_eq!(drop_intent(&free, call_id(1), rhonda), Some(Intent::Answer));
    assert_eq!(
        drop_intent(&free, call_id(3), rhonda),
        Some(Intent::Retrieve)
    );
    let over = Some(rhonda);
    assert_eq!(target(&free, Some(call_id(1)), None, rhonda), Target::Takes);
    assert_eq!(target(&free, Some(call_id(1)), over, rhonda), Target::Over);
    assert_eq!(target(&free, None, over, rhonda), Target::No);
}

#[test]
fn an_action_on_its_way_locks_its_call_and_its_answer_frees_it() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    store.take(Action::Asked(call_id(1), Intent::Answer));
    assert_eq!(view(&store).incoming[0].pending, Some(Intent::Answer));
    assert!(!view(&store).incoming[0].is_movable());
    store.take(Action::Done {
        call: call_id(1),
        row: active(1, 1),
        sent_ms: 0,
        at_ms: 20,
    });
    let call = view(&store).agents[0].call.clone().expect("it is mine now");
    assert_eq!((call.id, call.pending), (call_id(1), None));
}

#[test]
fn a_lost_race_names_the_winner_and_the_lead() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    let answered = 1_767_355_230_500;
    store.take(Action::Asked(call_id(1), Intent::Answer));
    store.take(Action::Late(Late {
        call: call_id(1),
        intent: Intent::Answer,
        met_ms: answered + 140,
        row: Some(active(1, 2)),
    }));
    assert_eq!(said(&store), ["Rhonda answered 140 ms earlier."]);
    assert!(store.pending.is_empty());
    let rhonda = &view(&store).agents[1];
    assert!(
        rhonda.call.is_some(),
        "the row that was looked up is applied"
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
    assert_eq!(said(&store), ["Rhonda answered a moment earlier."]);
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
fn a_snapshot_does_not_undo_what_was_heard_after_it_was_asked_for() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    store.take(Action::SnapshotAsked(1));
    store.take(heard(call(2, &json!({"version": 80}))));
    let old = Snapshot {
        calls: vec![typed(call(1, &json!({})))],
        members: store.board.members().into_iter().cloned().collect(),
        settings: None,
    };
    store.take(Action::SnapshotCame(1, old));
    assert_eq!(store.board.ringing().len(), 2);
    assert!(
        store
            .board
            .calls()
            .all(|call| call.status == CallStatus::Ringing)
    );
}

#[test]
fn a_board_that_was_shown_once_is_not_taken_away_by_a_failed_snapshot() {
    let mut store = Store::new(user(1));
    store.take(Action::SnapshotAsked(0));
    store.take(failed(0));
    assert_eq!(store.phase, Phase::Failed("No.".into()));
    let mut store = seen_by(1, Vec::new());
    store.take(Action::SnapshotAsked(1));
    store.take(failed(1));
    assert_eq!(store.phase, Phase::Ready);
}

#[test]
fn latency_is_reckoned_on_the_server_s_clock_and_only_for_news() {
    let mut store = seen_by(1, Vec::new());
    let news = |version, committed_ms, at_ms| Action::Heard {
        change: Change::of_call(call(1, &json!({"version": version}))),
        committed_ms: Some(committed_ms),
        at_ms,
    };
    // The server's clock is a minute ahead.
    store.take(news(1, 160_000, 100_000));
    store.take(Action::Painted { at_ms: 100_007 });
    assert_eq!(store.latency_ms, Some(7));
    // The slow lane brings the same again.
    store.take(news(1, 160_000, 100_300));
    store.take(Action::Painted { at_ms: 100_310 });
    assert_eq!(store.latency_ms, Some(7));
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

#[test]
fn an_account_that_is_not_on_the_team_is_nobody() {
    let store = seen_by(9, Vec::new());
    assert_eq!(store.phase, Phase::Ready);
    assert_eq!(store.me(), None);
}

#[test]
fn a_supervisors_larger_lot_is_drawn_at_once_and_an_older_size_no_more() {
    let settings = |slots: i16, version: i64| {
        let row =
            json!({"id": true, "parking_slots": slots, "version": version, "time_zone": "UTC"});
        let Value::Object(record) = row else {
            panic!("an object");
        };
        Action::Heard {
            change: Change {
                table: Table::Settings,
                kind: Kind::Upsert,
                record,
            },
            committed_ms: None,
            at_ms: 0,
        }
    };
    let mut store = seen_by(1, vec![parked(1, 6, 2)]);
    let numbers = |store: &Store| {
        let slots = view(store).slots;
        slots.iter().map(|slot| slot.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&store), [1, 2, 3, 4, 6]);
    store.take(settings(5, 3));
    assert_eq!(numbers(&store), [1, 2, 3, 4, 5, 6]);
    store.take(settings(2, 2));
    assert_eq!(numbers(&store), [1, 2, 3, 4, 5, 6], "late");
    store.take(settings(2, 4));
    assert_eq!(numbers(&store), [1, 2, 6], "a call beyond the lot stays");
}
