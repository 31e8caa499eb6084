//! The rules in `transition` and the trigger in `supabase/migrations` say the same: everything that can be asked, by
//! everybody, in every state of a call and of the board around it, gets the same verdict and leaves the same row.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod cases;
mod database;
mod rule;

use serde_json::{Map, Value, json};
use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_model::{Actor, Call};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cases::{AROUND, Around, Ask, DOUG, PASTS, Past, member_id};
use crate::database::{Answer, Database, Seen};
use crate::rule::{NOW, Verdict, Who, verdict};

#[tokio::test]
async fn the_database_and_the_dashboard_have_the_same_rules() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let mut client = stack.connect().await.unwrap();
    let mut compared = 0;
    let mut differences = Vec::new();
    for past in &PASTS {
        for around in AROUND.iter().filter(|around| around.can_be(past)) {
            let (more, different) = compare(&mut client, past, around).await;
            compared += more;
            differences.extend(
                different
                    .into_iter()
                    .map(|what| format!("{}, {}: {what}", past.name, around.name)),
            );
        }
    }
    stack.stop().await;
    assert!(compared > 10_000, "only {compared} cases were compared");
    let shown = differences.iter().take(40).cloned().collect::<Vec<_>>();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        shown.join("\n")
    );
}

/// Everything by everybody. Nothing is committed.
async fn compare(
    client: &mut tokio_postgres::Client,
    past: &Past,
    around: &Around,
) -> (usize, Vec<String>) {
    let database = Database::arrange(client, &around.script(past)).await;
    let board = database.board().await;
    let floor = board.floor();
    let mut before = database.look().await;
    let call: Call = serde_json::from_value(Value::Object(before.call.clone())).unwrap();
    let status = call.status.as_str().to_owned();
    let mut askers: Vec<(String, Who, Value)> = board
        .members()
        .into_iter()
        .map(|member| {
            let claims = json!({ "role": "authenticated", "sub": member.user_id });
            (
                member.display_name.clone(),
                Who::Person(Actor::from(member)),
                claims,
            )
        })
        .collect();
    let claims = json!({ "role": "service_role" });
    askers.push(("the service".to_owned(), Who::Service, claims));

    let mut compared = 0;
    let mut differences = Vec::new();
    for (name, who, claims) in &askers {
        let (me, asks) = match who {
            Who::Person(actor) => (actor.id, Ask::by_members()),
            Who::Service => (member_id(DOUG), Ask::by_the_service()),
        };
        for ask in &asks {
            let (body, filter) = ask.request(me);
            // As the dashboard asks: an action for a state that is gone meets nothing.
            if !filter.is_empty() && !filter.contains(&status) {
                let answer = database.attempt(claims, &body, &filter).await;
                if answer != Answer::Rows(0) {
                    differences.push(format!("{name}, {ask:?}, too late: {answer:?}"));
                }
                compared += 1;
            }
            // As a rogue would: with no filter to keep the trigger from deciding.
            let expected = verdict(
                &call,
                &before.call,
                (*who, past.answered_by == Some(name.as_str())),
                (ask, &body),
                &floor,
            );
            let answer = database.attempt(claims, &body, &[]).await;
            let faults = match (&expected, &answer) {
                (Verdict::Refused(hint), Answer::Refused(refusal)) => refusal
                    .fault(hint, &before.names, past.answered_by)
                    .into_iter()
                    .collect(),
                // A refusal takes everything back; what was done is looked at.
                (Verdict::Unchanged | Verdict::Becomes(_), Answer::Rows(1)) => {
                    let after = database.look().await;
                    let faults = faults(&expected, &before, &after, *who);
                    before.last_version = after.last_version;
                    faults
                }
                _ => vec!["another verdict".to_owned()],
            };
            if !faults.is_empty() {
                differences.push(format!(
                    "{name}, {ask:?}: {expected:?}, but {answer:?}: {}",
                    faults.join("; ")
                ));
            }
            compared += 1;
        }
    }
    database.undo().await;
    (compared, differences)
}

