//! Every kind of event and every reason, as a reader finds it.

use serde_json::json;
use switchboard_model::EndReason;

use super::*;

const DOUG: &str = "11111111-0000-4000-8000-000000000001";
const RHONDA: &str = "11111111-0000-4000-8000-000000000002";
const SUE: &str = "11111111-0000-4000-8000-000000000003";

fn name(id: &str) -> Value {
    json!(match id {
        DOUG => "Doug",
        RHONDA => "Rhonda",
        SUE => "Sue",
        _ => return Value::Null,
    })
}

fn entry(kind: &str, by: &str, from: &str, to: &str, more: &Value) -> Entry {
    let id = |id: &str| {
        if id.is_empty() {
            Value::Null
        } else {
            json!(id)
        }
    };
    let mut row = json!({
        "id": 1, "at": "2026-01-05T09:00:00Z", "kind": kind, "by": name(by), "by_id": id(by), "to_whom": name(to),
        "to_id": id(to), "from_whom": name(from), "from_status": null, "to_status": "active", "parking_slot": null,
        "park_reason": null, "end_reason": null, "caller_name": null, "lasted_s": null,
    });
    for (key, value) in more.as_object().unwrap() {
        row[key] = value.clone();
    }
    Entry::read(row.as_object().unwrap()).unwrap()
}

fn says(kind: &str, by: &str, from: &str, to: &str, more: &Value) -> String {
    entry(kind, by, from, to, more).sentence(Direction::Inbound)
}

#[test]
fn who_has_it_is_named_and_who_did_it_where_that_is_another() {
    let none = json!({});
    for (kind, by, from, to, sentence) in [
        ("created", "", "", "", "The call came in"),
        ("created", DOUG, "", DOUG, "Doug called out"),
        ("created", "", "", DOUG, "Doug called out"),
        ("answered", DOUG, "", DOUG, "Doug answered"),
        ("answered", "", "", DOUG, "Doug answered"),
        ("answered", SUE, "", DOUG, "Sue gave it to Doug"),
        (
            "retrieved",
            RHONDA,
            "",
            RHONDA,
            "Rhonda took it from the parking lot",
        ),
        ("retrieved", SUE, "", RHONDA, "Sue gave it to Rhonda"),
        (
            "transferred",
            DOUG,
            DOUG,
            RHONDA,
            "Doug transferred it to Rhonda",
        ),
        ("transferred", SUE, DOUG, SUE, "Sue took it over from Doug"),
        (
            "transferred",
            SUE,
            DOUG,
            RHONDA,
            "Sue moved it from Doug to Rhonda",
        ),
        (
            "transferred",
            "",
            DOUG,
            RHONDA,
            "It was transferred to Rhonda",
        ),
        ("connected", "", DOUG, DOUG, "Doug was connected"),
        ("held", DOUG, DOUG, DOUG, "Doug put it on hold"),
        ("resumed", DOUG, DOUG, DOUG, "Doug took it off hold"),
        ("requeued", "", "", "", "It rang again"),
        (
            "voicemail",
            "",
            "",
            "",
            "The caller began to leave a message",
        ),
        ("recorded", "", "", "", "The message was recorded"),
        ("noted", DOUG, DOUG, DOUG, "Doug wrote notes"),
        (
            "corrected",
            "",
            "",
            "",
            "The record of the call was completed",
        ),
        ("something_new", "", "", "", "The call was changed"),
    ] {
        assert_eq!(says(kind, by, from, to, &none), sentence);
    }
    assert_eq!(
        says("corrected", DOUG, "", "", &json!({"caller_name": "Ada"})),
        "The caller is now known as Ada"
    );
    assert_eq!(
        says("moved", SUE, "", "", &json!({"parking_slot": 5})),
        "Sue moved it to 5"
    );
    let out = entry("connected", "", DOUG, DOUG, &none).sentence(Direction::Outbound);
    assert_eq!(out, "The customer answered");
}

#[test]
fn a_parked_call_says_why() {
    let parked = |by, from, reason: &str| {
        says(
            "parked",
            by,
            from,
            "",
            &json!({"parking_slot": 3, "park_reason": reason, "to_status": "parked"}),
        )
    };
    assert_eq!(
        parked(RHONDA, RHONDA, "parked_by_agent"),
        "Rhonda parked it in 3"
    );
    assert_eq!(parked("", DOUG, "parked_by_agent"), "It was parked in 3");
    assert_eq!(parked("", DOUG, "agent_dropped"), "Doug lost the line");
    assert_eq!(parked("", DOUG, "unreachable"), "Doug could not be reached");
    assert_eq!(parked("", "", "unreachable"), "Nobody could be reached");
    assert_eq!(
        parked("", RHONDA, "transfer_failed"),
        "Rhonda did not take the transfer"
    );
}

