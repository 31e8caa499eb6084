//! Who calls when: a pure, endless sequence. The same seed gives the same sequence.

use std::collections::VecDeque;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::cast::{CAST, Caller};

/// How long people wait in all, from the impatient to those who have time.
const PATIENCE_S: std::ops::RangeInclusive<u64> = 45..=240;
/// How far the time between two calls strays from the pace, in percent.
const STRAY: std::ops::RangeInclusive<u32> = 40..=160;

/// The next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedCall {
    /// Who calls.
    pub caller: Caller,
    /// How long after the call before.
    pub after: Duration,
    /// How long the caller stays on the line at most.
    pub patience: Duration,
}

/// The sequence. It never ends.
#[derive(Debug, Clone)]
pub struct Plan {
    random: ChaCha8Rng,
    pace: Duration,
    recent: VecDeque<&'static str>,
    is_first: bool,
}

impl Plan {
    /// A sequence in which calls come one `pace` after the other on average, the first at once.
    #[must_use]
    pub fn new(seed: u64, pace: Duration) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            pace,
            recent: VecDeque::new(),
            is_first: true,
        }
    }

    /// Somebody who has not called for a while: nobody is on two lines at once.
    fn somebody(&mut self) -> Caller {
        let free: Vec<_> = CAST
            .iter()
            .filter(|caller| !self.recent.contains(&caller.number))
            .collect();
        let caller = *free[self.random.random_range(0..free.len())];
        self.recent.push_back(caller.number);
        if self.recent.len() > CAST.len() / 2 {
            self.recent.pop_front();
        }
        caller
    }
}

impl Iterator for Plan {
    type Item = PlannedCall;

    fn next(&mut self) -> Option<PlannedCall> {
        let stray = self.random.random_range(STRAY);
        let after = self.pace * stray / 100;
        Some(PlannedCall {
            caller: self.somebody(),
            after: if std::mem::take(&mut self.is_first) {
                Duration::ZERO
            } else {
                after
            },
            patience: Duration::from_secs(self.random.random_range(PATIENCE_S)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(seed: u64) -> Vec<PlannedCall> {
        Plan::new(seed, Duration::from_secs(8)).take(500).collect()
    }

    #[test]
    fn the_same_seed_is_the_same_day() {
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    #[test]
    fn a_seed_means_the_same_on_every_machine_and_in_every_version() {
        let first: Vec<_> = plan(1)
            .iter()
            .take(3)
            .map(|call| (call.caller.nickname, call.patience.as_secs()))
            .collect();
        let expected = [
            ("LEE HARDWARE", 60),
            ("Lachlan Reid", 87),
            ("O'BRIEN & SONS", 184),
        ];
        assert_eq!(first, expected);
    }

    #[test]
    fn nobody_calls_again_soon() {
        let calls = plan(3);
        for window in calls.windows(CAST.len() / 2) {
            for (n, call) in window.iter().enumerate() {
                assert!(
                    window[n + 1..]
                        .iter()
                        .all(|later| later.caller != call.caller)
                );
            }
        }
    }

    #[test]
    fn everybody_calls_some_day_and_the_pace_is_kept() {
        let calls = plan(3);
        assert!(
            CAST.iter()
                .all(|caller| calls.iter().any(|call| call.caller == *caller))
        );
        assert_eq!(calls[0].after, Duration::ZERO);
        let total: Duration = calls.iter().map(|call| call.after).sum();
        let mean = total / 500;
        assert!((7..=9).contains(&mean.as_secs()), "{mean:?}");
    }
}
