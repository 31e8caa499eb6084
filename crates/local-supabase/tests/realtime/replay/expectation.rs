//! What the real server said, and whether this one says it.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use super::{
    client::from_hex,
    player::{Player, opened},
    recording::{change, frame, text},
    script,
    socket::Got,
};

impl Player<'_> {
    pub(super) async fn expect(&mut self, at: usize, event: &Value) -> Result<(), String> {
        let label = text(event, "conn").to_owned();
        let raw = text(event, "raw").to_owned();
        self.cause(at, &raw).await;
        let got = self.take(at, &label, &raw).await?;
        match (text(event, "op"), &got) {
            ("text", Got::Text(actual)) => match self.bindings.difference(&raw, actual) {
                Some(difference) => Err(difference),
                None => Ok(()),
            },
            ("binary", Got::Binary(actual)) => {
                // The recording's text has its uuids replaced; its bytes tell the lengths.
                let lengths = from_hex(text(event, "hex"));
                if lengths.len() != actual.len() || lengths[..5] != actual[..5] {
                    return Err(format!("another head or length: {actual:?}"));
                }
                let actual = String::from_utf8_lossy(actual);
                match self.bindings.difference(text(event, "as_latin1"), &actual) {
                    Some(difference) => Err(difference),
                    None => Ok(()),
                }
            }
            ("pong", Got::Pong(actual)) if from_hex(text(event, "hex")) == actual[..] => Ok(()),
            (_, got) => Err(format!("came {got:?}")),
        }
    }

    /// Does what the recording leaves out and the frame tells of: a row that the service inserted every 50 ms, or a word
    /// of a neighbour that was recorded at the same time.
    pub(super) async fn cause(&mut self, at: usize, raw: &str) {
        if let Some(data) = change(raw)
            && data["type"] == "INSERT"
            && let Some(id) = data["record"]["id"].as_str()
        {
            let is_new = self.bindings.get(id.trim_matches(['<', '>'])).is_none();
            let has_cause = self
                .recording
                .events
                .iter()
                .any(|event| event["dir"] == "sql" && !text(event, "note").starts_with("pg_"));
            if is_new && !has_cause {
                let insert = script::insert(Some(&data), &mut self.calls);
                let row = self.calls.last().to_string();
                self.bindings
                    .set(id.trim_matches(['<', '>']).to_owned(), row);
                self.run(&insert).await;
            }
        }
        let stray = frame(raw).filter(|(_, event, payload)| {
            event == "broadcast" && payload["event"] == "x" && payload["payload"] == json!({})
        });
        let mut earlier = self.recording.events[..at].iter();
        if let Some((topic, _, _)) = stray
            && !earlier.any(|event| {
                event["dir"] == "c>s" && text(event, "raw").contains("\"broadcast\",\"payload\"")
            })
            && !self.recording.name.contains("unknown-event")
        {
            let mut neighbour = opened(&self.server, self.world, "1.0.0").await;
            let join = json!({"topic": topic, "event": "phx_join", "ref": "1", "payload": {"config": {"postgres_changes": []}}});
            neighbour.send(Message::text(join.to_string()));
            neighbour.drain().await;
            let word = json!({"topic": topic, "event": "broadcast", "ref": "2",
                "payload": {"type": "broadcast", "event": "x", "payload": {}}});
            neighbour.send(Message::text(word.to_string()));
            neighbour.drain().await;
            neighbour.close(None);
        }
    }

    /// The next frame that belongs to this recording.
    ///
    /// A `system` ok comes when the database has answered, on a channel's own time: it may come before a frame that was
    /// recorded before it, but not the other way round.
    pub(super) async fn take(&mut self, at: usize, label: &str, raw: &str) -> Result<Got, String> {
        let is_system = |text: &str| {
            frame(text)
                .is_some_and(|(_, event, payload)| event == "system" && payload["status"] == "ok")
        };
        let later: Vec<String> = self.recording.events[at + 1..]
            .iter()
            .filter(|event| event["dir"] == "s>c" && event["conn"] == label)
            .map(|event| text(event, "raw").to_owned())
            .collect();
        let mut early = Vec::new();
        let expected = row_id(raw);
        let expected = expected.and_then(|id| {
            self.bindings
                .get(id.trim_matches(['<', '>']))
                .map(str::to_owned)
        });
        let got = loop {
            let Some(got) = self.socket(label)?.next().await else {
                return Err("nothing came".to_owned());
            };
            if let Got::Text(text) = &got {
                if self.is_foreign(text) || self.is_left_out(text, expected.as_deref()) {
                    continue;
                }
                if !is_system(raw) && is_system(text) && later.contains(text) {
                    early.push(got);
                    continue;
                }
            }
            break got;
        };
        let waiting = &mut self.socket(label)?.waiting;
        for system in early.into_iter().rev() {
            waiting.push_front(system);
        }
        Ok(got)
    }

    /// Whether a change is one of those that the recording was trimmed of: another row than the one that is told next.
    pub(super) fn is_left_out(&self, text: &str, expected: Option<&str>) -> bool {
        let is_other = |id: String| Some(id.as_str()) != expected;
        self.recording.is_trimmed && row_id(text).is_some_and(is_other)
    }

    /// Whether a change is of a row that another recording, played at the same time, wrote.
    pub(super) fn is_foreign(&self, text: &str) -> bool {
        let is_other = |id: String| match Uuid::parse_str(&id) {
            Ok(id) => !self.calls.all.contains(&id) && !self.members.contains(&id),
            Err(_) => true,
        };
        row_id(text).is_some_and(is_other)
    }

    /// That nothing has come that is not recorded.
    pub(super) async fn assert_silent(&mut self, label: &str) -> Result<(), String> {
        let socket = self.sockets.get_mut(label).ok_or("not open")?;
        socket.drain().await;
        let waiting: Vec<Got> = socket.waiting.drain(..).collect();
        let extra = waiting.into_iter().find(|got| match got {
            Got::Text(text) => !self.is_foreign(text) && !self.is_left_out(text, None),
            _ => true,
        });
        extra.map_or(Ok(()), |got| Err(format!("came too much: {got:?}")))
    }
}

/// The id of the row that a change is about.
fn row_id(text: &str) -> Option<String> {
    let data = change(text)?;
    let row = data.get("record").or(data.get("old_record"))?;
    row["id"].as_str().map(str::to_owned)
}
