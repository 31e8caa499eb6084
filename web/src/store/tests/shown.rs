//! What stands where.

use super::*;
use crate::view::CallView;

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
fn who_moved_a_call_is_named_and_not_who_had_it() {
    let by_sue = |mut row: Map<String, Value>| {
        row.insert("moved_by".to_owned(), json!(member_id(3)));
        row
    };
    let taken = active(4, 2);
    let store = seen_by(
        1,
        vec![by_sue(parked(1, 3, 2)), by_sue(active(2, 1)), taken],
    );
    let view = view(&store);
    let why = |call: &Option<CallView>| call.as_ref().expect("a call").why.to_string();
    assert_eq!(why(&view.slots[2].call), "Parked by Sue");
    let agents: Vec<_> = view.agents[..2].iter().map(|one| why(&one.call)).collect();
    assert_eq!(agents, ["From Sue", ""], "Rhonda took hers");
}

#[test]
fn a_call_that_rings_again_says_whom_it_comes_back_from() {
    let again = call(2, &json!({"last_agent": member_id(2)}));
    let store = seen_by(1, vec![call(1, &json!({})), again]);
    let whys: Vec<_> = view(&store)
        .incoming
        .into_iter()
        .map(|call| call.why.to_string())
        .collect();
    assert_eq!(whys, ["", "Back from Rhonda"]);
}

#[test]
fn a_caller_is_shown_by_name_and_company_or_else_by_number() {
    let withheld = call(2, &json!({"from_number": "anonymous"}));
    let named = call(3, &json!({"caller_name": "Ana"}));
    let known = call(4, &json!({"caller_name": "Ada", "caller_company": "Looms"}));
    let store = seen_by(1, vec![call(1, &json!({})), withheld, named, known]);
    let lines: Vec<_> = view(&store)
        .incoming
        .into_iter()
        .map(|call| {
            format!(
                "{}|{}|{}",
                call.title,
                call.line,
                call.company.unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "+1 (415) 555-0101|Not in contacts|",
            "Number withheld||",
            "Ana|+1 (415) 555-0103|",
            "Ada|+1 (415) 555-0104|Looms"
        ]
    );
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

#[test]
fn what_changes_is_told_in_words_and_a_new_caller_apart_from_it() {
    let named = |name: &str| json!({ "caller_name": name });
    let mut store = seen_by(2, vec![call(1, &named("Ana")), call(2, &named("Ben"))]);
    let before = view(&store);
    assert_eq!(news(&before, &before), (String::new(), String::new()));
    let mut answered = active(1, 1);
    answered.insert("caller_name".to_owned(), json!("Ana"));
    store.take(heard(answered));
    let mut left = call(2, &json!({"status": "ended", "version": 70}));
    left.insert("ended_at".to_owned(), json!("2026-01-02T12:02:00Z"));
    store.take(heard(left));
    store.take(heard(call(3, &named("Cem"))));
    let after = view(&store);
    assert_eq!(
        news(&before, &after),
        (
            "Ana: Doug, Talking. Ben: This call has ended.".to_owned(),
            "Cem is calling".to_owned()
        )
    );
    let mut parked = parked(1, 3, 1);
    parked.insert("caller_name".to_owned(), json!("Ana"));
    store.take(heard(parked));
    assert_eq!(news(&after, &view(&store)).0, "Ana: Parking Lot 3");
}
