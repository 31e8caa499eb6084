//! The socket's life: opening, losing, waiting, and its heartbeat.

use super::{Channel, Client, Link};
use crate::heart::{Heart, Pulse};
use crate::{Event, Now, Output, frame};
use serde_json::json;

/// An open socket.
pub(super) struct Socket {
    pub(super) heart: Heart,
    pub(super) channel: Channel,
}

impl Client {
    pub(super) fn open(&mut self, now: Now) {
        let at = now.monotonic_ms;
        // The address was checked at the start.
        let Ok(url) = self.config.socket_url() else {
            self.link = Link::Stopped;
            return;
        };
        self.last_attempt = Some(at);
        self.link = Link::Opening {
            deadline: at + self.config.timing.open_ms,
        };
        self.outputs.push(Output::Open { url });
        self.report_status();
        // Asked for now, the token comes while the handshake is under way.
        if let Some(reason) = self.tokens.ask_for_join(&self.config.timing, now) {
            self.emit(Event::TokenNeeded(reason));
        }
    }

    pub(super) fn opened(&mut self, at: u64) {
        if matches!(self.link, Link::Opening { .. }) {
            self.link = Link::Open(Socket {
                heart: Heart::new(at),
                channel: Channel::Away { rejoin_at: at },
            });
        }
    }

    /// The socket ended by itself: 1000 (idle), 1012 (restart), 1006 (crash), it is all the same.
    pub(super) fn closed(&mut self, code: u16, reason: &str, at: u64) {
        if matches!(self.link, Link::Open(_) | Link::Opening { .. }) {
            let reason = short(reason);
            self.problem = Some(format!("the socket closed with code {code} {reason}"));
            self.wait(self.config.timing.backoff_lost_ms, at);
        }
    }

    pub(super) fn refused(&mut self, status: Option<u16>, at: u64) {
        if !matches!(self.link, Link::Opening { .. }) {
            return;
        }
        let timing = &self.config.timing;
        let (cap, problem) = match status {
            Some(401) => (
                timing.backoff_refused_ms,
                "the server refused the key (401)",
            ),
            Some(403) => (
                timing.backoff_refused_ms,
                "the server refused the protocol version (403)",
            ),
            Some(_) | None => (timing.backoff_lost_ms, "the server did not accept a socket"),
        };
        if matches!(status, Some(401 | 403)) {
            self.emit(Event::Refused(problem.to_owned()));
        }
        self.problem = Some(problem.to_owned());
        self.wait(cap, at);
    }

    /// Gives up the socket without waiting for the other side, which may be gone.
    pub(super) fn drop_socket(&mut self, at: u64) {
        self.outputs.push(Output::Close);
        self.wait(self.config.timing.backoff_lost_ms, at);
    }

    fn wait(&mut self, cap: u64, at: u64) {
        if let Link::Open(socket) = &self.link
            && socket.channel.was_stable(&self.config.timing, at)
        {
            self.backoff.reset();
        }
        let until = at + self.next_wait(cap, at);
        self.link = Link::Waiting { until };
        self.report_status();
    }

    /// The next back-off, never closer to the last attempt than the gap.
    pub(super) fn next_wait(&mut self, cap: u64, at: u64) -> u64 {
        let timing = &self.config.timing;
        let wait = self
            .backoff
            .next(timing.backoff_first_ms, cap, &mut self.jitter);
        let gap = self
            .last_attempt
            .map_or(0, |last| (last + timing.attempt_gap_ms).saturating_sub(at));
        wait.max(gap)
    }

    pub(super) fn tick_heart(&mut self, at: u64) {
        let Link::Open(socket) = &mut self.link else {
            return;
        };
        match socket.heart.check(&self.config.timing, at) {
            Pulse::Steady => {}
            Pulse::Beat => self.beat(at),
            Pulse::Dead => {
                self.problem = Some("the server does not answer".to_owned());
                self.drop_socket(at);
            }
        }
    }

    /// Sends a heartbeat, unless one is unanswered.
    pub(super) fn beat(&mut self, at: u64) {
        let reference = self.reference();
        if let Link::Open(socket) = &mut self.link
            && !socket.heart.is_waiting()
        {
            let text = frame::push("phoenix", "heartbeat", json!({}), &reference, None);
            socket.heart.sent(reference, at);
            self.outputs.push(Output::Send(text));
        }
    }

    /// The network seems gone. On a loopback or a second interface it may not matter, so the
    /// heartbeat decides.
    pub(super) fn doubted(&mut self, at: u64) {
        if let Link::Open(socket) = &mut self.link {
            socket.heart.doubt();
        }
        self.beat(at);
    }
}

/// The server's words, bounded: they go into events and diagnoses.
pub(super) fn short(words: &str) -> &str {
    match words.char_indices().nth(300) {
        Some((end, _)) => &words[..end],
        None => words,
    }
}
