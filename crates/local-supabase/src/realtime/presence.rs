//! Presence: who says to be here, by key, on each topic. Kept in the hub's rooms for as long as the channel is joined.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use serde_json::{Map, Value};

use super::{
    frame::{Body, Push, quoted},
    hub::{ChannelId, Hub},
    socket::{End, Socket},
};

/// What one channel tracks.
#[derive(Debug, Clone)]
struct Tracked {
    key: String,
    /// The client's own words, by name.
    meta: BTreeMap<String, Value>,
    /// The server's number of them, and of those that they replaced.
    reference: String,
    previous: Option<String>,
}

impl Tracked {
    /// The server's own keys come first, as on the real server.
    fn render(&self) -> String {
        let mut text = format!(r#"{{"phx_ref":{}"#, quoted(&self.reference));
        if let Some(previous) = &self.previous {
            let _ = write!(text, r#","phx_ref_prev":{}"#, quoted(previous));
        }
        for (name, value) in &self.meta {
            let _ = write!(text, ",{}:{value}", quoted(name));
        }
        text.push('}');
        text
    }
}

/// Everybody who is present on one topic.
#[derive(Debug, Default)]
pub(super) struct Presence {
    tracked: HashMap<ChannelId, Tracked>,
}

/// `{key: {"metas": […]}}` of the given entries.
fn state<'a>(entries: impl Iterator<Item = &'a Tracked>) -> String {
    let mut by_key: BTreeMap<&str, Vec<&Tracked>> = BTreeMap::new();
    for entry in entries {
        by_key.entry(&entry.key).or_default().push(entry);
    }
    let keys: Vec<String> = by_key
        .into_iter()
        .map(|(key, entries)| {
            let metas: Vec<String> = entries.into_iter().map(Tracked::render).collect();
            format!(r#"{}:{{"metas":[{}]}}"#, quoted(key), metas.join(","))
        })
        .collect();
    format!("{{{}}}", keys.join(","))
}

fn diff(joins: Option<&Tracked>, leaves: Option<&Tracked>) -> String {
    let (joins, leaves) = (state(joins.into_iter()), state(leaves.into_iter()));
    format!(r#"{{"joins":{joins},"leaves":{leaves}}}"#)
}

impl Presence {
    /// The payload of `presence_state`.
    pub(super) fn state(&self) -> String {
        state(self.tracked.values())
    }

    /// Notes what a channel says of itself; gives the payload of the `presence_diff` that tells it, if it is news.
    pub(super) fn track(
        &mut self,
        id: ChannelId,
        key: String,
        meta: Map<String, Value>,
        reference: String,
    ) -> Option<String> {
        // A client that says these itself does not decide them.
        let own = |name: &String| name != "phx_ref" && name != "phx_ref_prev";
        let meta = meta.into_iter().filter(|(name, _)| own(name)).collect();
        let previous = self.tracked.get(&id).cloned();
        if previous
            .as_ref()
            .is_some_and(|previous| previous.meta == meta)
        {
            return None;
        }
        let now = Tracked {
            key,
            meta,
            reference,
            previous: previous.as_ref().map(|previous| previous.reference.clone()),
        };
        let payload = diff(Some(&now), previous.as_ref());
        self.tracked.insert(id, now);
        Some(payload)
    }

    /// Forgets a channel; `None` if it tracked nothing.
    pub(super) fn untrack(&mut self, id: ChannelId) -> Option<String> {
        self.tracked.remove(&id).map(|gone| diff(None, Some(&gone)))
    }
}

impl Socket {
    /// Answers a `presence` event: `track`, `untrack`.
    pub(super) async fn presence(&mut self, topic: &str, push: &Push) -> Result<(), End> {
        let Some(channel) = self.channels.get(topic) else {
            return Ok(());
        };
        let Body::Json(payload) = &push.body else {
            return Ok(());
        };
        let payload: Value = serde_json::from_str(payload.get()).unwrap_or(Value::Null);
        let (id, join_ref) = (channel.id, channel.join_ref.clone());
        let Some(event) = payload.get("event").and_then(Value::as_str) else {
            return self.reply(&join_ref, push, "ok", "{}").await;
        };
        let hub = std::sync::Arc::clone(&self.realtime.hub);
        let diff = match event.to_ascii_lowercase().as_str() {
            // Who may not write is told so.
            "track" if !channel.rights.write => {
                return self.reply(&join_ref, push, "error", "{}").await;
            }
            "track" => match payload.get("payload") {
                None => hub.track(id, channel.presence_key.clone(), Map::new()),
                Some(Value::Object(meta)) => {
                    hub.track(id, channel.presence_key.clone(), meta.clone())
                }
                Some(_) => {
                    let fault = r#"{"reason":"Presence track payload must be a map"}"#;
                    return self.reply(&join_ref, push, "error", fault).await;
                }
            },
            "untrack" => hub.untrack(id),
            _ => return self.reply(&join_ref, push, "error", "{}").await,
        };
        self.reply(&join_ref, push, "ok", "{}").await?;
        // Who tracks without having asked for presence has it from now on.
        if event.eq_ignore_ascii_case("track") && hub.enable_presence(id) {
            let state = hub.presence_state(id);
            self.tell(topic, "presence_state", &state).await?;
        }
        if let Some(diff) = diff {
            hub.tell_presence(id, &diff);
        }
        Ok(())
    }
}

impl Hub {
    /// The payload of `presence_state` for a joined channel.
    pub(super) fn presence_state(&self, id: ChannelId) -> String {
        self.with_presence(id, |presence| presence.state())
            .unwrap_or_else(|| "{}".to_owned())
    }

    fn track(&self, id: ChannelId, key: String, meta: Map<String, Value>) -> Option<String> {
        let reference = uuid::Uuid::new_v4().simple().to_string()[..16].to_owned();
        self.with_presence(id, |presence| presence.track(id, key, meta, reference))
            .flatten()
    }

    fn untrack(&self, id: ChannelId) -> Option<String> {
        self.with_presence(id, |presence| presence.untrack(id))
            .flatten()
    }
}
