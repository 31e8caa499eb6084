//! What I ask for is shown at once, and taken back when it is not done.

use super::*;
use crate::view::CallView;

const NOON_AND_A_MINUTE: i64 = 1_767_355_260_000;

fn done(number: u8, row: Map<String, Value>) -> Action {
    Action::Done {
        call: call_id(number),
        row,
        sent_ms: NOON_AND_A_MINUTE,
        at_ms: NOON_AND_A_MINUTE,
    }
}

fn refused(number: u8) -> Action {
    Action::Refused {
        call: call_id(number),
        sentence: "No.".to_owned(),
    }
}

fn on_card(store: &Store, card: usize) -> Option<CallView> {
    view(store).agents[card].call.clone()
}

fn in_slot(store: &Store, slot: usize) -> Option<CallView> {
    view(store).slots[slot - 1].call.clone()
}

#[test]
fn an_answer_is_on_my_card_at_once_and_its_row_changes_nothing_that_is_seen() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    let truth = store.board.clone();
    store.take(asked(1, Intent::Answer));
    assert!(view(&store).incoming.is_empty());
    let shown = on_card(&store, 0).expect("it is mine already");
    assert!(shown.is_pending && shown.offers.park && shown.offers.hold);
    assert_eq!(shown.since_ms, NOON_AND_A_MINUTE);
    assert_eq!(store.board, truth, "the board is what the server said");

    let row = call(
        1,
        &json!({"status": "active", "assigned_to": member_id(1), "last_agent": member_id(1),
            "answered_at": "2026-01-02T12:01:00Z", "version": 50}),
    );
    // By the fast lane first, then by the answer.
    store.take(heard(row.clone()));
    assert_eq!(on_card(&store, 0), Some(shown.clone()));
    store.take(done(1, row));
    let settled = CallView {
        is_pending: false,
        ..shown
    };
    assert_eq!(on_card(&store, 0), Some(settled));
    assert!(store.pending.is_empty());
}

#[test]
fn an_answer_before_the_fast_lane_is_the_same() {
    let mut store = seen_by(1, vec![active(1, 1)]);
    store.take(asked(1, Intent::Park { slot: None }));
    let shown = in_slot(&store, 1).expect("the first free slot");
    assert_eq!(&*shown.why, "Parked by Doug");
    let row = call(
        1,
        &json!({"status": "parked", "parking_slot": 1, "park_reason": "parked_by_agent",
            "last_agent": member_id(1), "answered_at": "2026-01-02T12:00:30.5Z",
            "parked_at": "2026-01-02T12:01:00Z", "version": 60}),
    );
    store.take(done(1, row.clone()));
    let settled = in_slot(&store, 1).expect("there");
    assert_eq!(
        settled,
        CallView {
            is_pending: false,
            ..shown
        }
    );
    store.take(heard(row));
    assert_eq!(in_slot(&store, 1), Some(settled));
}

#[test]
fn each_action_is_shown_as_done() {
    let rhonda = member_id(2).parse().expect("a uuid");
    let held = json!({"on_hold": true, "held_at": "2026-01-02T12:00:40Z"});
    let mut on_hold = active(1, 1);
    let Value::Object(held) = held else { panic!() };
    on_hold.extend(held);

    let after = |row: Map<String, Value>, intent| {
        let mut store = seen_by(1, vec![row]);
        store.take(asked(1, intent));
        store
    };
    let store = after(active(1, 1), Intent::Hold);
    assert_eq!(
        on_card(&store, 0).and_then(|call| call.held_ms),
        Some(NOON_AND_A_MINUTE)
    );
    let store = after(on_hold, Intent::Resume);
    assert_eq!(on_card(&store, 0).and_then(|call| call.held_ms), None);
    let store = after(active(1, 1), Intent::Transfer { to: rhonda });
    assert!(on_card(&store, 0).is_none() && on_card(&store, 1).is_some());
    let store = after(active(1, 1), Intent::End);
    assert!(on_card(&store, 0).is_none());
    let store = after(parked(1, 1, 2), Intent::Retrieve);
    assert!(on_card(&store, 0).is_some() && in_slot(&store, 1).is_none());
    let store = after(parked(1, 1, 2), Intent::Move { slot: 3 });
    let moved = in_slot(&store, 3).expect("the slot");
    assert_eq!(&*moved.why, "Parked by Rhonda", "moving is not parking");
    assert!(in_slot(&store, 1).is_none());
}

#[test]
fn what_is_refused_goes_back_with_its_sentence_and_what_followed_it_too() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    let before = view(&store);
    store.take(asked(1, Intent::Answer));
    store.take(asked(1, Intent::Hold));
    assert!(on_card(&store, 0).is_some_and(|call| call.held_ms.is_some()));
    store.take(refused(1));
    assert_eq!(view(&store), before);
    assert_eq!(said(&store), ["No."]);
}

#[test]
fn a_lost_race_shows_the_winner_as_soon_as_it_is_heard_of() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    store.take(asked(1, Intent::Answer));
    store.take(heard(active(1, 2)));
    assert!(on_card(&store, 0).is_none());
    assert!(on_card(&store, 1).is_some(), "Rhonda was first");
}

#[test]
fn one_may_ask_for_the_next_thing_before_the_last_is_answered() {
    let mut store = seen_by(1, vec![active(1, 1), call(2, &json!({}))]);
    assert!(!view(&store).incoming[0].offers.answer);
    store.take(asked(1, Intent::Park { slot: None }));
    assert!(view(&store).incoming[0].offers.answer, "my hands are free");
    store.take(asked(2, Intent::Answer));
    assert_eq!(on_card(&store, 0).map(|call| call.id), Some(call_id(2)));
    assert_eq!(in_slot(&store, 1).map(|call| call.id), Some(call_id(1)));
    // The parking is refused: then so will the answering, which is shown until its own answer.
    store.take(refused(1));
    assert_eq!(on_card(&store, 0).map(|call| call.id), Some(call_id(1)));
}

#[test]
fn two_actions_on_one_call_are_answered_one_after_the_other() {
    let mut store = seen_by(1, vec![active(1, 1)]);
    store.take(asked(1, Intent::Hold));
    store.take(asked(1, Intent::Park { slot: Some(2) }));
    let mut held = active(1, 1);
    held.insert("on_hold".to_owned(), json!(true));
    held.insert("held_at".to_owned(), json!("2026-01-02T12:01:00Z"));
    held.insert("version".to_owned(), json!(51));
    store.take(done(1, held));
    assert!(in_slot(&store, 2).is_some_and(|call| call.is_pending));
    assert_eq!(store.pending.len(), 1);
}
