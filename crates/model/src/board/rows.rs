//! The rows of one table: those on the board, and those that left it.

use std::sync::Arc;

use crate::board::Applied;
use crate::board::by_id::ById;
use crate::change::Row;

/// How many rows that left are remembered. The lanes lag by seconds at most, so this is far more
/// than can still be asked about.
const REMEMBERED: usize = 1024;

/// A row and the arrival that brought it. Rows are shared: a dashboard copies its board at every
/// change, and only one row of hundreds is another then.
#[derive(Clone, Debug)]
struct Known<R> {
    row: Arc<R>,
    arrival: u64,
    /// A snapshot that should have had it had an older state.
    is_doubted: bool,
}

/// A row that left the board: its last known version and the arrival that took it away.
#[derive(Clone, Copy, Debug)]
struct Gone {
    version: i64,
    arrival: u64,
    /// A snapshot that was asked for afterwards had the row.
    is_doubted: bool,
}

impl<R> Known<R> {
    fn new(row: Arc<R>, arrival: u64) -> Self {
        Self {
            row,
            arrival,
            is_doubted: false,
        }
    }
}

impl Gone {
    fn new(version: i64, arrival: u64) -> Self {
        Self {
            version,
            arrival,
            is_doubted: false,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Rows<R: Row> {
    live: ById<R::Id, Known<R>>,
    gone: ById<R::Id, Gone>,
}

impl<R: Row> Default for Rows<R> {
    fn default() -> Self {
        Self {
            live: ById::default(),
            gone: ById::default(),
        }
    }
}

/// Equal if they show the same rows; how the rows came does not matter.
impl<R: Row> PartialEq for Rows<R> {
    fn eq(&self, other: &Self) -> bool {
        self.live.len() == other.live.len()
            && self
                .live
                .iter()
                .zip(other.live.iter())
                .all(|((_, one), (_, two))| Arc::ptr_eq(&one.row, &two.row) || one.row == two.row)
    }
}

impl<R: Row> Rows<R> {
    pub(super) fn get(&self, id: R::Id) -> Option<&R> {
        self.live.get(id).map(|known| &*known.row)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &R> {
        self.live.iter().map(|(_, known)| &*known.row)
    }

    /// Takes a row if it is newer than what is known of it.
    pub(super) fn put(&mut self, row: R, arrival: u64) -> Applied {
        let id = row.id();
        let live = self.live.get(id).map(|known| known.row.version());
        let gone = self.gone.get(id).map(|gone| gone.version);
        if live
            .max(gone)
            .is_some_and(|version| version >= row.version())
        {
            return Applied::Stale;
        }
        if row.is_live() {
            self.gone.remove(id);
            self.live.insert(id, Known::new(Arc::new(row), arrival));
            return Applied::Changed;
        }
        let was_shown = self.live.remove(id).is_some();
        self.remember(id, Gone::new(row.version(), arrival));
        if was_shown {
            Applied::Changed
        } else {
            Applied::Stale
        }
    }

    /// Takes a row away that was deleted. Nothing brings it back: ids are not used twice.
    ///
    /// What is not known is not remembered: calls that ended long ago are deleted by the thousand,
    /// and would push out the rows that left a moment ago.
    pub(super) fn forget(&mut self, id: R::Id, arrival: u64) -> Applied {
        let was_shown = self.live.remove(id).is_some();
        if !was_shown && self.gone.get(id).is_none() {
            return Applied::Stale;
        }
        self.remember(id, Gone::new(i64::MAX, arrival));
        if was_shown {
            Applied::Changed
        } else {
            Applied::Stale
        }
    }

    /// Lays a snapshot over the rows that was asked for when `asked` arrivals had been counted.
    ///
    /// Even a snapshot that was asked for after a change can be older than it: the write-ahead log
    /// tells of a commit a little before other sessions see its rows. So a version that is known
    /// is not given up for a lower one until a second snapshot says so: then the database itself
    /// has gone back, as one does that was restored from a backup.
    pub(super) fn merge(&mut self, asked: u64, snapshot: Vec<R>) {
        let mut before = std::mem::take(&mut self.live);
        for row in snapshot {
            let id = row.id();
            if self.keeps_away(&row, asked) {
                continue;
            }
            self.gone.remove(id);
            let known = match before.remove(id) {
                Some(known) if known.row.version() > row.version() => {
                    let should_be_told = known.arrival <= asked;
                    if should_be_told && known.is_doubted {
                        Known::new(Arc::new(row), asked)
                    } else {
                        Known {
                            is_doubted: should_be_told,
                            ..known
                        }
                    }
                }
                // The same again stays the same, so that what draws it need not look.
                Some(known) if *known.row == row => Known::new(known.row, asked),
                _ => Known::new(Arc::new(row), asked),
            };
            self.live.insert(id, known);
        }
        for (id, known) in before.into_pairs() {
            if known.arrival > asked {
                self.live.insert(id, known);
            } else {
                self.remember(id, Gone::new(known.row.version(), known.arrival));
            }
        }
    }

    /// Whether a row of a snapshot has left the board since, or seems to have.
    fn keeps_away(&mut self, row: &R, asked: u64) -> bool {
        let Some(gone) = self.gone.get(row.id()).copied() else {
            return false;
        };
        if gone.arrival > asked {
            return gone.version >= row.version();
        }
        let is_first_doubt = gone.version > row.version() && !gone.is_doubted;
        if is_first_doubt {
            let is_doubted = true;
            self.gone.insert(row.id(), Gone { is_doubted, ..gone });
        }
        is_first_doubt
    }

    fn remember(&mut self, id: R::Id, gone: Gone) {
        let version = self
            .gone
            .get(id)
            .map_or(gone.version, |old| old.version.max(gone.version));
        self.gone.insert(id, Gone { version, ..gone });
        if self.gone.len() > REMEMBERED {
            let oldest = self
                .gone
                .iter()
                .min_by_key(|(_, gone)| gone.arrival)
                .map(|(id, _)| *id);
            if let Some(id) = oldest {
                self.gone.remove(id);
            }
        }
    }
}
