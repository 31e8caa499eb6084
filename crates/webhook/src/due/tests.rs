//! What is due, row by row.

use serde_json::{Value, json};

use super::*;

const DOUG: &str = "11111111-0000-4000-8000-000000000001";

/// A moment so many seconds ago.
fn ago(seconds: i64) -> String {
    let now = time::macros::datetime!(2026-01-02 12:00 UTC);
    let format = &time::format_description::well_known::Rfc3339;
    (now - time::Duration::seconds(seconds))
        .format(format)
        .unwrap()
}

fn member(n: u8) -> Value {
    json!({
        "id": format!("11111111-0000-4000-8000-00000000000{n}"),
        "user_id": format!("aaaaaaaa-0000-4000-8000-00000000000{n}"), "display_name": "Doug",
        "identity": format!("agent_{n}"), "role": "agent", "is_available": true, "version": 1,
    })
}

fn scene(call: &Value, audio: &Value) -> Scene {
    let mut row = json!({
        "id": "22222222-0000-4000-8000-000000000001", "twilio_call_sid": "CA1", "direction": "inbound",
        "from_number": "+15550100", "to_number": "+15550199", "caller_name": null,
        "status": "ringing", "assigned_to": null, "on_hold": false, "parking_slot": null,
        "park_reason": null, "end_reason": null, "epoch": 3, "created_at": ago(30), "version": 1,
    });
    let changes = call.as_object().unwrap().clone();
    row.as_object_mut().unwrap().extend(changes);
    let mut notes = json!({ "rendered_epoch": 3, "render": 5, "checked_at": ago(10) });
    let changes = audio.as_object().unwrap().clone();
    notes.as_object_mut().unwrap().extend(changes);
    let agent = if row["assigned_to"].is_null() {
        Value::Null
    } else {
        member(1)
    };
    let claimed = row["answered_at"].clone();
    serde_json::from_value(json!({
        "now": ago(0), "call": row, "audio": notes, "agent": agent, "rung_since": ago(30),
        "claimed_at": claimed, "claimed_by": "answered",
    }))
    .unwrap()
}

fn floor(ringable: &[u8]) -> Floor {
    let members: Vec<_> = ringable.iter().map(|n| member(*n)).collect();
    serde_json::from_value(json!({
        "ringable": members, "is_open": true,
        "settings": {
            "ring_timeout_s": 60, "park_timeout_s": 300, "hold_music_url": null,
            "voicemail_enabled": true, "voicemail_greeting": "Speak.",
        },
    }))
    .unwrap()
}

fn leg(state: &str, seconds: i64) -> Value {
    json!({ "state": state, "at": ago(seconds) })
}

fn active(answered: i64) -> Value {
    json!({ "status": "active", "assigned_to": DOUG, "answered_at": ago(answered) })
}

fn connected() -> Value {
    let mut call = active(20);
    call["connected_at"] = json!(ago(19));
    call
}

/// Its name, the row, the notes, who can be rung, and what is due.
type Case = (&'static str, Value, Value, &'static [u8], Option<Due>);

