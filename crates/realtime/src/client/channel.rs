//! The channel's life on an open socket: joining, subscribing, living, leaving.

use super::socket::short;
use super::{Client, Link};
use crate::frame::{self, Frame, FrameError};
use crate::{Event, Now, Output, Reason, Timing, TokenReason, change};
use serde_json::{Value, json};

/// Where the channel stands.
pub(super) enum Channel {
    /// Not joined; a join waits for its time and then for a token.
    Away { rejoin_at: u64 },
    /// The join was sent.
    Joining(Join),
    /// The join was accepted, which says nothing about changes yet.
    Subscribing(Join),
    /// `system ok`: changes flow.
    Live {
        join: Join,
        since: u64,
        /// A pushed token must be acknowledged by then.
        ack_by: Option<u64>,
    },
    /// The server cannot subscribe the bindings; the fast lane still works.
    Faulted { join: Join, retry_at: u64 },
}

/// One join of the channel.
pub(super) struct Join {
    reference: String,
    /// The token that the server knows.
    jwt: String,
    deadline: u64,
}

impl Channel {
    fn join(&self) -> Option<&Join> {
        match self {
            Self::Away { .. } => None,
            Self::Joining(join)
            | Self::Subscribing(join)
            | Self::Live { join, .. }
            | Self::Faulted { join, .. } => Some(join),
        }
    }

    pub(super) fn join_ref(&self) -> Option<&str> {
        self.join().map(|join| join.reference.as_str())
    }

    /// The server has accepted the join.
    pub(super) fn is_joined(&self) -> bool {
        match self {
            Self::Away { .. } | Self::Joining(_) => false,
            Self::Subscribing(_) | Self::Live { .. } | Self::Faulted { .. } => true,
        }
    }

    pub(super) fn was_stable(&self, timing: &Timing, at: u64) -> bool {
        matches!(self, Self::Live { since, .. } if at >= since + timing.stable_ms)
    }

    /// When to look at the channel next.
    pub(super) fn due(&self) -> u64 {
        match self {
            Self::Away { rejoin_at } => *rejoin_at,
            Self::Joining(join) | Self::Subscribing(join) => join.deadline,
            Self::Live { ack_by, .. } => ack_by.unwrap_or(u64::MAX),
            Self::Faulted { retry_at, .. } => *retry_at,
        }
    }
}

impl Client {
    fn topic(&self) -> String {
        format!("realtime:{}", self.config.topic)
    }

    fn channel(&mut self) -> Option<&mut Channel> {
        match &mut self.link {
            Link::Open(socket) => Some(&mut socket.channel),
            Link::Idle | Link::Waiting { .. } | Link::Opening { .. } | Link::Stopped => None,
        }
    }

