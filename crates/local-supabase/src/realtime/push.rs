//! What a client pushes, and who sees to it.

use axum::extract::ws::Message;
use serde_json::Value;

use super::{
    broadcast::{Broadcast, Content},
    frame::{self, Body, Push},
    socket::{End, Socket},
};

impl Socket {
    pub(super) async fn hear(&mut self, message: Message) -> Result<(), End> {
        let push = match message {
            Message::Text(text) => frame::parse_text(self.version, text.as_str()),
            Message::Binary(bytes) => frame::parse_binary(self.version, &bytes),
            // Pings are answered by the WebSocket layer.
            Message::Ping(_) | Message::Pong(_) => None,
            // The layer below answers the close; reading on lets it do so.
            Message::Close(_) => None,
        };
        let Some(push) = push else { return Ok(()) };
        // What waited before the client spoke comes before the answer.
        self.forward_waiting().await?;
        self.handle(push).await
    }

    async fn handle(&mut self, push: Push) -> Result<(), End> {
        let (Some(topic), Some(event)) = (push.topic.as_str(), push.event.as_str()) else {
            return self.unmatched(&push).await;
        };
        let topic = topic.to_owned();
        match event {
            "heartbeat" if topic == "phoenix" => self.reply(&Value::Null, &push, "ok", "{}").await,
            "phx_join" if topic.starts_with("realtime:") => self.join(&topic, &push).await,
            "phx_leave" => self.leave(&topic, &push).await,
            _ if !self.channels.contains_key(&topic) => self.unmatched(&push).await,
            "broadcast" => self.broadcast(&topic, &push).await,
            "access_token" => self.take_token(&topic, &push).await,
            "presence" => self.presence(&topic, &push).await,
            // An event that no one knows is not answered.
            _ => Ok(()),
        }
    }

    async fn unmatched(&mut self, push: &Push) -> Result<(), End> {
        self.reply(
            &Value::Null,
            push,
            "error",
            r#"{"reason":"unmatched topic"}"#,
        )
        .await
    }

    async fn leave(&mut self, topic: &str, push: &Push) -> Result<(), End> {
        match self.channels.get(topic) {
            Some(channel) if !channel.is_meant(&push.join_ref) => return Ok(()),
            _ => {}
        }
        let left = self.remove(topic);
        self.reply(&push.join_ref, push, "ok", "{}").await?;
        match left {
            Some(channel) => self.say_closed(topic, &channel.join_ref).await,
            None => Ok(()),
        }
    }

    async fn broadcast(&mut self, topic: &str, push: &Push) -> Result<(), End> {
        let Some(channel) = self.channels.get(topic) else {
            return Ok(());
        };
        let content = match &push.body {
            Body::Json(payload) => Content::of_client(payload),
            Body::Broadcast { event, payload } => Some(Content::Event {
                event: event.clone(),
                id: None,
                payload: payload.clone(),
            }),
        };
        let Some(content) = content else {
            return Ok(());
        };
        // Who may not speak is not told so.
        if !channel.rights.write {
            return Ok(());
        }
        let (ack, join_ref) = (channel.ack, channel.join_ref.clone());
        if content.len() > self.realtime.limits.broadcast_bytes {
            return if ack {
                self.reply(&join_ref, push, "error", r#""payload_size_exceeded""#)
                    .await
            } else {
                Ok(())
            };
        }
        let sender = (!channel.own).then_some(channel.id);
        let broadcast = Broadcast {
            topic: channel.sub_topic.clone(),
            private: channel.private,
            content,
        };
        self.realtime.hub.broadcast(&broadcast, sender);
        if !ack {
            return Ok(());
        }
        self.forward_waiting().await?;
        self.reply(&join_ref, push, "ok", "{}").await
    }
}
