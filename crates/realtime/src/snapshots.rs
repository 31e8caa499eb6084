//! When the application must fetch the whole board.

use crate::backoff::{Backoff, Jitter};
use crate::{Reason, Timing};

/// Paces the requests for snapshots: none closer than the gap, none forgotten.
#[derive(Default)]
pub(crate) struct Snapshots {
    last: Option<u64>,
    due: Option<(u64, Reason)>,
    periodic_at: Option<u64>,
    failures: Backoff,
}

impl Snapshots {
    /// Wants one as soon as the gap allows.
    pub(crate) fn want(&mut self, reason: Reason, timing: &Timing, now: u64) {
        let at = self
            .last
            .map_or(now, |last| now.max(last + timing.snapshot_gap_ms));
        if self.due.is_none_or(|(due, _)| at < due) {
            self.due = Some((at, reason));
        }
    }

    /// The last one failed.
    pub(crate) fn failed(&mut self, timing: &Timing, jitter: &mut Jitter, now: u64) {
        let wait = self
            .failures
            .next(1_000, timing.backoff_refused_ms, jitter)
            .max(timing.snapshot_gap_ms);
        if self.due.is_none() {
            self.due = Some((now + wait, Reason::Retry));
        }
    }

    /// One was applied.
    pub(crate) fn done(&mut self) {
        self.failures.reset();
        self.due.take_if(|(_, reason)| *reason == Reason::Retry);
    }

    /// The channel is joined or not: the regular snapshots are for joined ones.
    pub(crate) fn regular(&mut self, joined: bool, timing: &Timing, now: u64) {
        match (joined, self.periodic_at) {
            (true, None) => self.periodic_at = Some(now + timing.snapshot_ms),
            (false, Some(_)) => self.periodic_at = None,
            _ => {}
        }
    }

    /// The reason to ask for a snapshot now, if there is one.
    pub(crate) fn take(
        &mut self,
        timing: &Timing,
        jitter: &mut Jitter,
        now: u64,
    ) -> Option<Reason> {
        if self.periodic_at.is_some_and(|at| now >= at) {
            self.want(Reason::Periodic, timing, now);
        }
        let (_, reason) = self.due.take_if(|(at, _)| now >= *at)?;
        self.last = Some(now);
        if self.periodic_at.is_some() {
            // Boards that returned together must not refetch together for ever after.
            let early = jitter.up_to(timing.snapshot_ms / 10);
            self.periodic_at = Some(now + timing.snapshot_ms - early);
        }
        Some(reason)
    }

    /// When to look next.
    pub(crate) fn next(&self) -> Option<u64> {
        let due = self.due.map(|(at, _)| at);
        due.into_iter().chain(self.periodic_at).min()
    }
}
