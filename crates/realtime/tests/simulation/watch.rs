//! What must hold at every moment of a run, and what is counted for its end.

use crate::weather::Trouble;
use std::collections::BTreeMap;
use switchboard_model::{Board, CallId, MemberId};

/// Opens, and joins, are never closer than this.
const ATTEMPT_GAP: u64 = 2_000;
/// Requests for snapshots are never closer than this.
const REFETCH_GAP: u64 = 500;

pub(crate) struct Watch {
    /// Every line of the run, if somebody wants to read it.
    pub(crate) lines: Option<Vec<String>>,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) last_join: Option<String>,
    opens: Vec<u64>,
    joins: Vec<u64>,
    fetches: Vec<u64>,
    snapshots_needed: Vec<u64>,
    tokens_needed: Vec<u64>,
    /// Refusals since the last success, and when the latest one came.
    refusals: u32,
    refused_at: Option<u64>,
    pub(crate) live_since: u64,
    pub(crate) tokens: u64,
    pub(crate) lost: u64,
    calls: BTreeMap<CallId, i64>,
    members: BTreeMap<MemberId, i64>,
}

impl Watch {
    pub(crate) fn new(with_log: bool) -> Self {
        Self {
            lines: with_log.then(Vec::new),
            troubles: Vec::new(),
            last_join: None,
            opens: Vec::new(),
            joins: Vec::new(),
            fetches: Vec::new(),
            snapshots_needed: Vec::new(),
            tokens_needed: Vec::new(),
            refusals: 0,
            refused_at: None,
            live_since: 0,
            tokens: 0,
            lost: 0,
            calls: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    pub(crate) fn log(&mut self, now: u64, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{now:>7} {}", line()));
        }
    }

    pub(crate) fn seen(&mut self, trouble: Trouble) {
        self.troubles.push(trouble);
    }

    pub(crate) fn opens(&mut self, now: u64) {
        self.log(now, || "open".to_owned());
        keeps_distance("opens", &self.opens, now, ATTEMPT_GAP);
        self.check_back_off(now);
        self.opens.push(now);
    }

    pub(crate) fn sends(&mut self, now: u64, text: &str) {
        self.log(now, || format!("> {text}"));
        if text.contains("\"phx_join\"") {
            keeps_distance("joins", &self.joins, now, ATTEMPT_GAP);
            self.check_back_off(now);
            self.joins.push(now);
            let frame: serde_json::Value = serde_json::from_str(text).unwrap();
            self.last_join = frame["ref"].as_str().map(str::to_owned);
        }
    }

    /// After the n-th refusal in a row the next attempt waits for at least half of 0.5 s · 2ⁿ, up
    /// to 15 s.
    fn check_back_off(&mut self, now: u64) {
        if let Some(refused_at) = self.refused_at.take() {
            let least = (250 << self.refusals.saturating_sub(1).min(20)).min(7_500);
            assert!(
                now >= refused_at + least,
                "{} ms after refusal {}",
                now - refused_at,
                self.refusals
            );
        }
    }

    pub(crate) fn refused(&mut self, now: u64) {
        self.refusals += 1;
        self.refused_at = Some(now);
    }

    /// A page that returns need not sit out a long wait.
    pub(crate) fn returned(&mut self) {
        self.refused_at = None;
    }

    /// A lost socket has a wait of its own.
    pub(crate) fn lost_socket(&mut self) {
        self.refused_at = None;
    }

    pub(crate) fn live(&mut self, now: u64) {
        self.live_since = now;
        self.refusals = 0;
    }

    pub(crate) fn snapshot_needed(&mut self, now: u64) {
        keeps_distance("snapshots needed", &self.snapshots_needed, now, REFETCH_GAP);
        self.snapshots_needed.push(now);
    }

    pub(crate) fn fetches(&mut self, now: u64) {
        self.log(now, || "fetch".to_owned());
        keeps_distance("refetches", &self.fetches, now, REFETCH_GAP);
        self.fetches.push(now);
    }

    pub(crate) fn token_needed(&mut self, now: u64) {
        self.tokens_needed.push(now);
    }

    /// The board was drawn: no row goes back to an older state.
    pub(crate) fn shows(&mut self, board: &Board) {
        for call in board.calls() {
            let shown = self.calls.entry(call.id).or_insert(call.version);
            assert!(
                call.version >= *shown,
                "call {} went back to {} from {shown}",
                call.id,
                call.version
            );
            *shown = call.version;
        }
        for member in board.members() {
            let shown = self.members.entry(member.id).or_insert(member.version);
            assert!(member.version >= *shown, "member {} went back", member.id);
            *shown = member.version;
        }
    }

    /// What the whole run may have cost.
    pub(crate) fn check_budget(&self) {
        for (what, times, most) in [
            ("opens", &self.opens, 30),
            ("joins", &self.joins, 30),
            ("tokens asked for", &self.tokens_needed, 60),
            ("refetches", &self.fetches, 120),
        ] {
            let count = most_in_a_minute(times);
            assert!(count <= most, "{count} {what} in a minute");
        }
    }

    pub(crate) fn counts(&self) -> [usize; 3] {
        [self.opens.len(), self.joins.len(), self.fetches.len()]
    }
}

fn keeps_distance(what: &str, times: &[u64], now: u64, gap: u64) {
    if let Some(last) = times.last() {
        assert!(now >= last + gap, "{what}: only {} ms apart", now - last);
    }
}

fn most_in_a_minute(times: &[u64]) -> usize {
    (0..times.len())
        .map(|first| {
            times[first..]
                .iter()
                .take_while(|at| **at < times[first] + 60_000)
                .count()
        })
        .max()
        .unwrap_or(0)
}
