//! Joining a topic: the checks in the real server's order, and its answers.

use serde_json::Value;
use tokio::time::Instant;

use super::{
    binding::inspect_value,
    channel::{Channel, JoinRequest},
    frame::{Body, Push, quoted},
    hub::Member,
    socket::{End, Socket},
    token,
};

/// Share of the sockets that get changes in the wrong format where versions mix. Seen: 3 of 12.
const STRAYS: f64 = 0.25;

impl Socket {
    /// Answers a `phx_join` of `topic`, which starts with `realtime:`.
    pub(super) async fn join(&mut self, topic: &str, push: &Push) -> Result<(), End> {
        // A second join ends the first, also when it is refused; the word of that comes after the answer.
        let previous = self.remove(topic);
        let join_ref = if push.join_ref.is_null() {
            push.reference.clone()
        } else {
            push.join_ref.clone()
        };
        let joined = match self.admit(topic, &join_ref, push).await {
            Ok((channel, response, presence)) => {
                let subscribes = !channel.bindings.is_empty();
                self.channels.insert(topic.to_owned(), channel);
                if subscribes {
                    // What is committed once the client reads the answer must be told, though not before the outcome.
                    self.prepare(topic).await;
                }
                self.reply(&join_ref, push, "ok", &response).await?;
                if let Some(presence) = presence {
                    self.tell(topic, "presence_state", &presence).await?;
                }
                subscribes
            }
            Err(reason) => {
                self.pause(self.realtime.limits.refused_join).await?;
                let response = format!(r#"{{"reason":{}}}"#, quoted(&reason));
                self.reply(&join_ref, push, "error", &response).await?;
                false
            }
        };
        if let Some(previous) = previous {
            self.say_closed(topic, &previous.join_ref).await?;
        }
        if let Some(channel) = self.channels.get_mut(topic).filter(|_| joined) {
            channel.subscribe_at = Some(Instant::now() + self.realtime.limits.subscribe);
        }
        Ok(())
    }

    /// The channel, the response of its reply, and the presence state if that is asked for; or the reason of a refusal.
    async fn admit(
        &mut self,
        topic: &str,
        join_ref: &Value,
        push: &Push,
    ) -> Result<(Channel, String, Option<String>), String> {
        let sub_topic = topic.strip_prefix("realtime:").unwrap_or_default();
        if sub_topic.is_empty() {
            return Err("TopicNameRequired: You must provide a topic name".to_owned());
        }
        if self.channels.len() >= self.realtime.limits.channels {
            return Err("ChannelRateLimitReached: Too many channels".to_owned());
        }
        let payload = match &push.body {
            Body::Json(payload) => serde_json::from_str(payload.get()).unwrap_or(Value::Null),
            Body::Broadcast { .. } => Value::Null,
        };
        let Value::Object(payload) = payload else {
            return Err(format!(
                "UnknownErrorOnChannel: expected params to be a :map, got: `{}`",
                inspect_value(&payload)
            ));
        };
        let request = JoinRequest::read(&payload, sub_topic);
        let (token, identity) = match &request.token {
            Some(token) => {
                let identity = token::verify(&self.realtime.gateway.jwt, token)
                    .map_err(|fault| fault.at_join())?;
                (token.clone(), identity)
            }
            None => {
                self.api_key
                    .1
                    .check_time()
                    .map_err(|fault| fault.at_join())?;
                self.api_key.clone()
            }
        };
        let rights = self.rights(request.private, sub_topic, &identity).await;
        let rights = rights.map_err(|reason| format!("Unauthorized: {reason}"))?;
        let response = request.response();
        let id = self.realtime.hub.join(Member {
            topic: topic.into(),
            sub_topic: sub_topic.to_owned(),
            private: request.private,
            has_presence: request.has_presence,
            version: self.version,
            outbox: self.outbox.clone(),
            strays: self.realtime.gateway.realtime.mixed_formats && rand::random_bool(STRAYS),
            subscription: None,
        });
        let channel = Channel {
            id,
            join_ref: join_ref.clone(),
            sub_topic: sub_topic.to_owned(),
            private: request.private,
            ack: request.ack,
            own: request.own,
            presence_key: request.presence_key,
            token,
            identity,
            rights,
            bindings: request.bindings,
            subscribe_at: None,
            outcome: None,
            held: Some(Vec::new()),
        };
        let presence = request
            .has_presence
            .then(|| self.realtime.hub.presence_state(id));
        Ok((channel, response, presence))
    }
}
