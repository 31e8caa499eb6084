//! The real server's silent rate limit: above it, messages vanish without a word.
//!
//! Delivered messages are counted in ticks of 5 s, and the mean over the last 12 ticks (fewer after a start) is looked
//! at when a tick ends: above the limit, everything is dropped until a later tick's mean is below it again.

use std::{
    collections::VecDeque,
    sync::Mutex,
    time::{Duration, Instant},
};

const TICK: Duration = Duration::from_secs(5);
const TICKS: usize = 12;

/// Counts messages against a limit. Clones share nothing; hold it in an `Arc`.
#[derive(Debug)]
pub(super) struct Budget {
    /// Messages a second; `None` is no limit.
    limit: Option<u32>,
    count: Mutex<Count>,
}

#[derive(Debug)]
struct Count {
    tick_ends: Instant,
    current: u64,
    past: VecDeque<u64>,
    exceeded: bool,
}

impl Budget {
    /// A budget of `limit` messages a second, counted from `now`.
    pub(super) fn new(limit: Option<u32>, now: Instant) -> Self {
        let count = Count {
            tick_ends: now + TICK,
            current: 0,
            past: VecDeque::new(),
            exceeded: false,
        };
        Self {
            limit,
            count: Mutex::new(count),
        }
    }

    /// Whether one message may be delivered; counts it if so.
    pub(super) fn spend(&self, now: Instant) -> bool {
        let Some(limit) = self.limit else {
            return true;
        };
        let mut count = self
            .count
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        while now >= count.tick_ends {
            let ended = std::mem::take(&mut count.current);
            count.past.push_back(ended);
            if count.past.len() > TICKS {
                count.past.pop_front();
            }
            let seconds = count.past.len() as u64 * TICK.as_secs();
            count.exceeded = count.past.iter().sum::<u64>() > u64::from(limit) * seconds;
            count.tick_ends += TICK;
        }
        if !count.exceeded {
            count.current += 1;
        }
        !count.exceeded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds from the start at which a message was lost, when `rate` a second are asked for from `from` to `until`.
    fn lost(budget: &Budget, start: Instant, rate: u32, seconds: std::ops::Range<u64>) -> Vec<u64> {
        let mut lost = Vec::new();
        for second in seconds {
            for n in 0..rate {
                let at = start + Duration::from_secs(second) + Duration::from_secs(1) * n / rate;
                if !budget.spend(at) && lost.last() != Some(&second) {
                    lost.push(second);
                }
            }
        }
        lost
    }

    #[test]
    fn a_rate_below_the_limit_loses_nothing() {
        let start = Instant::now();
        assert!(lost(&Budget::new(Some(100), start), start, 99, 0..120).is_empty());
    }

    #[test]
    fn no_limit_loses_nothing() {
        let start = Instant::now();
        assert!(lost(&Budget::new(None, start), start, 10_000, 0..10).is_empty());
    }

    /// Recorded: 500 a second on a server that had been quiet: 12 s were delivered, then nothing until 64 s after the
    /// first one.
    #[test]
    fn a_burst_above_the_limit_passes_for_a_while_and_then_everything_is_lost_for_long() {
        let start = Instant::now();
        let budget = Budget::new(Some(100), start);
        assert!(lost(&budget, start, 1, 0..60).is_empty());
        let lost = lost(&budget, start, 500, 60..140);
        assert_eq!(
            lost.first(),
            Some(&75),
            "three ticks of 2500 exceed 12 ticks of 500"
        );
        assert!(
            lost.contains(&124),
            "lost until the first busy tick is a minute old"
        );
        assert!(!lost.contains(&125));
    }
}
