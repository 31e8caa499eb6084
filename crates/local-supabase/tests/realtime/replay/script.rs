//! What the service did in the database, as the recordings' notes tell it in words.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    player::Calls,
    recording::Recording,
    world::{member, membership},
};

/// The statements for the event `at`, and the calls as they are afterwards.
pub(super) fn statements(recording: &Recording, at: usize, calls: &mut Calls) -> Vec<String> {
    let event = &recording.events[at];
    let note = event["note"]
        .as_str()
        .or(event["sql"].as_str())
        .unwrap_or_default();
    let told = |kind: &str| recording.changes_told(at, kind);
    let member = recording.members().last().map(|number| member(*number));
    let expected = |field: &str| {
        let told = told("UPDATE");
        let value = told.first().map(|data| data["record"][field].clone());
        value.unwrap_or_default()
    };
    let insert = |nth: usize, calls: &mut Calls| insert(told("INSERT").get(nth), calls);
    match note {
        "insert" | "insert after leave" => vec![insert(0, calls)],
        _ if note.starts_with("insert into calls") => vec![insert(0, calls)],
        // Its length is told by the note alone where the value is too long to be told.
        _ if note.starts_with("insert caller_name") => {
            let length = note.rsplit(' ').next().unwrap_or_default();
            let inserted = insert(0, calls);
            let long = format!("repeat('x', {length}), ");
            let is_told = inserted.contains("caller_name");
            vec![if is_told { inserted } else {
                inserted.replace("calls (id, ", "calls (id, caller_name, ").replacen("', ", &format!("', {long}"), 1)
            }]
        }
        _ if note.contains("9007199254740993") => vec![insert(0, calls)],
        "insert + delete of a calls row" => vec![insert(0, calls), delete(calls, 1)],
        "insert, update, delete of a calls row" => {
            let inserted = insert(0, calls);
            let updated = set(calls.last(), "end_reason = 'u'");
            vec![inserted, updated, delete(calls, 1)]
        }
        "delete" => vec![delete(calls, 1)],
        _ if note.starts_with("delete from calls") => vec![delete(calls, 2)],
        "update" | "update end_reason (caller_name unchanged toast)" | "update end_reason on ringing row (matches filter)" => {
            let reason = expected("end_reason");
            vec![set(calls.last(), &format!("end_reason = '{}'", reason.as_str().unwrap_or_default()))]
        }
        _ if note.starts_with("update calls set status='active'")
            || note.starts_with("answer")
            || note.starts_with("tx: update calls set status='active'") =>
        {
            vec![answer(calls.first(), member)]
        }
        _ if note.starts_with("update calls set status='parked'") => {
            vec![park(calls.first(), &expected("parking_slot"))]
        }
        "end" => vec![set(calls.first(), "status = 'ended'")],
        _ if note.starts_with("tx: insert k, insert k2") => {
            let (one, two) = (insert(0, calls), insert(1, calls));
            vec![format!("begin; {one}; {two}; commit")]
        }
        _ if note.starts_with("tx: park k") => vec![format!(
            "begin; {}; {}; commit",
            park(calls.first(), &expected("parking_slot")),
            answer(calls.last(), member)
        )],
        _ if note.starts_with("two transactions back to back") => {
            let ended = set(calls.last(), "status = 'ended'");
            vec![ended, insert(0, calls)]
        }
        "one tx: update k3 three times" => {
            let updates: Vec<String> = ["1", "2", "3"]
                .map(|n| set(calls.last(), &format!("end_reason = '{n}'")))
                .into();
            vec![format!("begin; {}; commit", updates.join("; "))]
        }
        "rolled back tx" => {
            let update = set(calls.last(), "end_reason = 'never'");
            vec![format!("begin; {update}; rollback")]
        }
        _ if note.starts_with("no-op update of voip_users") => vec![format!(
            "update voip_users set is_available = is_available where id = '{}'",
            member.expect("a member")
        )],
        _ if note.starts_with("delete from voip_users") => {
            vec![format!("delete from voip_users where id = '{}'", member.expect("a member"))]
        }
        "membership given back" => vec![membership(*recording.members().last().expect("a member"))],
        _ if note.starts_with("realtime.send({table,version,record}") => vec![
            "select realtime.send(jsonb_build_object('table', 'calls', 'version', 7, 'record',
                 jsonb_build_object('id', gen_random_uuid(), 'status', 'active')), 'changed', 'board', true)"
                .to_owned(),
        ],
        _ if note.starts_with("realtime.send({\"n\":1}") => {
            vec!["select realtime.send('{\"n\": 1}', 'changed', 'board', false)".to_owned()]
        }
        _ if note.contains("realtime.broadcast_changes") => ["insert into bc_demo values ('a', 1)", "update bc_demo set v = 'b'", "delete from bc_demo"]
            .map(str::to_owned)
            .into(),
        _ if note.starts_with("pg_terminate_backend") => vec![
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'realtime'".to_owned(),
        ],
        unknown => panic!("{}: what did the service do? {unknown}", recording.name),
    }
}

/// Inserts the call that is told next, or one that nobody is told of.
pub(super) fn insert(told: Option<&Map<String, Value>>, calls: &mut Calls) -> String {
    let (id, silent) = calls.add();
    let Some(record) = told.map(|data| &data["record"]) else {
        return format!(
            "insert into calls (id, twilio_call_sid, from_number, to_number) values ('{id}', '{silent}', '+15550100', '+15550199')"
        );
    };
    let mut columns = vec!["id"];
    let mut values = vec![format!("'{id}'")];
    for (column, value) in record.as_object().expect("a record") {
        let text = match value {
            Value::Null => continue,
            Value::String(text) if text.starts_with("<x*") => {
                let length = text.trim_matches(|c: char| !c.is_ascii_digit());
                format!("repeat('x', {length})")
            }
            // Only a call that ended long ago has its times from the service.
            Value::String(text) if text.starts_with("<ts:") => {
                match (column.as_str(), &record["status"]) {
                    ("created_at", status) if status == "ended" => {
                        "'2026-01-02 03:04:05+00'".to_owned()
                    }
                    ("ended_at", _) => "'2026-01-02 03:04:05.5+00'".to_owned(),
                    _ => continue,
                }
            }
            Value::String(text) if text.starts_with('<') => continue,
            Value::String(text) => format!("'{}'", text.replace('\'', "''")),
            Value::Number(number)
                if column == "version" && number.as_i64() != Some(9_007_199_254_740_993) =>
            {
                continue;
            }
            other => other.to_string(),
        };
        columns.push(column);
        values.push(text);
    }
    format!(
        "insert into calls ({}) values ({})",
        columns.join(", "),
        values.join(", ")
    )
}

fn set(call: Uuid, what: &str) -> String {
    format!("update calls set {what} where id = '{call}'")
}

fn answer(call: Uuid, member: Option<Uuid>) -> String {
    set(
        call,
        &format!(
            "status = 'active', assigned_to = '{}'",
            member.expect("a member")
        ),
    )
}

fn park(call: Uuid, slot: &Value) -> String {
    set(
        call,
        &format!("status = 'parked', assigned_to = null, parking_slot = {slot}"),
    )
}

/// Deletes the last calls that are there, the oldest of them first.
fn delete(calls: &mut Calls, count: usize) -> String {
    let gone = calls.take(count);
    let statements = gone.iter().map(|call| {
        format!(
            "delete from call_events where call_id = '{call}'; delete from calls where id = '{call}'"
        )
    });
    statements.collect::<Vec<_>>().join("; ")
}