/// In what the database's state is not what it has to be.
fn faults(expected: &Verdict, before: &Seen, after: &Seen, who: Who) -> Vec<String> {
    let mut faults = Vec::new();
    let changes = match expected {
        Verdict::Becomes(columns) => columns
            .iter()
            .filter(|(column, value)| before.call[*column] != **value)
            .map(|(column, value)| (column.clone(), value.clone()))
            .chain([("version".to_owned(), json!(before.last_version + 1))])
            .collect(),
        Verdict::Unchanged | Verdict::Refused(_) => Map::new(),
    };
    let versions = i64::from(!changes.is_empty());
    if after.last_version != before.last_version + versions {
        faults.push("a version was used up".to_owned());
    }
    // Every column, also those that must not have changed.
    for (column, value) in &after.call {
        let must = changes.get(column).unwrap_or(&before.call[column]);
        let same = if *must == json!(NOW) {
            is_between(value, &before.now, &after.now)
        } else {
            value == must
        };
        if !same {
            faults.push(format!("{column} is {value} and not {must}"));
        }
    }
    if after.others != before.others {
        faults.push("other calls changed".to_owned());
    }
    if after.current_calls != after.active_calls {
        faults.push(format!("current calls are {:?}", after.current_calls));
    }
    if after.members != before.members {
        faults.push("a member's row changed".to_owned());
    }
    faults.extend(log_faults(&changes, before, after, who));
    faults
}

/// One line in the log for a change, none for anything else.
fn log_faults(
    changes: &Map<String, Value>,
    before: &Seen,
    after: &Seen,
    who: Who,
) -> Option<String> {
    let actor = match who {
        Who::Person(actor) => Some(actor.id),
        Who::Service => None,
    };
    if changes.is_empty() {
        return (!after.events.is_empty()).then(|| format!("it was logged: {:?}", after.events));
    }
    let [event] = after.events.as_slice() else {
        return Some(format!("{} lines in the log", after.events.len()));
    };
    let detail: Map<String, Value> = changes
        .keys()
        .map(|column| (column.clone(), after.call[column].clone()))
        .collect();
    let must = json!({
        "call_id": after.call["id"], "version": after.call["version"], "actor": actor,
        "kind": kind(changes, before), "from_status": before.call["status"],
        "to_status": after.call["status"], "assigned_to": after.call["assigned_to"],
        "detail": detail, "at": event["at"],
    });
    let in_time = is_between(&event["at"], &before.now, &after.now);
    (*event != must || !in_time).then(|| format!("the log says {event} and not {must}"))
}

/// What the log calls it.
fn kind(changes: &Map<String, Value>, before: &Seen) -> &'static str {
    let was_parked = before.call["status"] == "parked";
    match changes.get("status").and_then(Value::as_str) {
        Some("ringing") => return "requeued",
        Some("active") if was_parked => return "retrieved",
        Some("active") => return "answered",
        Some("parked") => return "parked",
        Some("ended") => return "ended",
        Some(other) => panic!("no call is {other}"),
        None => {}
    }
    let kinds = [
        ("assigned_to", "transferred"),
        ("parking_slot", "moved"),
        ("connected_at", "connected"),
        ("voicemail_at", "voicemail"),
        ("recording_sid", "recorded"),
        ("note", "noted"),
    ];
    match changes.get("on_hold") {
        Some(Value::Bool(true)) => "held",
        Some(_) if !changes.contains_key("assigned_to") => "resumed",
        _ => kinds
            .iter()
            .find(|(column, _)| changes.contains_key(*column))
            .map_or("corrected", |(_, kind)| kind),
    }
}

fn is_between(value: &Value, from: &str, to: &str) -> bool {
    let at = |text: &str| OffsetDateTime::parse(text, &Rfc3339).unwrap();
    value
        .as_str()
        .is_some_and(|text| (at(from)..=at(to)).contains(&at(text)))
}
