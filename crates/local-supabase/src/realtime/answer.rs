//! What a socket says of its own: answers to pushes, and the server's words on a channel.

use serde_json::Value;

use super::{
    frame::{self, Head, Push},
    socket::{End, Socket},
};

impl Socket {
    /// Answers a push.
    pub(super) async fn reply(
        &mut self,
        join_ref: &Value,
        push: &Push,
        status: &str,
        response: &str,
    ) -> Result<(), End> {
        let head = Head {
            join_ref,
            reference: &push.reference,
            topic: &push.topic,
            event: "phx_reply",
        };
        let payload = format!(r#"{{"status":"{status}","response":{response}}}"#);
        self.send(frame::render(self.version, &head, &payload))
            .await
    }

    /// Sends a frame of the server's own on a channel.
    pub(super) async fn tell(
        &mut self,
        topic: &str,
        event: &str,
        payload: &str,
    ) -> Result<(), End> {
        let Some(channel) = self.channels.get(topic) else {
            return Ok(());
        };
        let topic = Value::from(topic);
        let head = Head {
            join_ref: &channel.join_ref,
            reference: &Value::Null,
            topic: &topic,
            event,
        };
        let message = frame::render(self.version, &head, payload);
        self.send(message).await
    }

    /// Says that a join is over.
    pub(super) async fn say_closed(&mut self, topic: &str, join_ref: &Value) -> Result<(), End> {
        let topic = Value::from(topic);
        let head = Head {
            join_ref,
            reference: join_ref,
            topic: &topic,
            event: "phx_close",
        };
        self.send(frame::render(self.version, &head, "{}")).await
    }
}
