//! The log in words: one line for each change, as a colleague would tell it.

use std::collections::HashMap;

use switchboard_model::history::EventKind;
use switchboard_model::{Board, CallId, Direction, EndReason, Event, MemberId, Replay};

use super::reel::reached_ms;
use crate::format::caller;
use crate::texts::{self, replay as words};

/// A change in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The change's place in the log.
    pub(super) id: i64,
    /// The moment at which it has happened.
    pub(super) at_ms: i64,
    /// The call.
    pub(super) call: CallId,
    /// What happened.
    pub(super) words: String,
}

/// The whole of a replay in words, which is played for that and stands at its beginning again afterwards.
pub(super) fn lines(replay: &mut Replay) -> Vec<Line> {
    let moments: Vec<i64> = replay
        .events()
        .map(|(since, _)| reached_ms(since))
        .collect();
    let mut lines = Vec::with_capacity(moments.len());
    // Who a call was is also asked once it is over: its message comes then.
    let mut callers = HashMap::new();
    for at_ms in moments {
        let before = replay.board().clone();
        let Some(event) = replay.forward().cloned() else {
            break;
        };
        let words = line(&event, &before, replay.board(), &mut callers);
        // What means nothing to people is no line.
        if !words.is_empty() {
            lines.push(Line {
                id: event.id,
                at_ms,
                call: event.call_id,
                words,
            });
        }
    }
    while replay.back().is_some() {}
    lines
}

type Callers = HashMap<CallId, (String, Direction)>;

fn line(event: &Event, before: &Board, after: &Board, callers: &mut Callers) -> String {
    let id = event.call_id;
    let known = before.call(id).or_else(|| after.call(id));
    if let Some(call) = known {
        callers.insert(id, (caller(call, before).0, call.direction));
    }
    match callers.get(&id) {
        Some((who, direction)) => told(event, after, who, *direction),
        // It was over before this stretch of the log began.
        None => {
            let told = told(event, after, words::a_call(), Direction::Inbound);
            match told.strip_prefix(words::a_call()) {
                Some(rest) => [words::a_call_first(), rest].concat(),
                None => told,
            }
        }
    }
}

fn told(event: &Event, after: &Board, who: &str, direction: Direction) -> String {
    let name = |id: Option<MemberId>| {
        let member = id.and_then(|id| after.member(id));
        member.map_or(texts::a_colleague().to_owned(), |member| {
            member.display_name.clone()
        })
    };
    let holder = name(event.assigned_to);
    let slot = event
        .detail
        .get("parking_slot")
        .and_then(serde_json::Value::as_i64);
    let slot = slot.map(|slot| slot.to_string()).unwrap_or_default();
    let text = |column: &str| event.detail.get(column).and_then(serde_json::Value::as_str);
    let actor = event.actor.map(|actor| name(Some(actor)));
    match event.kind {
        EventKind::Created if direction == Direction::Outbound => words::placed(&holder, who),
        EventKind::Created => words::created(who),
        EventKind::Answered => words::answered(&holder, who),
        EventKind::Retrieved => words::retrieved(&holder, who),
        EventKind::Transferred => words::transferred(&holder, who),
        EventKind::Connected => words::connected(&holder, who),
        EventKind::Held => match actor {
            Some(actor) => words::held_by(&actor, who),
            None => words::held(who),
        },
        EventKind::Resumed => match actor {
            Some(actor) => words::resumed_by(&actor, who),
            None => words::resumed(who),
        },
        EventKind::Parked => match actor {
            Some(actor) => words::parked_by(&actor, &slot, who),
            None => words::parked(&slot, who),
        },
        EventKind::Moved => words::moved(&slot, who),
        EventKind::Requeued => words::requeued(who),
        EventKind::Ended => ended(event, who, actor),
        EventKind::Noted => words::noted(
            &actor.unwrap_or_else(|| texts::a_colleague().to_owned()),
            who,
        ),
        EventKind::Corrected => match (text("caller_name"), text("caller_company")) {
            (Some(name), _) => words::named(name, who),
            (None, Some(company)) => words::speaks_for(company, who),
            (None, None) => String::new(),
        },
        EventKind::Voicemail => words::voicemail(who),
        EventKind::Recorded => words::recorded(who),
    }
}

