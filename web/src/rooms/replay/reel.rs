//! The pieces of the log that are at hand: each some minutes long, loaded when the replay comes to it, and only the last
//! few of them kept.

use switchboard_model::{Board, Event, Replay, Snapshot};
use time::OffsetDateTime;

use super::line::{Line, lines};

/// A piece begins at each multiple of this.
pub(super) const PIECE_MS: i64 = 30 * 60_000;
/// So many pieces are kept.
const KEPT: usize = 4;
/// So many events are in a piece at most; a busier half hour is several pieces.
pub(super) const AT_MOST: usize = 4_000;

/// A moment of the log in whole milliseconds, at which it has happened.
pub(super) fn reached_ms(at: OffsetDateTime) -> i64 {
    let nanos = at.unix_timestamp_nanos();
    i64::try_from(nanos.div_euclid(1_000_000) + i128::from(nanos.rem_euclid(1_000_000) > 0))
        .unwrap_or(i64::MAX)
}

/// A stretch of time: after `from_ms`, until `until_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from_ms: i64,
    pub(super) until_ms: i64,
}

/// A piece of the log, with the board at its beginning.
pub(super) struct Piece {
    pub(super) stretch: Stretch,
    replay: Replay,
    /// Its events in words, oldest first.
    pub(super) lines: Vec<Line>,
}

impl Piece {
    /// A piece with the board at its beginning and all its events. `names` says who each member is.
    pub(super) fn new(stretch: Stretch, start: Snapshot, events: Vec<Event>) -> Self {
        let mut replay = Replay::new(start, events);
        let lines = lines(&mut replay);
        Self {
            stretch,
            replay,
            lines,
        }
    }
}

/// The pieces at hand, the one used last at the end.
#[derive(Default)]
pub(super) struct Reel(Vec<Piece>);

impl Reel {
    /// Takes a piece and forgets the one that was not used for longest.
    pub(super) fn add(&mut self, piece: Piece) {
        self.0
            .retain(|known| known.stretch.from_ms != piece.stretch.from_ms);
        self.0.push(piece);
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The piece that has a moment.
    pub(super) fn piece(&mut self, moment_ms: i64) -> Option<&Piece> {
        let at = self
            .0
            .iter()
            .position(|piece| has(piece.stretch, moment_ms))?;
        let piece = self.0.remove(at);
        self.0.push(piece);
        self.0.last()
    }

    /// The board at a moment, if that is at hand.
    pub(super) fn board(&mut self, moment_ms: i64) -> Option<Board> {
        self.piece(moment_ms)?;
        let at =
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment_ms) * 1_000_000).ok()?;
        Some(self.0.last_mut()?.replay.at(at).clone())
    }

    /// What must be loaded to have a moment; `edge_ms` is as far as the log is settled.
    pub(super) fn missing(&self, moment_ms: i64, edge_ms: i64) -> Option<Stretch> {
        if moment_ms > edge_ms || self.0.iter().any(|piece| has(piece.stretch, moment_ms)) {
            return None;
        }
        let begins = (moment_ms - 1).div_euclid(PIECE_MS) * PIECE_MS;
        // What is at hand of the same half hour is not loaded again.
        let known = self.0.iter().map(|piece| piece.stretch.until_ms);
        let known = known
            .filter(|until| (begins..moment_ms).contains(until))
            .max();
        Some(Stretch {
            from_ms: known.unwrap_or(begins),
            until_ms: (begins + PIECE_MS).min(edge_ms),
        })
    }
}

fn has(stretch: Stretch, moment_ms: i64) -> bool {
    stretch.from_ms < moment_ms && moment_ms <= stretch.until_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: i64 = PIECE_MS;

    fn piece(from_ms: i64, until_ms: i64) -> Piece {
        Piece::new(
            Stretch { from_ms, until_ms },
            Snapshot::default(),
            Vec::new(),
        )
    }

    fn missing(reel: &Reel, moment_ms: i64) -> Option<(i64, i64)> {
        let missing = reel.missing(moment_ms, 10 * HALF + 7);
        missing.map(|stretch| (stretch.from_ms, stretch.until_ms))
    }

    #[test]
    fn a_moment_is_in_the_piece_that_ends_with_it() {
        let reel = Reel::default();
        assert_eq!(missing(&reel, 1), Some((0, HALF)));
        assert_eq!(missing(&reel, HALF), Some((0, HALF)));
        assert_eq!(missing(&reel, HALF + 1), Some((HALF, 2 * HALF)));
        assert_eq!(missing(&reel, 0), Some((-HALF, 0)));
    }

    #[test]
    fn a_piece_has_its_end_and_not_its_beginning() {
        let mut reel = Reel::default();
        reel.add(piece(HALF, 2 * HALF));
        let has = [HALF, HALF + 1, 2 * HALF, 2 * HALF + 1].map(|at| reel.piece(at).is_some());
        assert_eq!(has, [false, true, true, false]);
    }

    #[test]
    fn nothing_is_loaded_that_is_at_hand_or_still_to_come() {
        let mut reel = Reel::default();
        reel.add(piece(0, HALF));
        assert_eq!(missing(&reel, 5), None);
        assert_eq!(
            missing(&reel, 10 * HALF + 7),
            Some((10 * HALF, 10 * HALF + 7))
        );
        assert_eq!(missing(&reel, 10 * HALF + 8), None);
    }

    #[test]
    fn the_rest_of_a_piece_is_loaded_from_where_it_ended() {
        let mut reel = Reel::default();
        reel.add(piece(0, 600));
        assert_eq!(missing(&reel, 601), Some((600, HALF)));
        assert_eq!(missing(&reel, HALF + 1), Some((HALF, 2 * HALF)));
    }

    #[test]
    fn only_the_pieces_used_last_are_kept() {
        let mut reel = Reel::default();
        for index in 0..KEPT as i64 {
            reel.add(piece(index * HALF, (index + 1) * HALF));
        }
        assert!(reel.piece(1).is_some(), "the first is used again");
        reel.add(piece(9 * HALF, 10 * HALF));
        assert_eq!(reel.len(), KEPT);
        assert!(reel.piece(1).is_some());
        assert!(
            reel.piece(HALF + 1).is_none(),
            "the one that was not used for longest is gone"
        );
    }

    #[test]
    fn a_change_has_happened_at_the_next_whole_millisecond() {
        let at = OffsetDateTime::from_unix_timestamp_nanos(1_000_000_001).unwrap();
        assert_eq!(reached_ms(at), 1_001);
        let at = OffsetDateTime::from_unix_timestamp_nanos(1_001_000_000).unwrap();
        assert_eq!(reached_ms(at), 1_001);
    }
}
