//! What a channel's token lets it hear, and how a newer token takes the place of an older one.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, value::RawValue};
use tokio::time::Instant;

use super::{
    Stream,
    authorize::{self, Rights},
    frame::{Body, Push},
    hub::Subscription,
    poller::between,
    publication,
    socket::{End, Socket},
    token::{self, Identity},
};

/// How long a subscription waits for the stream of changes to be there before it looks again.
const WAL_WAIT: Duration = Duration::from_millis(50);

impl Socket {
    /// A new token for a channel. There is no reply: a second `system` ok acknowledges it, 1-3 s later.
    pub(super) async fn take_token(&mut self, topic: &str, push: &Push) -> Result<(), End> {
        let Body::Json(payload) = &push.body else {
            return Ok(());
        };
        let Some(pushed) = pushed_token(payload) else {
            return Ok(());
        };
        let Some(channel) = self.channels.get(topic) else {
            return Ok(());
        };
        if channel.token == pushed || pushed.starts_with("sb_") {
            return Ok(());
        }
        let identity = match token::verify(&self.realtime.gateway.jwt, &pushed) {
            Ok(identity) => identity,
            Err(fault) => return self.shut(topic, &fault.at_push()).await,
        };
        let (private, sub_topic) = (channel.private, channel.sub_topic.clone());
        let rights = match self.rights(private, &sub_topic, &identity).await {
            Ok(rights) => rights,
            Err(reason) => return self.shut(topic, &reason).await,
        };
        let delay = between(&self.realtime.limits.resubscribe);
        if let Some(channel) = self.channels.get_mut(topic) {
            channel.token = pushed;
            channel.identity = identity;
            channel.rights = rights;
            if !channel.bindings.is_empty() {
                channel.subscribe_at = Some(Instant::now() + delay);
            }
        }
        Ok(())
    }

    /// What an identity may do on a topic, or why it may not listen there.
    pub(super) async fn rights(
        &mut self,
        private: bool,
        sub_topic: &str,
        identity: &Identity,
    ) -> Result<Rights, String> {
        if !private {
            return Ok(Rights::ALL);
        }
        match authorize::rights(&self.realtime, sub_topic, identity).await {
            Ok(rights) if rights.read => Ok(rights),
            Ok(_) => Err(format!(
                "You do not have permissions to read from this Channel topic: {sub_topic}"
            )),
            Err(fault) => {
                tracing::warn!(%fault, "a private channel could not be authorised");
                Err("Realtime was unable to connect to the project database".to_owned())
            }
        }
    }

    /// Subscribes to `postgres_changes` as the channel's token says now, and tells the outcome.
    pub(super) async fn subscribe(&mut self, topic: &str) -> Result<(), End> {
        let is_open = *self.realtime.stream.borrow() == Stream::Open;
        let Some(channel) = self.channels.get_mut(topic) else {
            return Ok(());
        };
        if !is_open {
            channel.subscribe_at = Some(Instant::now() + WAL_WAIT);
            return Ok(());
        }
        channel.subscribe_at = None;
        let (id, identity) = (channel.id, channel.identity.clone());
        let outcome = match channel.watches() {
            Ok(watches) => {
                let checked = publication::check(&self.realtime, &watches, &identity).await;
                checked.map(|()| Arc::new(Subscription { identity, watches }))
            }
            Err(message) => Err(message),
        };
        let (subscription, status, message) = match outcome {
            Ok(subscription) => (
                Some(subscription),
                "ok",
                "Subscribed to PostgreSQL".to_owned(),
            ),
            Err(message) => (None, "error", message),
        };
        // Changes from here on wait in the queue, so that the client reads of none before it reads that it is live.
        self.realtime.hub.subscribe(id, subscription);
        let Some(channel) = self.channels.get(topic) else {
            return Ok(());
        };
        let payload = channel.system(&message, status, "postgres_changes");
        self.tell(topic, "system", &payload).await
    }
}

fn pushed_token(payload: &RawValue) -> Option<String> {
    let payload: Value = serde_json::from_str(payload.get()).ok()?;
    payload.get("access_token")?.as_str().map(str::to_owned)
}
