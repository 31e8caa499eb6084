//! Each state of a row, and what its caller hears.

use serde_json::{Value, json};
use switchboard_twilio::PublicUrl;

use super::*;

const CALL: &str = "22222222-0000-4000-8000-000000000001";

pub(super) fn urls() -> Urls {
    Urls::new(PublicUrl::parse("https://switchboard.test").unwrap())
}

/// Renders with what the office has set, or has not.
fn render(call: &Call, dialable: &[Member], urls: &Urls) -> Twiml {
    super::render(call, dialable, stage(urls))
}

pub(super) fn stage(urls: &Urls) -> Stage<'_> {
    Stage {
        urls,
        timings: &Timings::LIVE,
        render: 4,
        hold_music: None,
        greeting: "Speak <now> & \"here\".",
        caller_id: None,
        has_audio: true,
        dials_again: false,
    }
}

pub(super) fn call(changes: &Value) -> Call {
    let mut row = json!({
        "id": CALL, "twilio_call_sid": "CA1", "direction": "inbound",
        "from_number": "+15550100", "to_number": "+15550199", "caller_name": null,
        "status": "ringing", "assigned_to": null, "on_hold": false, "parking_slot": null,
        "park_reason": null, "end_reason": null, "epoch": 7,
        "created_at": "2026-01-02T03:04:05.123456+00:00", "version": 1,
    });
    let changes = changes.as_object().unwrap().clone();
    row.as_object_mut().unwrap().extend(changes);
    serde_json::from_value(row).unwrap()
}

pub(super) fn member_id(n: usize) -> String {
    format!("11111111-0000-4000-8000-{n:012}")
}

pub(super) fn members(count: usize) -> Vec<Member> {
    let member = |n| {
        let row = json!({
            "id": member_id(n), "user_id": member_id(100 + n), "display_name": "Doug",
            "identity": format!("agent_{n}"), "role": "agent", "is_available": true, "version": 1,
        });
        serde_json::from_value(row).unwrap()
    };
    (1..=count).map(member).collect()
}

pub(super) fn active(agent: usize, on_hold: bool) -> Call {
    call(&json!({ "status": "active", "assigned_to": member_id(agent), "on_hold": on_hold }))
}

fn identities(twiml: &Twiml) -> Vec<String> {
    let [Verb::Dial(dial)] = twiml.verbs() else {
        panic!("{twiml} is not one dial")
    };
    dial.clients
        .iter()
        .map(|client| client.identity.clone())
        .collect()
}

fn assert_plays(twiml: &Twiml) {
    let [Verb::Play(play), Verb::Redirect(redirect)] = twiml.verbs() else {
        panic!("{twiml} is not music")
    };
    assert_eq!(play.url, "https://switchboard.test/twilio/hold.wav");
    assert_eq!(
        redirect.url,
        format!("https://switchboard.test/twilio/voice?c={CALL}&e=7")
    );
}

fn assert_holds(twiml: &Twiml) {
    let [Verb::Say(_), Verb::Pause(pause), Verb::Redirect(redirect)] = twiml.verbs() else {
        panic!("{twiml} is not a hold loop")
    };
    assert!(
        pause.seconds > 0,
        "a loop without a pause would be a storm of requests"
    );
    assert_eq!(
        redirect.url,
        format!("https://switchboard.test/twilio/voice?c={CALL}&e=7")
    );
}

#[test]
fn a_ringing_call_rings_everybody_who_is_free() {
    let twiml = render(&call(&json!({})), &members(3), &urls());
    assert_eq!(identities(&twiml), ["agent_1", "agent_2", "agent_3"]);
    let [Verb::Dial(dial)] = twiml.verbs() else {
        panic!()
    };
    assert!(dial.answer_on_bridge);
    assert_eq!(
        dial.action,
        format!("https://switchboard.test/twilio/dial?c={CALL}&e=7&r=4")
    );
    let client = &dial.clients[0];
    assert_eq!(
        client.status_callback,
        format!("https://switchboard.test/twilio/leg?c={CALL}&e=7&r=4")
    );
    let parameters = [("call_id", CALL), ("epoch", "7")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(client.parameters, parameters);
}

#[test]
fn at_most_ten_are_rung_because_twilio_takes_no_more() {
    assert_eq!(
        identities(&render(&call(&json!({})), &members(12), &urls())).len(),
        10
    );
}

#[test]
fn a_ringing_call_with_nobody_to_ring_waits() {
    assert_holds(&render(&call(&json!({})), &[], &urls()));
}

#[test]
fn an_active_call_is_connected_to_its_agent_alone() {
    assert_eq!(
        identities(&render(&active(2, false), &members(3), &urls())),
        ["agent_2"]
    );
}

#[test]
fn an_active_call_whose_agent_cannot_be_dialled_waits() {
    assert_holds(&render(&active(9, false), &members(3), &urls()));
}

#[test]
fn a_held_call_waits() {
    assert_plays(&render(&active(2, true), &members(3), &urls()));
}

#[test]
fn a_parked_call_waits() {
    let parked = call(
        &json!({ "status": "parked", "parking_slot": 3, "parked_at": "2026-01-02T03:04:05Z" }),
    );
    assert_plays(&render(&parked, &members(3), &urls()));
}

#[test]
fn without_audio_every_caller_waits_in_one_loop() {
    let urls = urls();
    let silent = Stage {
        has_audio: false,
        ..stage(&urls)
    };
    for row in [call(&json!({})), active(2, false), active(2, true)] {
        assert_holds(&super::render(&row, &members(3), silent));
    }
}

#[test]
fn an_agent_who_did_not_answer_is_dialled_again_after_a_moment() {
    let urls = urls();
    let again = Stage {
        dials_again: true,
        ..stage(&urls)
    };
    let twiml = super::render(&active(2, false), &members(3), again);
    let [Verb::Pause(pause), Verb::Redirect(_)] = twiml.verbs() else {
        panic!("{twiml} is no pause")
    };
    assert!(pause.seconds > 0);
}

#[test]
fn an_ended_call_is_hung_up() {
    let ended = call(
        &json!({ "status": "ended", "assigned_to": member_id(1), "ended_at": "2026-01-02T03:04:05Z" }),
    );
    assert_eq!(render(&ended, &members(3), &urls()).verbs(), [Verb::Hangup]);
}
