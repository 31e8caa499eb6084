//! One client's socket: reads its frames one after the other, and sends what the hub has for it.

use std::{collections::HashMap, time::Duration};

use axum::extract::ws::{CloseFrame, Message, close_code};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    Realtime,
    channel::Channel,
    frame::Version,
    queue::{self, Inbox, Outbox, Waiting},
    token::Identity,
    wire::Wire,
};

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
    wire: Wire,
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
        wire: Wire,
    ) -> Self {
        let (outbox, inbox) = queue::queue(&realtime.limits);
        let heard_at = Instant::now();
        Self {
            realtime,
            version,
            api_key,
            wire,
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
        let reason = "".into();
        let goodbye = Message::Close(Some(CloseFrame { code, reason }));
        let (is_mute, stopped) = (self.wire.is_mute(), self.realtime.gateway.stopped());
        match end {
            // Over a half-open link nobody would hear of it.
            End::Stopping if is_mute => {}
            End::Stopping => self.wire.finish(goodbye).await,
            _ => tokio::select! {
                () = self.wire.finish(goodbye) => {}
                () = stopped => {}
            },
        }
    }

    async fn run(&mut self) -> Result<std::convert::Infallible, End> {
        loop {
            let wake = self.wake_at();
            let stopped = self.realtime.gateway.clone();
            tokio::select! {
                () = stopped.stopped() => return Err(End::Stopping),
                () = self.outbox.overflow.notified() => return Err(End::Gone),
                Some(waiting) = self.inbox.next() => self.forward(waiting).await?,
                () = self.wire.cut() => return Err(End::Gone),
                message = self.wire.receive() => {
                    let Some(message) = message else { return Err(End::Gone) };
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
        // On a busy machine several are due at once: then those first that were due first.
        let mut topics: Vec<_> = (self.channels.iter())
            .map(|(topic, channel)| (channel.subscribe_at, topic.clone()))
            .collect();
        topics.sort_unstable();
        for (_, topic) in topics {
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
            sent = self.wire.send(message) => sent.map_err(|_| End::Gone),
            () = self.outbox.overflow.notified() => Err(End::Gone),
            () = self.wire.cut() => Err(End::Gone),
            () = stopped.stopped() => Err(End::Stopping),
        }
    }

    async fn forward(&mut self, waiting: Waiting) -> Result<(), End> {
        let most = self.realtime.limits.waiting_frames;
        let mut channels = self.channels.values_mut();
        let Some(channel) = channels.find(|channel| channel.id == waiting.channel) else {
            return Ok(());
        };
        match &mut channel.held {
            Some(held) if waiting.is_change && held.len() >= most => Err(End::Gone),
            Some(held) if waiting.is_change => {
                held.push(waiting.message);
                Ok(())
            }
            _ => self.send(waiting.message).await,
        }
    }

    /// Sends what waits now; what is queued meanwhile must wait for its turn.
    pub(super) async fn forward_waiting(&mut self) -> Result<(), End> {
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
            () = self.wire.cut() => Err(End::Gone),
            () = self.realtime.gateway.stopped() => Err(End::Stopping),
        }
    }

    /// Takes a channel away without a word.
    pub(super) fn remove(&mut self, topic: &str) -> Option<Channel> {
        let channel = self.channels.remove(topic)?;
        self.realtime.hub.leave(channel.id);
        Some(channel)
    }

    /// Closes a channel for a reason of the server's.
    pub(super) async fn shut(&mut self, topic: &str, reason: &str) -> Result<(), End> {
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
}
