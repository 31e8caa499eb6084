//! When to ask for a snapshot: one in flight, one queued, never closer than half a second.
//!
//! A change is on the screen before its confirmation is even asked for, so confirmations may wait
//! and be shared by everything that happens meanwhile: a burst of changes costs a few snapshots,
//! not one each.

/// The least time between two snapshots.
const GAP_MS: u32 = 500;
/// Up to this much more, so that many boards do not ask in step.
const JITTER_MS: f64 = 250.0;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The board is right as far as it knows: after a gap, together with what else comes.
    Soon,
    /// The board may be wrong: as soon as the gap allows.
    Now,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask after so many milliseconds; an earlier plan is dropped.
    In(u32),
    /// Nothing: it is planned already, or the one in flight will be followed by another.
    Covered,
}

/// The plan. Times are milliseconds of a clock that nobody sets: were it set forward, the gap would
/// seem to be over.
#[derive(Clone, Debug, Default)]
pub struct Refetch {
    in_flight: bool,
    queued: Option<Urgency>,
    due_ms: Option<i64>,
    last_started_ms: Option<i64>,
}

impl Refetch {
    /// Somebody needs a snapshot. `chance` is a random number from 0 to 1.
    pub fn wanted(&mut self, urgency: Urgency, now_ms: i64, chance: f64) -> Next {
        if self.in_flight {
            self.queued = self.queued.max(Some(urgency));
            return Next::Covered;
        }
        let wait = match urgency {
            Urgency::Now => self.until_gap(now_ms, 0.0),
            Urgency::Soon => self.until_gap(now_ms, chance).max(spread(chance)),
        };
        let due = now_ms + i64::from(wait);
        if self.due_ms.is_some_and(|planned| planned <= due) {
            return Next::Covered;
        }
        self.due_ms = Some(due);
        Next::In(wait)
    }

    /// The request leaves.
    pub fn started(&mut self, now_ms: i64) {
        self.in_flight = true;
        self.queued = None;
        self.due_ms = None;
        self.last_started_ms = Some(now_ms);
    }

    /// It was answered, or failed.
    pub fn finished(&mut self, now_ms: i64, chance: f64) -> Next {
        self.in_flight = false;
        match self.queued.take() {
            Some(urgency) => self.wanted(urgency, now_ms, chance),
            None => Next::Covered,
        }
    }

    fn until_gap(&self, now_ms: i64, chance: f64) -> u32 {
        let Some(last) = self.last_started_ms else {
            return 0;
        };
        let since =
            u32::try_from(now_ms - last).unwrap_or(if now_ms < last { 0 } else { u32::MAX });
        spread(chance).saturating_sub(since)
    }
}

// The sum is small and positive.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn spread(chance: f64) -> u32 {
    GAP_MS + (JITTER_MS * chance) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_urgent_one_leaves_at_once() {
        let mut plan = Refetch::default();
        assert_eq!(plan.wanted(Urgency::Now, 0, 0.9), Next::In(0));
    }

    #[test]
    fn an_urgent_one_brings_a_planned_one_forward() {
        let mut plan = Refetch::default();
        assert_eq!(plan.wanted(Urgency::Soon, 0, 0.0), Next::In(500));
        assert_eq!(plan.wanted(Urgency::Soon, 100, 0.0), Next::Covered);
        assert_eq!(plan.wanted(Urgency::Now, 200, 0.0), Next::In(0));
    }

    #[test]
    fn what_is_wanted_while_one_is_in_flight_follows_it_once() {
        let mut plan = Refetch::default();
        plan.started(0);
        assert_eq!(plan.wanted(Urgency::Now, 10, 0.0), Next::Covered);
        assert_eq!(plan.wanted(Urgency::Now, 20, 0.0), Next::Covered);
        assert_eq!(plan.finished(100, 0.0), Next::In(400));
        plan.started(500);
        assert_eq!(plan.finished(650, 0.0), Next::Covered);
    }

    /// Plays 200 changes in one second against snapshots that take `answer_ms` each, and counts the
    /// snapshots; the last one must have left after the last change.
    fn burst(answer_ms: i64, chance: f64) -> usize {
        let mut plan = Refetch::default();
        let (mut due, mut landing, mut count, mut last_start) = (None, None, 0, 0);
        for now in 0..5_000_i64 {
            if landing == Some(now) {
                landing = None;
                if let Next::In(wait) = plan.finished(now, chance) {
                    due = Some(now + i64::from(wait));
                }
            }
            if now < 1_000
                && now % 5 == 0
                && let Next::In(wait) = plan.wanted(Urgency::Soon, now, chance)
            {
                due = Some(now + i64::from(wait));
            }
            if due == Some(now) {
                due = None;
                plan.started(now);
                landing = Some(now + answer_ms);
                (count, last_start) = (count + 1, now);
            }
        }
        assert!(last_start > 995, "the last change was not confirmed");
        count
    }

    #[test]
    fn a_burst_of_200_changes_costs_three_snapshots_at_most() {
        for answer_ms in [1, 20, 120, 700] {
            for chance in [0.0, 0.3, 0.99] {
                assert!(burst(answer_ms, chance) <= 3, "{answer_ms} ms, {chance}");
            }
        }
    }
}