fn ended(event: &Event, who: &str, actor: Option<String>) -> String {
    let reason = event.detail.get("end_reason").cloned();
    let reason = reason.and_then(|reason| serde_json::from_value(reason).ok());
    match (reason, actor) {
        (Some(EndReason::EndedByAgent), Some(actor)) => words::ended_by(&actor, who),
        (Some(EndReason::Abandoned), _) => words::gave_up(who),
        (Some(EndReason::Missed), _) => words::missed(who),
        (Some(EndReason::Voicemail), _) => words::left_message(who),
        (Some(EndReason::Completed), _) => words::hung_up(who),
        (Some(EndReason::EndedByAgent | EndReason::Failed | EndReason::Reconciled) | None, _) => {
            words::ended(who)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use switchboard_model::Snapshot;

    const CALL: &str = "22222222-0000-4000-8000-000000000001";
    const DOUG: &str = "11111111-0000-4000-8000-000000000001";

    fn event(id: i64, kind: &str, detail: Value) -> Event {
        let mut detail = detail;
        detail["version"] = json!(id);
        serde_json::from_value(json!({
            "id": id, "call_id": CALL, "version": id, "at": format!("2026-01-05T09:00:0{id}.0001+00:00"),
            "actor": DOUG, "kind": kind, "from_status": null, "to_status": "ringing", "assigned_to": DOUG,
            "detail": detail,
        }))
        .unwrap()
    }

    fn team() -> Snapshot {
        let member = json!([{
            "id": DOUG, "user_id": DOUG, "display_name": "Doug", "identity": "agent_doug", "role": "agent",
            "is_available": true, "device_state": null, "current_call_id": null, "retired_at": null, "version": 1,
        }]);
        Snapshot::from_json("[]", &member.to_string(), "[]").unwrap()
    }

    #[test]
    fn a_call_is_told_from_its_beginning_to_its_end() {
        let row = json!({
            "id": CALL, "twilio_call_sid": "CA1", "direction": "inbound", "from_number": "+12025550101",
            "to_number": "+12025550199", "caller_name": "Anna", "status": "ringing", "on_hold": false, "epoch": 0,
            "created_at": "2026-01-05T09:00:01+00:00",
        });
        let mut replay = Replay::new(
            team(),
            vec![
                event(1, "created", row),
                event(
                    2,
                    "answered",
                    json!({"status": "active", "assigned_to": DOUG}),
                ),
                event(
                    3,
                    "parked",
                    json!({"status": "parked", "assigned_to": null, "parking_slot": 4}),
                ),
                event(4, "corrected", json!({"caller_name": "Anna Berg"})),
                event(5, "corrected", json!({"caller_company": "Looms"})),
                event(
                    6,
                    "ended",
                    json!({"status": "ended", "parking_slot": null, "end_reason": "completed"}),
                ),
                event(7, "recorded", json!({"recording_s": 9})),
            ],
        );
        let lines = lines(&mut replay);
        let told: Vec<&str> = lines.iter().map(|line| line.words.as_str()).collect();
        assert_eq!(
            told,
            [
                "Anna calls",
                "Doug answers Anna",
                "Doug parks Anna in slot 4",
                "Anna is now known as Anna Berg",
                "Anna Berg speaks for Looms",
                "Anna Berg hangs up",
                "The message from Anna Berg can be heard",
            ]
        );
        assert_eq!(
            lines[0].at_ms, 1_767_603_601_001,
            "it has happened at the end of its millisecond"
        );
        assert_eq!(
            replay.position(),
            0,
            "and the replay stands at its beginning"
        );
    }
}