    /// Takes a frame of the server.
    pub(super) fn read(&mut self, frame: Result<Frame, FrameError>, now: Now) {
        let at = now.monotonic_ms;
        let Link::Open(socket) = &mut self.link else {
            return;
        };
        socket.heart.heard(at);
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => {
                self.ignored_frames += 1;
                // What was too large to read may have been a change.
                if error == FrameError::TooLarge && self.is_joined() {
                    self.want_snapshot(Reason::Incomplete, at);
                }
                return;
            }
        };
        if frame.topic == "phoenix" {
            self.heard_phoenix(&frame, at);
        } else if frame.topic == self.topic() {
            match frame.event.as_str() {
                "phx_reply" => self.replied(&frame, at),
                "system" => self.heard_system(&frame, now),
                "phx_close" | "phx_error" => self.closed_by_server(&frame, at),
                "postgres_changes" => self.heard_change(frame.payload, at),
                "broadcast" => self.heard_broadcast(frame.payload),
                _ => {}
            }
        }
    }

    fn want_snapshot(&mut self, reason: Reason, at: u64) {
        self.snapshots.want(reason, &self.config.timing, at);
    }

    fn heard_phoenix(&mut self, frame: &Frame, at: u64) {
        let Link::Open(socket) = &mut self.link else {
            return;
        };
        if frame.event == "phx_reply"
            && let Some(reference) = &frame.reference
            && socket.heart.answered(reference)
            && matches!(socket.channel, Channel::Live { .. })
        {
            self.want_snapshot(Reason::CaughtUp, at);
        }
    }

    fn replied(&mut self, frame: &Frame, at: u64) {
        let is_ok = frame.payload["status"] == "ok";
        let response = &frame.payload["response"];
        let reason = response["reason"].as_str().or(response.as_str());
        let reason = short(reason.unwrap_or("no reason given")).to_owned();
        let without_bindings = self.config.bindings.is_empty();
        let deadline = at + self.config.timing.system_ok_ms;
        let Some(channel) = self.channel() else {
            return;
        };
        match std::mem::replace(channel, Channel::Away { rejoin_at: at }) {
            Channel::Joining(join) if frame.reference.as_deref() == Some(&join.reference) => {
                if !is_ok {
                    self.join_refused(reason, at);
                } else if without_bindings {
                    // Without bindings no `system ok` ever comes.
                    *channel = live(join, at);
                    self.want_snapshot(Reason::Subscribed, at);
                } else {
                    *channel = Channel::Subscribing(Join { deadline, ..join });
                }
            }
            joined if joined.is_joined() && !is_ok && reason == "unmatched topic" => {
                *channel = joined;
                self.lost(reason, at);
            }
            other => *channel = other,
        }
    }

    fn join_refused(&mut self, reason: String, at: u64) {
        // InvalidJWTToken, JwtSignatureError, MalformedJWT, ExpiredToken…: another token may help.
        let words = reason.to_ascii_lowercase();
        if words.contains("jwt") || words.contains("token") {
            self.tokens.reject();
        }
        // Every refused join blocks the whole socket for 5 s, so there is never more than one.
        let wait = self.next_wait(self.config.timing.backoff_refused_ms, at);
        self.away(at + wait);
        self.problem = Some(reason.clone());
        self.emit(Event::Refused(reason));
    }

    fn heard_system(&mut self, frame: &Frame, now: Now) {
        let at = now.monotonic_ms;
        let message = short(frame.payload["message"].as_str().unwrap_or_default()).to_owned();
        let is_ok = frame.payload["status"] == "ok";
        let extension = frame.payload["extension"].as_str().unwrap_or_default();
        let Some(channel) = self.channel() else {
            return;
        };
        // Version 2 tells whose it is.
        if frame.join_ref.is_some() && frame.join_ref.as_deref() != channel.join_ref() {
            return;
        }
        match (extension, is_ok) {
            ("postgres_changes", true) => self.subscribed(now),
            ("postgres_changes", false) => self.faulted(message, at),
            // The reason of the close that follows, which is nearly always the token's end.
            ("system", false) if channel.is_joined() => {
                self.tokens.reject();
                self.problem = Some(message);
            }
            _ => {}
        }
    }

    fn subscribed(&mut self, now: Now) {
        let at = now.monotonic_ms;
        let Some(channel) = self.channel() else {
            return;
        };
        match std::mem::replace(channel, Channel::Away { rejoin_at: at }) {
            Channel::Subscribing(join) | Channel::Faulted { join, .. } => {
                *channel = live(join, at);
                self.want_snapshot(Reason::Subscribed, at);
            }
            // The acknowledgement of a pushed token: nothing was lost, nothing is to be fetched.
            Channel::Live { join, since, .. } => {
                *channel = Channel::Live {
                    join,
                    since,
                    ack_by: None,
                };
            }
            other @ (Channel::Away { .. } | Channel::Joining(_)) => *channel = other,
        }
        self.push_token(now);
    }

    fn faulted(&mut self, message: String, at: u64) {
        let retry_at = at
            + self.config.timing.fault_retry_ms
            + self.jitter.up_to(self.config.timing.fault_retry_ms / 4);
        let Some(channel) = self.channel() else {
            return;
        };
        match std::mem::replace(channel, Channel::Away { rejoin_at: at }) {
            Channel::Subscribing(join) | Channel::Live { join, .. } => {
                *channel = Channel::Faulted { join, retry_at };
                self.report_status();
                self.problem = Some(message.clone());
                self.emit(Event::ConfigurationFault(message));
            }
            other @ (Channel::Away { .. } | Channel::Joining(_) | Channel::Faulted { .. }) => {
                *channel = other;
            }
        }
    }

    /// `phx_close`, `phx_error`: of the current join, or of an earlier one that nobody misses.
    fn closed_by_server(&mut self, frame: &Frame, at: u64) {
        let closed = frame.join_ref.as_ref().or(frame.reference.as_ref());
        let current = self.channel().and_then(|channel| channel.join_ref());
        if current.is_some() && current == closed.map(String::as_str) {
            self.lost(
                format!("the server closed the channel ({})", frame.event),
                at,
            );
        }
    }

    /// The join is over on the server's side: join again on the same socket.
    fn lost(&mut self, problem: String, at: u64) {
        let timing = &self.config.timing;
        let was_stable =
            matches!(&self.link, Link::Open(socket) if socket.channel.was_stable(timing, at));
        let wait = if was_stable {
            self.backoff.reset();
            0
        } else {
            self.next_wait(self.config.timing.backoff_lost_ms, at)
        };
        // A reason that the server gave just before says more.
        self.problem.get_or_insert(problem);
        self.away(at + wait);
    }

    /// Leaves a join that does not come to life, and tries another after a while.
    fn start_over(&mut self, problem: &str, at: u64) {
        self.problem = Some(problem.to_owned());
        if let Some(join_ref) = self
            .channel()
            .and_then(|channel| channel.join_ref())
            .map(str::to_owned)
        {
            self.leave(&join_ref);
        }
        let wait = self.next_wait(self.config.timing.backoff_lost_ms, at);
        self.away(at + wait);
    }

    fn away(&mut self, rejoin_at: u64) {
        if let Some(channel) = self.channel() {
            *channel = Channel::Away { rejoin_at };
        }
        self.report_status();
    }

    pub(super) fn leave(&mut self, join_ref: &str) {
        let reference = self.reference();
        let leave = frame::push(
            &self.topic(),
            "phx_leave",
            json!({}),
            &reference,
            Some(join_ref),
        );
        self.outputs.push(Output::Send(leave));
    }

    fn heard_change(&mut self, payload: Value, at: u64) {
        match change::from_postgres(payload) {
            Some(change) => {
                let incomplete = change.incomplete;
                self.emit(Event::Change(change));
                if incomplete {
                    self.want_snapshot(Reason::Incomplete, at);
                }
            }
            None => self.ignored_frames += 1,
        }
    }

    fn heard_broadcast(&mut self, payload: Value) {
        let Value::Object(mut message) = payload else {
            self.ignored_frames += 1;
            return;
        };
        let Some(Value::String(event)) = message.remove("event") else {
            self.ignored_frames += 1;
            return;
        };
        let payload = message.remove("payload").unwrap_or_default();
        // On a public channel anybody could pretend to be the database.
        let event = if self.config.private && event == "change" {
            match change::from_fast_lane(payload) {
                Ok(change) => Event::Change(change),
                Err(payload) => Event::Broadcast { event, payload },
            }
        } else {
            Event::Broadcast { event, payload }
        };
        self.emit(event);
    }

    pub(super) fn tick_channel(&mut self, now: Now) {
        let at = now.monotonic_ms;
        let Some(channel) = self.channel() else {
            return;
        };
        let is_due = at >= channel.due();
        match channel {
            Channel::Away { .. } if is_due => self.try_join(now),
            Channel::Joining(_) if is_due => self.start_over("the join was not answered", at),
            Channel::Subscribing(_) if is_due => {
                self.start_over("the subscription was not confirmed", at);
            }
            Channel::Live { .. } if is_due => {
                self.start_over("the new token was not acknowledged", at);
            }
            Channel::Faulted { .. } if is_due => {
                self.start_over("the subscription is tried again", at);
            }
            _ => {}
        }
        if self.is_joined() && self.tokens.ask_for_refresh(&self.config.timing, now) {
            self.emit(Event::TokenNeeded(TokenReason::Expiring));
        }
    }

    fn try_join(&mut self, now: Now) {
        let at = now.monotonic_ms;
        let Some(token) = self.tokens.for_join(&self.config.timing, now) else {
            if let Some(reason) = self.tokens.ask_for_join(&self.config.timing, now) {
                self.emit(Event::TokenNeeded(reason));
            }
            return;
        };
        let reference = self.reference();
        let payload = json!({
            "config": {
                "broadcast": {"ack": false, "self": false},
                "presence": {"enabled": false, "key": ""},
                "postgres_changes": self.config.bindings,
                "private": self.config.private,
            },
            "access_token": token.jwt,
        });
        let join = frame::push(
            &self.topic(),
            "phx_join",
            payload,
            &reference,
            Some(&reference),
        );
        self.last_attempt = Some(at);
        self.outputs.push(Output::Send(join));
        self.problem = None;
        let deadline = at + self.config.timing.join_reply_ms;
        if let Some(channel) = self.channel() {
            *channel = Channel::Joining(Join {
                reference,
                jwt: token.jwt,
                deadline,
            });
        }
    }

    /// Gives a newer token to a channel that flows. There is no reply: the next `system ok` is
    /// the acknowledgement.
    pub(super) fn push_token(&mut self, now: Now) {
        let Link::Open(socket) = &mut self.link else {
            return;
        };
        let (Channel::Live { join, .. } | Channel::Faulted { join, .. }) = &mut socket.channel
        else {
            return;
        };
        let Some(token) = self.tokens.take_for_push(&join.jwt, now) else {
            return;
        };
        join.jwt.clone_from(&token.jwt);
        let join_ref = join.reference.clone();
        if let Channel::Live { ack_by, .. } = &mut socket.channel
            && !self.config.bindings.is_empty()
        {
            *ack_by = Some(now.monotonic_ms + self.config.timing.token_ack_ms);
        }
        let reference = self.reference();
        let push = frame::push(
            &self.topic(),
            "access_token",
            json!({"access_token": token.jwt}),
            &reference,
            Some(&join_ref),
        );
        self.outputs.push(Output::Send(push));
    }
}

fn live(join: Join, since: u64) -> Channel {
    Channel::Live {
        join,
        since,
        ack_by: None,
    }
}
