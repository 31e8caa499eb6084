//! The server's clock, as seen from here.
//!
//! Timers run on the server's time, so that all boards show the same seconds. A browser's clock is
//! usually right, and sometimes minutes off. Every timestamp that the server made between two
//! local moments bounds the offset: a change received at `r` with server time `s` says
//! `offset ≥ s − r`; one that was made after a request left at `q` says `offset ≤ s − q`. The
//! estimate is the smallest correction that these bounds allow, so a clock that is right is left
//! alone and one that is wrong is corrected to within a network delay.

/// So much later than an answer's `Date` it may have been when the answer was made.
const DATE_WITHIN_MS: i64 = 2_000;

/// `server time − local time`, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerClock {
    lower: Option<i64>,
    upper: Option<i64>,
}

impl ServerClock {
    /// Learns from a server timestamp that arrived at `received_ms`.
    pub(crate) fn heard(&mut self, server_ms: i64, received_ms: i64) {
        let bound = server_ms - received_ms;
        self.lower = Some(self.lower.map_or(bound, |lower| lower.max(bound)));
        if self.upper.is_some_and(|upper| upper < bound) {
            // One of the two clocks was set. What is new is right.
            *self = Self {
                lower: Some(bound),
                upper: None,
            };
        }
    }

    /// Learns from a timestamp that the server made after a request left at `sent_ms`.
    pub(crate) fn made_after(&mut self, server_ms: i64, sent_ms: i64) {
        let bound = server_ms - sent_ms;
        self.upper = Some(self.upper.map_or(bound, |upper| upper.min(bound)));
        if self.lower.is_some_and(|lower| lower > bound) {
            *self = Self {
                lower: None,
                upper: Some(bound),
            };
        }
    }

    /// Learns from the `Date` of an answer to a request that left at `sent_ms` and was answered at
    /// `received_ms`. It has whole seconds, and a server may write the same one for a second.
    pub(crate) fn dated(&mut self, server_ms: i64, sent_ms: i64, received_ms: i64) {
        self.heard(server_ms, received_ms);
        self.made_after(server_ms + DATE_WITHIN_MS, sent_ms);
    }

    /// The offset to add to local time.
    pub(crate) fn offset_ms(self) -> i64 {
        let mut offset = 0;
        if let Some(upper) = self.upper {
            offset = offset.min(upper);
        }
        if let Some(lower) = self.lower {
            offset = offset.max(lower);
        }
        offset
    }

    /// The server's time at the local moment `local_ms`.
    pub(crate) fn at(self, local_ms: i64) -> i64 {
        local_ms + self.offset_ms()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_right_is_left_alone() {
        let mut clock = ServerClock::default();
        clock.heard(1_000, 1_012);
        clock.made_after(2_006, 2_000);
        assert_eq!(clock.offset_ms(), 0);
    }

    #[test]
    fn a_slow_clock_is_moved_to_the_tightest_bound() {
        let mut clock = ServerClock::default();
        clock.heard(60_000, 100);
        clock.heard(61_000, 1_008);
        clock.heard(62_000, 2_300);
        assert_eq!(clock.at(5_000), 5_000 + 59_992);
    }

    #[test]
    fn a_fast_clock_is_moved_back_by_what_it_asked_for() {
        let mut clock = ServerClock::default();
        clock.heard(1_000, 61_010);
        assert_eq!(clock.offset_ms(), 0, "late news alone proves nothing");
        clock.made_after(2_004, 62_000);
        assert_eq!(clock.offset_ms(), -59_996);
    }

    #[test]
    fn a_date_mends_a_clock_that_is_minutes_off_and_leaves_a_right_one_alone() {
        let dated = |off: i64| {
            let mut clock = ServerClock::default();
            clock.dated(60_000, 60_900 + off, 60_950 + off);
            clock.offset_ms()
        };
        assert_eq!(dated(0), 0);
        assert_eq!(dated(600_000), -598_900);
        assert_eq!(dated(-600_000), 599_050);
    }

    #[test]
    fn a_clock_that_was_set_is_learnt_anew() {
        let mut clock = ServerClock::default();
        clock.heard(60_000, 0);
        clock.made_after(60_010, 0);
        clock.made_after(90_003, 90_000);
        assert_eq!(clock.offset_ms(), 0);
        clock.heard(100_000, 50_000);
        assert_eq!(clock.offset_ms(), 50_000);
    }
}
