//! Reading a row's change out of the payloads of the two lanes.

use crate::{Change, ChangeKind, Lane};
use serde_json::{Map, Value};
use switchboard_model::json::{object, take};

/// Reads the payload of a `postgres_changes` frame.
pub(crate) fn from_postgres(payload: Value) -> Option<Change> {
    let mut data = object(take(&mut object(payload)?, "data"))?;
    let kind = kind_of(&data)?;
    let incomplete = data.get("errors").is_some_and(|errors| !errors.is_null());
    // A deleted row's primary key stands in `old_record`; there is no `record`.
    let row = match kind {
        ChangeKind::Delete => "old_record",
        ChangeKind::Insert | ChangeKind::Update => "record",
    };
    Some(Change {
        lane: Lane::PostgresChanges,
        table: text(take(&mut data, "table"))?,
        kind,
        record: object(take(&mut data, row)).unwrap_or_default(),
        commit_timestamp: text(take(&mut data, "commit_timestamp")),
        incomplete,
    })
}

/// Reads a fast-lane message: `{"table","type","version","commit_timestamp","record"}`.
///
/// The payload comes back unchanged when it is something else.
pub(crate) fn from_fast_lane(payload: Value) -> Result<Change, Value> {
    let Value::Object(mut message) = payload else {
        return Err(payload);
    };
    let (Some(kind), Some(Value::String(_)), Some(Value::Object(_))) = (
        kind_of(&message),
        message.get("table"),
        message.get("record"),
    ) else {
        return Err(Value::Object(message));
    };
    Ok(Change {
        lane: Lane::FastLane,
        table: text(take(&mut message, "table")).unwrap_or_default(),
        kind,
        record: object(take(&mut message, "record")).unwrap_or_default(),
        commit_timestamp: text(take(&mut message, "commit_timestamp")),
        incomplete: false,
    })
}

fn kind_of(fields: &Map<String, Value>) -> Option<ChangeKind> {
    match fields.get("type")?.as_str()? {
        "INSERT" => Some(ChangeKind::Insert),
        "UPDATE" => Some(ChangeKind::Update),
        "DELETE" => Some(ChangeKind::Delete),
        _ => None,
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}
