//! The channel's life on an open socket: joining, subscribing, living, leaving.

use super::{Client, Link};
use crate::{Event, Now, Reason, Timing, TokenReason};

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
    pub(super) reference: String,
    /// The token that the server knows.
    pub(super) jwt: String,
    pub(super) deadline: u64,
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

    /// Whether this is the reference of the join that waits for its reply.
    pub(super) fn is_joining_as(&self, reference: Option<&str>) -> bool {
        matches!(self, Self::Joining(join) if Some(join.reference.as_str()) == reference)
    }

    /// Whether the channel was live for long enough to forget earlier failures.
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
    pub(super) fn topic(&self) -> String {
        format!("realtime:{}", self.config.topic)
    }

    pub(super) fn channel(&mut self) -> Option<&mut Channel> {
        match &mut self.link {
            Link::Open(socket) => Some(&mut socket.channel),
            Link::Idle | Link::Waiting { .. } | Link::Opening { .. } | Link::Stopped => None,
        }
    }

    pub(super) fn want_snapshot(&mut self, reason: Reason, at: u64) {
        self.snapshots.want(reason, &self.config.timing, at);
    }

    /// The reply to the join is ok.
    pub(super) fn accepted(&mut self, at: u64) {
        let without_bindings = self.config.bindings.is_empty();
        let deadline = at + self.config.timing.system_ok_ms;
        let Some(channel) = self.channel() else {
            return;
        };
        match std::mem::replace(channel, Channel::Away { rejoin_at: at }) {
            // Without bindings no `system ok` ever comes.
            Channel::Joining(join) if without_bindings => {
                *channel = live(join, at);
                self.want_snapshot(Reason::Subscribed, at);
            }
            Channel::Joining(join) => *channel = Channel::Subscribing(Join { deadline, ..join }),
            other => *channel = other,
        }
    }

    /// `system ok`.
    pub(super) fn subscribed(&mut self, now: Now) {
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

    /// `system error` of the subscription: only people can mend it.
    pub(super) fn faulted(&mut self, message: String, at: u64) {
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

    /// The join is over on the server's side: join again on the same socket.
    pub(super) fn lost(&mut self, problem: String, at: u64) {
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

    pub(super) fn away(&mut self, rejoin_at: u64) {
        if let Some(channel) = self.channel() {
            *channel = Channel::Away { rejoin_at };
        }
        self.report_status();
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
}

fn live(join: Join, since: u64) -> Channel {
    Channel::Live {
        join,
        since,
        ack_by: None,
    }
}