#[test]
fn every_end_says_how() {
    let ended = |reason: EndReason, by, direction| {
        let more = json!({"end_reason": reason.as_str(), "to_status": "ended"});
        entry("ended", by, DOUG, DOUG, &more).sentence(direction)
    };
    let inbound = EndReason::ALL.map(|reason| ended(reason, DOUG, Direction::Inbound));
    assert_eq!(
        inbound,
        [
            "Ended: the caller hung up",
            "Ended: nobody answered in time",
            "Ended: the caller gave up waiting",
            "Ended: the caller left a message",
            "Ended: the network could not carry it",
            "Ended: the line was found dead",
            "Ended: Doug hung up",
        ]
    );
    assert_eq!(
        ended(EndReason::Completed, "", Direction::Outbound),
        "Ended: the customer hung up"
    );
    assert_eq!(
        ended(EndReason::Missed, "", Direction::Outbound),
        "Ended: the customer did not answer"
    );
    assert_eq!(
        ended(EndReason::EndedByAgent, "", Direction::Inbound),
        "Ended"
    );
}

#[test]
fn a_state_has_a_length_that_runs_until_the_next() {
    let at = entry("created", "", "", "", &json!({})).at_ms;
    let length = |kind, more: &Value, after_ms, is_over| {
        entry(kind, DOUG, DOUG, DOUG, more).length(at + after_ms, is_over)
    };
    let rings = json!({"to_status": "ringing", "lasted_s": 14.2});
    assert_eq!(
        length("created", &rings, 0, true).unwrap(),
        "rang for 14\u{a0}s"
    );
    let rings = json!({"to_status": "ringing"});
    assert_eq!(
        length("requeued", &rings, 3_000, false).unwrap(),
        "ringing for 3\u{a0}s"
    );
    let rings = json!({"to_status": "ringing", "lasted_s": 0.4});
    assert_eq!(
        length("created", &rings, 0, true).unwrap(),
        "rang for under 1\u{a0}s"
    );
    assert_eq!(
        length("held", &json!({}), 900, false),
        None,
        "it has only just begun"
    );
    let parked = json!({"to_status": "parked", "lasted_s": 130.9});
    assert_eq!(
        length("parked", &parked, 0, false).unwrap(),
        "2\u{a0}min\u{a0}10\u{a0}s"
    );
    assert_eq!(
        length("held", &json!({}), 61_000, false).unwrap(),
        "1\u{a0}min\u{a0}1\u{a0}s"
    );
    assert_eq!(
        length("held", &json!({}), 61_000, true),
        None,
        "it is over, and nobody knows"
    );
    for kind in ["noted", "connected", "recorded", "corrected", "ended"] {
        assert_eq!(length(kind, &json!({}), 5_000, false), None, "{kind}");
    }
}

#[test]
fn notes_that_one_person_writes_are_one_line() {
    let noted = |id, by: &str| Entry {
        id,
        ..entry("noted", by, by, by, &json!({}))
    };
    let ids = |entries| {
        lines(entries)
            .iter()
            .map(|entry| entry.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids(vec![
            noted(1, DOUG),
            noted(2, DOUG),
            noted(3, SUE),
            noted(4, DOUG)
        ]),
        [1, 3, 4]
    );
    let late = Entry {
        at_ms: 9,
        ..noted(2, DOUG)
    };
    assert_eq!(lines(vec![noted(1, DOUG), late])[0].at_ms, 9);
}

#[test]
fn lengths_are_told_in_two_units_at_most() {
    for (ms, text) in [
        (-1, "under 1\u{a0}s"),
        (999, "under 1\u{a0}s"),
        (1_000, "1\u{a0}s"),
        (14_000, "14\u{a0}s"),
        (60_000, "1\u{a0}min"),
        (130_000, "2\u{a0}min\u{a0}10\u{a0}s"),
        (3_600_000, "1\u{a0}h"),
        (3_725_000, "1\u{a0}h\u{a0}2\u{a0}min"),
    ] {
        assert_eq!(lasting(ms), text);
    }
}

#[test]
fn what_is_no_row_is_none() {
    assert_eq!(
        Entry::read(json!({"id": 1, "kind": "held"}).as_object().unwrap()),
        None
    );
}

#[test]
fn a_call_is_whose_it_became_and_not_whose_hand_moved_it() {
    let parked = json!({ "to_status": "parked", "parking_slot": 3 });
    for (entry, holder) in [
        (entry("answered", DOUG, "", DOUG, &json!({})), Some(DOUG)),
        (
            entry("transferred", SUE, DOUG, RHONDA, &json!({})),
            Some(RHONDA),
        ),
        (entry("moved", SUE, "", "", &parked), None),
    ] {
        assert_eq!(entry.holder(), holder);
    }
}
