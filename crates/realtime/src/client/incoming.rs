//! What the server says, and what it means for the channel.

use super::channel::Channel;
use super::socket::short;
use super::{Client, Link};
use crate::frame::{Frame, FrameError};
use crate::{Event, Now, Reason, change};
use serde_json::Value;
use switchboard_model::json::take;

impl Client {
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
        let Some(channel) = self.channel() else {
            return;
        };
        let is_joined = channel.is_joined();
        if channel.is_joining_as(frame.reference.as_deref()) {
            if is_ok {
                self.accepted(at);
            } else {
                self.join_refused(reason, at);
            }
        } else if is_joined && !is_ok && reason == "unmatched topic" {
            self.lost(reason, at);
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
        let Value::String(event) = take(&mut message, "event") else {
            self.ignored_frames += 1;
            return;
        };
        let payload = take(&mut message, "payload");
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
}
