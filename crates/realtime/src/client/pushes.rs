//! What the client says on its channel: join, token, leave.

use super::channel::{Channel, Join};
use super::{Client, Link};
use crate::{Event, Now, Output, frame};
use serde_json::json;

impl Client {
    pub(super) fn try_join(&mut self, now: Now) {
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
}
