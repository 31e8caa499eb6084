//! One client's socket: reads its frames one after the other, and sends what the hub has for it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use serde_json::{Value, value::RawValue};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    Realtime, Stream,
    authorize::{self, Rights},
    broadcast::{Broadcast, Content},
    channel::Channel,
    frame::{self, Body, Head, Push, Version},
    hub::{self, Inbox, Outbox, Subscription},
    poller::between,
    publication,
    token::{self, Identity},
};

/// How long a subscription waits for the stream of changes to be there before it looks again.
const WAL_WAIT: Duration = Duration::from_millis(50);

/// Why a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The client closed, vanished, or read too slowly.
    Gone,
    /// The client was silent for too long.
    Idle,
    /// The stack stops.
    Stopping,
}

/// A connected client.
pub(super) struct Socket {
    pub(super) realtime: Realtime,
    pub(super) version: Version,
    /// The key of the handshake, used by joins that bring no token.
    pub(super) api_key: (String, Identity),
    websocket: WebSocket,
    pub(super) outbox: Outbox,
    inbox: Inbox,
    pub(super) channels: HashMap<String, Channel>,
    heard_at: Instant,
}

impl Socket {
    pub(super) fn new(
        realtime: Realtime,
        version: Version,
        api_key: (String, Identity),
        websocket: WebSocket,
    ) -> Self {
        let (outbox, inbox) = hub::queue(&realtime.limits);
        let heard_at = Instant::now();
        Self {
            realtime,
            version,
            api_key,
            websocket,
            outbox,
            inbox,
            channels: HashMap::new(),
            heard_at,
        }
    }

    /// Serves the client until it is gone, silent, or the stack stops.
    pub(super) async fn serve(mut self) {
        let Err(end) = self.run().await;
        for channel in self.channels.values() {
            self.realtime.hub.leave(channel.id);
        }
        let code = match end {
            End::Gone => return,
            End::Idle => close_code::NORMAL,
            End::Stopping => close_code::RESTART,
        };
        // The client may be gone by now, which is what we want.
        let _ = self
            .websocket
            .send(Message::Close(Some(CloseFrame {
                code,
                reason: "".into(),
            })))
            .await;
    }

    async fn run(&mut self) -> Result<std::convert::Infallible, End> {
        loop {
            let wake = self.wake_at();
            let stopped = self.realtime.gateway.clone();
            tokio::select! {
                () = stopped.stopped() => return Err(End::Stopping),
                () = self.outbox.overflow.notified() => return Err(End::Gone),
                Some(waiting) = self.inbox.next() => self.forward(waiting).await?,
                message = self.websocket.recv() => {
                    let Some(Ok(message)) = message else { return Err(End::Gone) };
                    self.heard_at = Instant::now();
                    self.hear(message).await?;
                }
                () = sleep_until(wake) => self.tick().await?,
            }
        }
    }

    /// When the next thing is due that no client and no change asks for.
    fn wake_at(&self) -> Instant {
        let idle = self.heard_at + self.realtime.limits.idle;
        let channels = self.channels.values();
        let now = Instant::now();
        channels
            .flat_map(|channel| [channel.subscribe_at, now.checked_add(channel.token_left())])
            .flatten()
            .fold(idle, Instant::min)
    }

    async fn tick(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if now >= self.heard_at + self.realtime.limits.idle {
            return Err(End::Idle);
        }
        let topics: Vec<String> = self.channels.keys().cloned().collect();
        for topic in topics {
            let Some(channel) = self.channels.get(&topic) else {
                continue;
            };
            if let Err(fault) = channel.identity.check_time() {
                self.shut(&topic, &fault.at_push()).await?;
            } else if channel.subscribe_at.is_some_and(|at| now >= at) {
                self.subscribe(&topic).await?;
            }
        }
        Ok(())
    }

    /// Sends one frame; a client that does not read, and a stop of the stack, end the wait.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), End> {
        let stopped = self.realtime.gateway.clone();
        tokio::select! {
            sent = self.websocket.send(message) => sent.map_err(|_| End::Gone),
            () = self.outbox.overflow.notified() => Err(End::Gone),
            () = stopped.stopped() => Err(End::Stopping),
        }
    }

    async fn forward(&mut self, waiting: hub::Waiting) -> Result<(), End> {
        if self
            .channels
            .values()
            .any(|channel| channel.id == waiting.channel)
        {
            self.send(waiting.message).await?;
        }
        Ok(())
    }

    /// Sends what waits now; what is queued meanwhile must wait for its turn.
    async fn forward_waiting(&mut self) -> Result<(), End> {
        for _ in 0..self.inbox.len() {
            let Some(waiting) = self.inbox.waiting() else {
                break;
            };
            self.forward(waiting).await?;
        }
        Ok(())
    }

    /// Does nothing else for `duration`: a refused join holds up its whole socket, as on the real server.
    pub(super) async fn pause(&mut self, duration: Duration) -> Result<(), End> {
        tokio::select! {
            () = sleep(duration) => Ok(()),
            () = self.realtime.gateway.stopped() => Err(End::Stopping),
        }
    }

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

    /// Takes a channel away without a word.
    pub(super) fn remove(&mut self, topic: &str) -> Option<Channel> {
        let channel = self.channels.remove(topic)?;
        self.realtime.hub.leave(channel.id);
        Some(channel)
    }

    /// Closes a channel for a reason of the server's.
    async fn shut(&mut self, topic: &str, reason: &str) -> Result<(), End> {
        let Some(channel) = self.channels.get(topic) else {
            return Ok(());
        };
        let payload = channel.system(reason, "error", "system");
        self.tell(topic, "system", &payload).await?;
        match self.remove(topic) {
            Some(channel) => self.say_closed(topic, &channel.join_ref).await,
            None => Ok(()),
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
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

    /// A new token for a channel. There is no reply: a second `system` ok acknowledges it, 1-3 s later.
    async fn take_token(&mut self, topic: &str, push: &Push) -> Result<(), End> {
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
