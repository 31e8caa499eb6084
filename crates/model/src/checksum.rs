//! A checksum of the board, the same as the database's function `board_checksum`.
//!
//! Realtime loses changes without a word. A board that compares three numbers with the database's
//! every few seconds finds out long before its next snapshot. What is summed and why stands in the
//! migrations; `tests/history` proves the two equal.

use uuid::Uuid;

use crate::json::rows;

/// The prime 2^31 - 1: products of two remainders stay within 64 bits.
const PRIME: i64 = 2_147_483_647;
/// Keeps the halves of an id apart. A primitive root of the prime.
const ROOT: i64 = 16_807;

/// What the row of settings, which has no uuid, is summed up under.
pub(crate) const SETTINGS: Uuid = Uuid::from_u128(1);

/// What a board shows, in three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// The highest version of any row.
    pub version: i64,
    /// How many calls are live.
    pub calls: i64,
    /// The sum over every live call, every member and the settings, 0 to 2^31 - 2.
    pub checksum: i64,
}

impl Checksum {
    /// Of no rows.
    pub(crate) const EMPTY: Self = Self {
        version: 0,
        calls: 0,
        checksum: 0,
    };

    /// Adds one row; `calls` is 1 for a call and 0 for any other.
    pub(crate) fn add(&mut self, id: Uuid, version: i64, calls: i64) {
        let (high, low) = id.as_u64_pair();
        // The halves as SQL reads them, as signed numbers.
        let id = high.cast_signed() % PRIME * ROOT + low.cast_signed() % PRIME;
        let term = id % PRIME * (version % PRIME + 1) % PRIME;
        self.checksum = (self.checksum + term + PRIME) % PRIME;
        self.calls += calls;
        self.version = self.version.max(version);
    }

    /// Reads what the database answered to [`crate::request::board_checksum`].
    pub fn from_json(body: &str) -> Option<Self> {
        let row = rows(body)?.pop()?;
        let number = |name| row.get(name)?.as_i64();
        Some(Self {
            version: number("version")?,
            calls: number("calls")?,
            checksum: number("checksum")?,
        })
    }
}

/// Time between two comparisons of boards that were equal, in milliseconds.
const EVERY_MS: u32 = 5_000;
/// How long two boards may differ. Less is the time that changes need to travel.
const PATIENCE_MS: u32 = 2_000;

/// Compares a board with the database's, again and again. Times are local milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Audit {
    differs_since_ms: Option<i64>,
}

impl Audit {
    /// Takes the database's answer, if there was one, and what the board shows when it arrives.
    /// Whether they have differed for so long that the board must be read again.
    pub fn compare(&mut self, theirs: Option<Checksum>, mine: Checksum, now_ms: i64) -> bool {
        if theirs.is_none_or(|theirs| theirs == mine) {
            self.differs_since_ms = None;
            return false;
        }
        let since = *self.differs_since_ms.get_or_insert(now_ms);
        let is_too_long = now_ms - since >= i64::from(PATIENCE_MS);
        if is_too_long {
            self.differs_since_ms = None;
        }
        is_too_long
    }

    /// After how many milliseconds to ask the database again.
    pub fn next_ms(self) -> u32 {
        match self.differs_since_ms {
            Some(_) => PATIENCE_MS,
            None => EVERY_MS,
        }
    }
}

#[cfg(test)]
mod tests;
