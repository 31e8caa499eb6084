//! The clock of a replay: which moment is shown, and how it goes on. All in milliseconds; local time comes in.

use std::rc::Rc;

use yew::Reducible;

/// How fast a replay goes: so many seconds of then in one of now.
pub(super) const RATES: [i64; 5] = [1, 5, 10, 30, 60];
/// Nothing happens for longer: not waited for.
const SILENCE_MS: i64 = 10_000;
/// As much of the silence before something happens is left.
const RUN_UP_MS: i64 = 2_000;

/// A replay that stands or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Playback {
    /// The moment that was shown at `anchored_ms`.
    from_ms: i64,
    /// The local time when it was.
    anchored_ms: i64,
    /// How fast; the choice stays while it stands.
    pub(super) rate: i64,
    /// Whether it goes.
    pub(super) is_playing: bool,
    /// Whether silence is left out.
    pub(super) skips: bool,
}

impl Playback {
    /// A replay that stands at a moment.
    pub(super) fn at(moment_ms: i64) -> Self {
        Self {
            from_ms: moment_ms,
            anchored_ms: 0,
            rate: 1,
            is_playing: false,
            skips: true,
        }
    }

    /// The moment that is shown at the local time, never later than `edge_ms`.
    pub(super) fn moment_ms(&self, local_ms: i64, edge_ms: i64) -> i64 {
        let gone = match self.is_playing {
            // A clock that was set back does not turn the replay round.
            true => (local_ms - self.anchored_ms).max(0) * self.rate,
            false => 0,
        };
        (self.from_ms + gone).min(edge_ms)
    }

    /// The same, shown from another moment on.
    pub(super) fn moved(self, to_ms: i64, local_ms: i64) -> Self {
        Self {
            from_ms: to_ms,
            anchored_ms: local_ms,
            ..self
        }
    }

    /// Goes on, or stands still.
    pub(super) fn playing(self, is_playing: bool, local_ms: i64, edge_ms: i64) -> Self {
        let moment_ms = self.moment_ms(local_ms, edge_ms);
        Self {
            is_playing,
            ..self.moved(moment_ms, local_ms)
        }
    }

    /// Goes on at another rate from where it is.
    pub(super) fn at_rate(self, rate: i64, local_ms: i64, edge_ms: i64) -> Self {
        let moment_ms = self.moment_ms(local_ms, edge_ms);
        Self {
            rate,
            ..self.moved(moment_ms, local_ms)
        }
    }
}

/// What happens to it; moments are on both clocks where it goes on from where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Shown from that moment on.
    Moved { to_ms: i64, local_ms: i64 },
    /// It shall go, or stand.
    Playing {
        is_playing: bool,
        local_ms: i64,
        edge_ms: i64,
    },
    /// It shall go at that rate.
    Rate {
        rate: i64,
        local_ms: i64,
        edge_ms: i64,
    },
    /// Silence shall be left out, or not.
    Skips(bool),
}

impl Reducible for Playback {
    type Action = Told;

    fn reduce(self: Rc<Self>, told: Told) -> Rc<Self> {
        Rc::new(match told {
            Told::Moved { to_ms, local_ms } => self.moved(to_ms, local_ms),
            Told::Playing {
                is_playing,
                local_ms,
                edge_ms,
            } => self.playing(is_playing, local_ms, edge_ms),
            Told::Rate {
                rate,
                local_ms,
                edge_ms,
            } => self.at_rate(rate, local_ms, edge_ms),
            Told::Skips(skips) => Self { skips, ..*self },
        })
    }
}

/// Where to go on instead of waiting through a silence: shortly before what happens next, if that is far away.
pub(super) fn after_silence(moment_ms: i64, next_ms: Option<i64>) -> Option<i64> {
    let next_ms = next_ms?;
    (next_ms - moment_ms > SILENCE_MS).then_some(next_ms - RUN_UP_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_stays_where_it_is() {
        let standing = Playback::at(5_000);
        assert_eq!(standing.moment_ms(0, 100_000), 5_000);
        assert_eq!(standing.moment_ms(99_000, 100_000), 5_000);
    }

    #[test]
    fn a_replay_goes_as_fast_as_it_was_told_and_stops_at_the_edge() {
        let playing = Playback::at(5_000)
            .at_rate(60, 1_000, 1_000_000)
            .playing(true, 1_000, 1_000_000);
        assert_eq!(playing.moment_ms(1_000, 1_000_000), 5_000);
        assert_eq!(playing.moment_ms(3_000, 1_000_000), 125_000);
        assert_eq!(playing.moment_ms(3_000, 90_000), 90_000);
        assert_eq!(
            playing.moment_ms(500, 1_000_000),
            5_000,
            "a clock that was set back"
        );
    }

    #[test]
    fn another_rate_and_a_pause_jump_nowhere() {
        let playing = Playback::at(0).playing(true, 0, 1_000_000);
        let faster = playing.at_rate(10, 2_000, 1_000_000);
        assert_eq!(faster.moment_ms(2_000, 1_000_000), 2_000);
        assert_eq!(faster.moment_ms(3_000, 1_000_000), 12_000);
        let paused = faster.playing(false, 3_000, 1_000_000);
        assert_eq!(paused.moment_ms(90_000, 1_000_000), 12_000);
        assert_eq!(
            paused
                .playing(true, 90_000, 1_000_000)
                .moment_ms(90_100, 1_000_000),
            13_000
        );
    }

    #[test]
    fn only_a_long_silence_is_left_out_and_not_its_end() {
        assert_eq!(after_silence(0, None), None);
        assert_eq!(after_silence(0, Some(10_000)), None);
        assert_eq!(after_silence(0, Some(60_000)), Some(58_000));
        assert_eq!(
            after_silence(58_000, Some(60_000)),
            None,
            "it is there already"
        );
    }
}
