//! The format of the recordings; `tests/transcripts/README.md` describes it.

use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

#[derive(Deserialize)]
pub(crate) struct Recording {
    #[serde(default)]
    events: Vec<Recorded>,
    /// What the recorder counted, where frames were too many to keep.
    #[serde(default)]
    result: Value,
    #[serde(default)]
    runs: Vec<Value>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) t: f64,
    /// Absent where the service did something.
    #[serde(default)]
    pub(crate) conn: Option<String>,
    pub(crate) dir: String,
    #[serde(default)]
    pub(crate) op: String,
    pub(crate) status: Option<u16>,
    pub(crate) raw: Option<String>,
    pub(crate) hex: Option<String>,
    pub(crate) code: Option<u16>,
    #[serde(default)]
    pub(crate) reason: String,
}

/// The raw text frames that the server sent in a recording.
pub(crate) fn server_frames(name: &str) -> Vec<String> {
    read(name)
        .events
        .into_iter()
        .filter(|event| event.dir == "s>c")
        .filter_map(|event| event.raw)
        .collect()
}

/// What the recorder counted.
pub(crate) fn result(name: &str) -> Value {
    read(name).result
}

/// The runs of a recording that holds measurements only.
pub(crate) fn measured(name: &str) -> Vec<Value> {
    read(name).runs
}

pub(crate) fn read(name: &str) -> Recording {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    Recording::load(&Path::new(folder).join(format!("{name}.json")))
}

impl Recording {
    pub(crate) fn load(path: &Path) -> Self {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    }

    /// The labels of its sockets, in order of appearance.
    pub(crate) fn conns(&self) -> Vec<String> {
        let mut conns: Vec<String> = Vec::new();
        for event in self.events.iter().filter(|event| event.dir != "note") {
            if let Some(conn) = event.conn.as_ref().filter(|conn| !conns.contains(conn)) {
                conns.push(conn.clone());
            }
        }
        // What was sent over HTTP has no socket.
        conns.retain(|conn| conn != "-");
        conns
    }

    pub(crate) fn events_of(&self, conns: &[&str]) -> Vec<Recorded> {
        let events = self.events.iter();
        events
            .filter(|event| {
                event
                    .conn
                    .as_deref()
                    .is_some_and(|conn| conns.contains(&conn))
            })
            .cloned()
            .collect()
    }

    /// The text frames that the recorder sent on a socket.
    pub(crate) fn sent_by(&self, conn: &str) -> impl Iterator<Item = &str> {
        self.events
            .iter()
            .filter(move |event| event.dir == "c>s" && event.conn.as_deref() == Some(conn))
            .filter_map(|event| event.raw.as_deref())
    }

    /// How many changes of rows a socket received on a topic before the recorder hung up.
    pub(crate) fn changes_on(&self, conn: &str, topic: &str) -> usize {
        let topic = format!("\"{topic}\"");
        self.events
            .iter()
            .filter(|event| event.conn.as_deref() == Some(conn))
            .take_while(|event| event.dir != "close")
            .filter_map(|event| event.raw.as_deref().filter(|_| event.dir == "s>c"))
            .filter(|raw| {
                let named = ["\"event\":\"postgres_changes\"", ",\"postgres_changes\",{"];
                named.iter().any(|event| raw.contains(event)) && raw.contains(&topic)
            })
            .count()
    }
}

/// Writes out the runs of one letter that the recording abbreviates as `<x*LENGTH>`.
pub(crate) fn at_full_length(raw: &str) -> String {
    let mut whole = String::new();
    let mut rest = raw;
    while let Some((before, run)) = rest.split_once('<') {
        whole.push_str(before);
        let written = run.split_once('>').and_then(|(run, rest)| {
            let (letter, length) = run.split_once('*')?;
            Some((letter.repeat(length.parse().ok()?), rest))
        });
        match written {
            Some((letters, after)) => {
                whole.push_str(&letters);
                rest = after;
            }
            None => {
                whole.push('<');
                rest = run;
            }
        }
    }
    whole + rest
}
