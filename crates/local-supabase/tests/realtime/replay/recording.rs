//! One recording: what happened on its sockets, in order.

use std::{fs, path::PathBuf};

use serde_json::{Map, Value};

/// A recording as its file holds it.
pub(super) struct Recording {
    /// The file's name without its ending.
    pub(super) name: String,
    pub(super) events: Vec<Value>,
    /// Change frames were left out of it.
    pub(super) is_trimmed: bool,
}

/// All recordings, by name.
pub(super) fn all() -> Vec<Recording> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/realtime");
    let mut recordings: Vec<Recording> = fs::read_dir(directory)
        .expect("recordings")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let file = fs::read_to_string(&path).expect("a recording");
            let mut recording: Value = serde_json::from_str(&file).expect("json");
            let events = match recording["events"].take() {
                Value::Array(events) => events,
                _ => Vec::new(),
            };
            let name = path.file_stem().and_then(|name| name.to_str());
            Recording {
                name: name.expect("a name").to_owned(),
                is_trimmed: text(&recording, "trimmed").contains("change frame"),
                events: asked_before_answered(events),
            }
        })
        .collect();
    recordings.sort_by(|one, other| one.name.cmp(&other.name));
    recordings
}

/// A broadcast over HTTP stands where its answer came; what it caused was noted before that.
fn asked_before_answered(mut events: Vec<Value>) -> Vec<Value> {
    for at in 1..events.len() {
        let is_request = events[at].get("request").is_some();
        let since = |at: usize| events[at]["t"].as_f64().unwrap_or_default();
        if is_request && events[at - 1]["dir"] == "s>c" && since(at) - since(at - 1) < 50.0 {
            events.swap(at - 1, at);
        }
    }
    events
}

/// The text of an event's field, or an empty one.
pub(super) fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field].as_str().unwrap_or_default()
}

/// Topic, event and payload of a text frame of either version.
pub(super) fn frame(raw: &str) -> Option<(Value, Value, Value)> {
    match serde_json::from_str(raw).ok()? {
        Value::Array(mut parts) if parts.len() == 5 => {
            Some((parts[2].take(), parts[3].take(), parts[4].take()))
        }
        Value::Object(mut object) => {
            let mut take = |name: &str| object.remove(name).unwrap_or_default();
            Some((take("topic"), take("event"), take("payload")))
        }
        _ => None,
    }
}

/// The `data` of a frame of `postgres_changes`.
pub(super) fn change(raw: &str) -> Option<Map<String, Value>> {
    let (_, event, mut payload) = frame(raw)?;
    let Value::Object(data) = payload["data"].take() else {
        return None;
    };
    (event == "postgres_changes").then_some(data)
}

impl Recording {
    /// The changes of `kind` to calls that are told from event `at` on, up to what the database does next.
    pub(super) fn changes_told(&self, at: usize, kind: &str) -> Vec<Map<String, Value>> {
        let told = self.events[at + 1..]
            .iter()
            .take_while(|event| event["dir"] != "sql")
            .filter(|event| event["dir"] == "s>c");
        told.filter_map(|event| change(text(event, "raw")))
            .filter(|data| data["type"] == kind && data["table"] == "calls")
            .collect()
    }

    /// Numbers of the members that the recording names.
    pub(super) fn members(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self
            .events
            .iter()
            .flat_map(|event| named(&event.to_string()))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

fn named(text: &str) -> Vec<u32> {
    let parts = text.split("member").skip(1);
    parts
        .filter_map(|rest| {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            rest[..digits].parse().ok()
        })
        .collect()
}