#[test]
fn every_difference_between_row_and_audio_has_its_remedy() {
    let none = json!({});
    let legs = |state, seconds| json!({ "legs": { "agent_1": leg(state, seconds) } });
    let leased = |state: Option<&str>, left: i64| {
        let legs = state.map_or_else(|| json!({}), |state| json!({ "agent_1": leg(state, 1) }));
        json!({ "lease_until": ago(-left), "legs": legs })
    };
    let held =
        json!({ "status": "active", "assigned_to": DOUG, "on_hold": true, "held_at": ago(9) });
    let parked = |reason: &str, seconds: i64| json!({ "status": "parked", "parking_slot": 1, "park_reason": reason, "parked_at": ago(seconds) });
    let ended = json!({ "status": "ended", "end_reason": "ended_by_agent", "ended_at": ago(1) });
    let placed = |answered: Option<i64>| {
        let mut call =
            json!({ "status": "active", "assigned_to": DOUG, "direction": "outbound", "epoch": 0 });
        call["connected_at"] = json!(answered.map(ago));
        call
    };
    let dialled = |state: &str, left: i64| json!({ "rendered_epoch": 0, "lease_until": ago(-left), "legs": { "+": leg(state, 3) } });
    let untold = |state: &str, heard: i64, asked: i64| json!({ "rendered_epoch": 0, "lease_until": ago(-30), "checked_at": ago(asked), "legs": { "+": leg(state, heard) } });
    let cases: Vec<Case> = vec![
        (
            "ringing, ringing at somebody",
            none.clone(),
            legs("ringing", 3),
            &[1],
            None,
        ),
        (
            "ringing, behind",
            none.clone(),
            json!({ "rendered_epoch": 2 }),
            &[],
            Some(Due::Render),
        ),
        (
            "ringing, first answer on its way",
            json!({ "created_at": ago(4) }),
            json!({ "rendered_epoch": null }),
            &[],
            None,
        ),
        (
            "ringing, first answer lost",
            none.clone(),
            json!({ "rendered_epoch": null }),
            &[],
            Some(Due::Render),
        ),
        (
            "ringing at nobody, nobody there",
            none.clone(),
            none.clone(),
            &[],
            None,
        ),
        (
            "ringing at nobody, somebody comes",
            none.clone(),
            none.clone(),
            &[1],
            Some(Due::Render),
        ),
        (
            "leaving a message",
            json!({ "voicemail_at": ago(3) }),
            none.clone(),
            &[1],
            None,
        ),
        (
            "ringing, but somebody talks",
            none.clone(),
            legs("answered", 1),
            &[1],
            Some(Due::Render),
        ),
        (
            "claimed, ringing there",
            active(3),
            legs("ringing", 5),
            &[],
            None,
        ),
        (
            "claimed, nothing heard of the leg yet",
            active(3),
            legs("dialled", 5),
            &[],
            None,
        ),
        (
            "claimed for too long",
            active(8),
            legs("ringing", 9),
            &[],
            Some(Due::Lease),
        ),
        (
            "claimed by one who is not rung",
            active(0),
            json!({ "legs": { "agent_2": leg("ringing", 5) } }),
            &[],
            Some(Due::Render),
        ),
        (
            "claimed by one whose leg is over",
            active(0),
            legs("ended", 5),
            &[],
            Some(Due::Render),
        ),
        (
            "claimed, somebody else talks",
            active(3),
            json!({ "legs": { "agent_1": leg("ringing", 5), "agent_2": leg("answered", 1) } }),
            &[],
            Some(Due::Render),
        ),
        (
            "claimed, answered, not written",
            active(3),
            legs("answered", 1),
            &[],
            Some(Due::Lease),
        ),
        (
            "dialled alone, time left",
            active(20),
            leased(Some("ringing"), 3),
            &[],
            None,
        ),
        (
            "dialled alone, time over",
            active(20),
            leased(Some("ringing"), 0),
            &[],
            Some(Due::Lease),
        ),
        (
            "dialled alone in vain, time left",
            active(20),
            leased(Some("ended"), 3),
            &[],
            None,
        ),
        (
            "between two tries, time left",
            active(20),
            leased(None, 3),
            &[],
            None,
        ),
        (
            "between two tries, time over",
            active(20),
            leased(None, 0),
            &[],
            Some(Due::Lease),
        ),
        ("talking", connected(), legs("answered", 19), &[2], None),
        (
            "talking, and the line was just lost",
            connected(),
            legs("ended", 4),
            &[],
            None,
        ),
        (
            "talking, and the line is lost",
            connected(),
            legs("ended", 5),
            &[],
            Some(Due::Drop),
        ),
        (
            "resumed, time over",
            connected(),
            leased(Some("ringing"), 0),
            &[],
            Some(Due::Lease),
        ),
        ("on hold", held.clone(), none.clone(), &[1], None),
        (
            "on hold, behind",
            held,
            json!({ "rendered_epoch": 2 }),
            &[],
            Some(Due::Render),
        ),
        (
            "parked",
            parked("parked_by_agent", 299),
            none.clone(),
            &[1],
            None,
        ),
        (
            "parked for too long",
            parked("parked_by_agent", 300),
            none.clone(),
            &[],
            Some(Due::Requeue),
        ),
        (
            "the agent may come back",
            parked("agent_dropped", 19),
            none.clone(),
            &[],
            None,
        ),
        (
            "the agent does not come back",
            parked("agent_dropped", 20),
            none.clone(),
            &[],
            Some(Due::Requeue),
        ),
        ("ended, heard", ended.clone(), none.clone(), &[1], None),
        (
            "ended, not heard",
            ended.clone(),
            json!({ "rendered_epoch": 2 }),
            &[],
            Some(Due::HangUp),
        ),
        (
            "ended before it was answered at all",
            ended,
            json!({ "rendered_epoch": null }),
            &[],
            None,
        ),
        (
            "a telephone rings",
            placed(None),
            dialled("ringing", 30),
            &[],
            None,
        ),
        (
            "a telephone rang for too long",
            placed(None),
            dialled("ringing", 0),
            &[],
            Some(Due::Lease),
        ),
        (
            "a telephone rings, and nobody asked for long",
            placed(None),
            untold("ringing", 15, 15),
            &[],
            Some(Due::Untold),
        ),
        (
            "a telephone rings, and somebody asked",
            placed(None),
            untold("ringing", 16, 14),
            &[],
            None,
        ),
        (
            "a telephone was picked up, and it was not written",
            placed(None),
            untold("answered", 0, 0),
            &[],
            Some(Due::Lease),
        ),
        (
            "a browser rings for as long as it may",
            active(5),
            json!({ "checked_at": ago(16), "legs": { "agent_1": leg("ringing", 16) } }),
            &[],
            None,
        ),
        (
            "quiet for a minute",
            none,
            json!({ "checked_at": ago(60), "legs": { "agent_1": leg("ringing", 3) } }),
            &[],
            Some(Due::Check),
        ),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|(name, call, audio, ringable, expected)| {
            let found = due(
                &scene(call, audio),
                &floor(ringable),
                &Timings::LIVE,
                Timings::LIVE.quiet,
            );
            (found != *expected).then(|| format!("{name}: {found:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn at_its_start_a_process_asks_after_every_call_that_needs_nothing_else() {
    let parked = json!({ "status": "parked", "parking_slot": 1, "park_reason": "unreachable", "parked_at": ago(9) });
    let look = |quiet| {
        due(
            &scene(&parked, &json!({})),
            &floor(&[]),
            &Timings::LIVE,
            quiet,
        )
    };
    assert_eq!(look(Duration::ZERO), Some(Due::Check));
    assert_eq!(look(Timings::LIVE.quiet), None);
}
