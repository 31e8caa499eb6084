//! Which token to join with, and when to ask for another.

use crate::{Now, Timing, Token, TokenReason};

/// The member's token and what is known about its worth.
#[derive(Default)]
pub(crate) struct Tokens {
    current: Option<Token>,
    /// Until when the current token counts as fresh for a join; none once it was used.
    fresh_until: Option<u64>,
    /// When the current one should be replaced, on the wall clock, which goes on while a machine
    /// sleeps.
    refresh_at_unix: u64,
    /// The same on the monotonic clock, which nobody can set.
    refresh_at: u64,
    rejected: bool,
    /// When a token for a join was asked for that has not come.
    asked_for_join: Option<u64>,
    /// When a refresh was last asked for.
    asked_for_refresh: Option<u64>,
}

impl Tokens {
    /// The application gave a token.
    pub(crate) fn supply(&mut self, token: Token, timing: &Timing, now: Now) {
        if self.current.as_ref() != Some(&token) {
            self.rejected = false;
            let left = token.expires_at_unix_ms.saturating_sub(now.unix_ms);
            self.refresh_at_unix = if left == 0 {
                // Expired by this clock, which may be wrong: the server is the referee.
                now.unix_ms + timing.token_margin_ms
            } else {
                token.expires_at_unix_ms - timing.token_margin_ms.min(left / 2)
            };
            let wait = self.refresh_at_unix.saturating_sub(now.unix_ms);
            self.refresh_at = now.monotonic_ms.saturating_add(wait);
            self.current = Some(token);
        }
        self.fresh_until = Some(now.monotonic_ms + timing.token_margin_ms);
        self.asked_for_join = None;
    }

    /// The server refused or ended the current token.
    pub(crate) fn reject(&mut self) {
        self.rejected = true;
        self.fresh_until = None;
    }

    /// The token for a join, if one may be used now; it is then no longer fresh.
    pub(crate) fn for_join(&mut self, timing: &Timing, now: Now) -> Option<Token> {
        let fresh = self
            .fresh_until
            .is_some_and(|until| now.monotonic_ms < until);
        // An application that does not answer must not end the link while its token is good.
        let waited = self
            .asked_for_join
            .is_some_and(|asked| now.monotonic_ms >= asked + timing.token_wait_ms);
        if fresh || (waited && !self.rejected && !self.is_expired(now)) {
            self.asked_for_join = None;
            self.fresh_until = None;
            return self.current.clone();
        }
        None
    }

    /// Whether a token for a join must be asked for, and why.
    pub(crate) fn ask_for_join(&mut self, timing: &Timing, now: Now) -> Option<TokenReason> {
        let fresh = self
            .fresh_until
            .is_some_and(|until| now.monotonic_ms < until);
        let waiting = self
            .asked_for_join
            .is_some_and(|asked| now.monotonic_ms < asked + timing.token_wait_ms);
        if fresh || waiting {
            return None;
        }
        self.asked_for_join = Some(now.monotonic_ms);
        Some(if self.rejected {
            TokenReason::Rejected
        } else {
            TokenReason::Join
        })
    }

    /// When the wait for a join's token ends.
    pub(crate) fn join_due(&self, timing: &Timing) -> Option<u64> {
        self.asked_for_join
            .map(|asked| asked + timing.token_wait_ms)
    }

    /// Whether the joined channel's token should be refreshed now.
    pub(crate) fn ask_for_refresh(&mut self, timing: &Timing, now: Now) -> bool {
        if now.monotonic_ms < self.refresh_due(timing, now) {
            return false;
        }
        self.asked_for_refresh = Some(now.monotonic_ms);
        true
    }

    /// When to ask for a refresh, on the monotonic clock. Requests keep their distance, whatever
    /// the application answers.
    pub(crate) fn refresh_due(&self, timing: &Timing, now: Now) -> u64 {
        let wait = self.refresh_at_unix.saturating_sub(now.unix_ms);
        let due = now.monotonic_ms.saturating_add(wait).min(self.refresh_at);
        match self.asked_for_refresh {
            Some(asked) => due.max(asked + timing.attempt_gap_ms),
            None => due,
        }
    }

    /// The token to push to a channel that was joined with `used`, if a better one is here.
    pub(crate) fn take_for_push(&mut self, used: &str, now: Now) -> Option<Token> {
        if self.rejected || self.is_expired(now) {
            return None;
        }
        let token = self.current.clone().filter(|token| token.jwt != used)?;
        self.fresh_until = None;
        Some(token)
    }

    fn is_expired(&self, now: Now) -> bool {
        self.current
            .as_ref()
            .is_none_or(|token| token.expires_at_unix_ms <= now.unix_ms)
    }
}
