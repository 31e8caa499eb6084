//! A checksum of the board, the same as the database's function `board_checksum`.
//!
//! Realtime loses changes without a word. A board that compares three numbers with the database's
//! every few seconds finds out long before its next snapshot. What is summed and why stands in the
//! migration; `tests/history` proves the two equal.

use uuid::Uuid;

use crate::board::rows;

/// The prime 2^31 - 1: products of two remainders stay within 64 bits.
const PRIME: i64 = 2_147_483_647;
/// Keeps the halves of an id apart. A primitive root of the prime.
const ROOT: i64 = 16_807;

/// What a board shows, in three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// The highest version of any row.
    pub version: i64,
    /// How many calls are live.
    pub calls: i64,
    /// The sum over every live call and member, 0 to 2^31 - 2.
    pub checksum: i64,
}

impl Checksum {
    /// Of no rows.
    pub(crate) const EMPTY: Self = Self {
        version: 0,
        calls: 0,
        checksum: 0,
    };

    /// Adds one row; `calls` is 1 for a call and 0 for a member.
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
        let row = rows(body).ok()?.pop()?;
        let number = |name| row.get(name)?.as_i64();
        Some(Self {
            version: number("version")?,
            calls: number("calls")?,
            checksum: number("checksum")?,
        })
    }
}

#[cfg(test)]
mod tests;
