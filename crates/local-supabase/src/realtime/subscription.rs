//! What a channel's token lets it hear, and how a newer token takes the place of an older one.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, value::RawValue};
use tokio::time::Instant;

use super::{
    Stream,
    authorize::{self, Rights},
    channel::Channel,
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
                channel.outcome = None;
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

    /// Subscribes to `postgres_changes` as the channel's token says now, without a word; nothing while no change can
    /// arrive.
    pub(super) async fn prepare(&mut self, topic: &str) {
        let Some(channel) = self.channels.get(topic) else {
            return;
        };
        if *self.realtime.stream.borrow() != Stream::Open {
            return;
        }
        let (id, identity) = (channel.id, channel.identity.clone());
        let outcome = match channel.watches() {
            Ok(watches) => {
                let checked = publication::check(&self.realtime, &watches, &identity).await;
                checked.map(|()| Arc::new(Subscription { identity, watches }))
            }
            Err(message) => Err(message),
        };
        let (subscription, outcome) = match outcome {
            Ok(subscription) => (Some(subscription), Ok(())),
            Err(message) => (None, Err(message)),
        };
        self.realtime.hub.subscribe(id, subscription);
        if let Some(channel) = self.channels.get_mut(topic) {
            channel.outcome = Some(outcome);
        }
    }

    /// Tells what became of a channel's subscription, which is made first if it was not yet; then the changes that had
    /// to wait for that word.
    pub(super) async fn subscribe(&mut self, topic: &str) -> Result<(), End> {
        let is_prepared = |channel: &Channel| channel.outcome.is_some();
        if !self.channels.get(topic).is_some_and(is_prepared) {
            self.prepare(topic).await;
        }
        let Some(channel) = self.channels.get_mut(topic) else {
            return Ok(());
        };
        let Some(outcome) = channel.outcome.take() else {
            channel.subscribe_at = Some(Instant::now() + WAL_WAIT);
            return Ok(());
        };
        channel.subscribe_at = None;
        let held = channel.held.take();
        let (status, message) = match &outcome {
            Ok(()) => ("ok", "Subscribed to PostgreSQL"),
            Err(message) => ("error", message.as_str()),
        };
        let payload = channel.system(message, status, "postgres_changes");
        self.tell(topic, "system", &payload).await?;
        for change in held.into_iter().flatten().filter(|_| outcome.is_ok()) {
            self.send(change).await?;
        }
        Ok(())
    }
}

fn pushed_token(payload: &RawValue) -> Option<String> {
    let payload: Value = serde_json::from_str(payload.get()).ok()?;
    payload.get("access_token")?.as_str().map(str::to_owned)
}
