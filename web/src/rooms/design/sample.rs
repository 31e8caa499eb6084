//! A board on which every card is in another state.

use switchboard_model::{Snapshot, UserId};
use switchboard_realtime::Status;

use crate::store::{Action, Store};

/// The reader of the sample.
const ME: &str = "22222222-0000-4000-8000-000000000001";

/// The board as it is `now_ms`. One that `is_live` can act. `iso` writes a moment.
pub(super) fn store(now_ms: i64, is_live: bool, iso: &dyn Fn(i64) -> String) -> Option<Store> {
    let me: UserId = ME.parse().ok()?;
    let mut store = Store::new(me);
    store.has_audio = true;
    if is_live {
        store.take(Action::Linked {
            status: Status::Live,
            at_ms: now_ms,
        });
    }
    store.take(Action::SnapshotAsked(0));
    let snapshot = Snapshot::from_json(&calls(now_ms, iso), &members(), SETTINGS).ok()?;
    store.take(Action::SnapshotCame(0, snapshot));
    store.hushed = vec![call_id(5).parse().ok()?];
    Some(store)
}

const SETTINGS: &str = r#"[{"parking_slots":6,"park_timeout_s":300,"version":1}]"#;

fn call_id(number: usize) -> String {
    format!("33333333-0000-4000-8000-0000000000{number:02}")
}

fn member_id(number: usize) -> String {
    format!("11111111-0000-4000-8000-0000000000{number:02}")
}

fn members() -> String {
    // Name, role, whether on duty, how the device is.
    let people = [
        ("Doug", "agent", true, "ready"),
        ("Rhonda Ortega", "agent", true, "ready"),
        ("Sue", "supervisor", true, "ready"),
        ("Ines", "agent", true, "ready"),
        ("Bo", "agent", true, "connecting"),
        (
            "Maximiliane Featherstonehaugh-Cholmondeley",
            "agent",
            true,
            "no_microphone",
        ),
        ("Tom", "agent", true, "unreachable"),
        ("Lea", "agent", false, "off"),
    ];
    let rows = people.iter().enumerate().map(|(index, (name, role, on_duty, device))| {
        let number = index + 1;
        format!(
            r#"{{"id":"{}","user_id":"22222222-0000-4000-8000-0000000000{number:02}","display_name":"{name}",
            "identity":"sample_{number}","role":"{role}","is_available":{on_duty},"device_state":"{device}","version":{number}}}"#,
            member_id(number),
        )
    });
    list(rows)
}

fn list(rows: impl Iterator<Item = String>) -> String {
    format!("[{}]", rows.collect::<Vec<_>>().join(","))
}

fn calls(now_ms: i64, iso: &dyn Fn(i64) -> String) -> String {
    let at = |seconds: i64| format!("\"{}\"", iso(now_ms - seconds * 1000));
    let ringing = |from: &str, name: &str, seconds, more: &str| {
        format!(
            r#""from_number":"{from}","caller_name":{name},"status":"ringing","created_at":{}{more}"#,
            at(seconds)
        )
    };
    let active = |name: &str, agent, seconds, more: &str| {
        let agent = member_id(agent);
        format!(
            r#""from_number":"+34912345678","caller_name":"{name}","status":"active","assigned_to":"{agent}",
            "last_agent":"{agent}","created_at":{},"answered_at":{}{more}"#,
            at(seconds + 9),
            at(seconds),
        )
    };
    let parked = |slot, why: &str, agent, seconds| {
        format!(
            r#""from_number":"+4915112345678","caller_name":"Parked {slot}","status":"parked","parking_slot":{slot},
            "park_reason":"{why}","last_agent":"{}","created_at":{},"parked_at":{}"#,
            member_id(agent),
            at(seconds + 60),
            at(seconds),
        )
    };
    let talks = |seconds| format!(r#","connected_at":{}"#, at(seconds));
    let held = format!(r#"{},"on_hold":true,"held_at":{}"#, talks(200), at(48));
    let out = r#","direction":"outbound","to_number":"+12025550142""#;
    let message = format!(r#","voicemail_at":{}"#, at(4));
    let company = r#","caller_company":"Moreno Dental""#;
    let again = format!(r#","last_agent":"{}""#, member_id(2));
    let rows = [
        ringing("+12025550101", "\"Ada Moreno\"", 74, company),
        ringing("+442079460958", "null", 21, ""),
        ringing("anonymous", "null", 12, ""),
        ringing(
            "+819012345678",
            "\"A caller with a name that is longer than any card is wide\"",
            9,
            "",
        ),
        ringing("+12025550177", "\"Not for me\"", 7, ""),
        ringing("+12025550188", "\"Leaves a message\"", 40, &message),
        active("Anna Berg", 1, 125, &talks(124)),
        active("Omar Haddad", 2, 230, &held),
        active("Connects", 3, 2, ""),
        active("Called out", 4, 8, out),
        parked(1, "parked_by_agent", 2, 65),
        parked(2, "agent_dropped", 1, 9),
        parked(3, "unreachable", 7, 140),
        parked(4, "transfer_failed", 4, 285),
        ringing("+12025550166", "\"Rings again\"", 34, &again),
    ];
    list(rows.iter().enumerate().map(|(index, row)| {
        let number = index + 1;
        // What a row says last counts.
        let direction = if row.contains("outbound") { "" } else { r#""direction":"inbound","to_number":"+12025550199","# };
        format!(
            r#"{{"id":"{}","twilio_call_sid":"CA{number}","on_hold":false,{direction}{row},"epoch":1,"version":{}}}"#,
            call_id(number),
            number + 20,
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::BoardView;

    #[test]
    fn every_row_of_the_sample_is_on_its_board() {
        let iso = |_| "2026-01-02T12:00:00Z".to_owned();
        let store = store(0, true, &iso).expect("the sample reads");
        let view = BoardView::of(&store, store.me().expect("the reader is on the team"));
        assert_eq!(
            (view.incoming.len(), view.agents.len(), view.parked()),
            (7, 8, 4)
        );
    }
}
