//! The log of calls as values, and the board at any moment of it.
//!
//! A row of `call_events` is a change like any other, so a replay is the same [`Board`] with the
//! same reducer, fed with the log in the place of the two lanes. It says the same as the database's
//! function `board_at`, and so means the same by a moment: a change counts from `at`, when the
//! database made it, and a call is what its newest change until then left. Versions tell which
//! change of a call is newer, even where a clock was set back between two of them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::board::{Board, Snapshot};
use crate::call::Status;
use crate::change::Change;
use crate::id::{CallId, MemberId};
use crate::timestamp;

/// What the log calls a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// It came in.
    Created,
    /// An agent took it while it rang.
    Answered,
    /// An agent took it out of the parking lot.
    Retrieved,
    /// A colleague was given it.
    Transferred,
    /// The agent's audio was connected.
    Connected,
    /// The customer hears music.
    Held,
    /// The customer hears the agent again.
    Resumed,
    /// It went into the parking lot.
    Parked,
    /// It went to another slot.
    Moved,
    /// It rings again.
    Requeued,
    /// It is over.
    Ended,
    /// An agent wrote about it.
    Noted,
    /// The service knew something better, as a name.
    Corrected,
    /// The caller began to leave a message.
    Voicemail,
    /// The message that the caller left can be heard.
    Recorded,
}

/// A row of `call_events`: one change of one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the log.
    pub id: i64,
    /// The call.
    pub call_id: CallId,
    /// The call's version after the change.
    pub version: i64,
    /// When the database made it.
    #[serde(with = "timestamp")]
    pub at: OffsetDateTime,
    /// The member who did it; `None` for the service.
    pub actor: Option<MemberId>,
    /// What it is called.
    pub kind: EventKind,
    /// The lane before; `None` for a new call.
    pub from_status: Option<Status>,
    /// The lane after.
    pub to_status: Status,
    /// Whose call it is after it.
    pub assigned_to: Option<MemberId>,
    /// The columns that changed, with their new values; the whole row of a new call.
    pub detail: Map<String, Value>,
}

impl Event {
    /// Reads a body of rows of `call_events`.
    pub fn from_json(body: &str) -> Result<Vec<Self>, serde_json::Error> {
        serde_json::from_str(body)
    }

    /// As a change for the board. The detail of a later event names no call by itself.
    fn change(&self) -> Change {
        let mut record = self.detail.clone();
        let id = self.call_id.to_string();
        record.insert("id".to_owned(), Value::String(id));
        Change::of_call(record)
    }
}

/// An event and the moment from which it counts.
#[derive(Clone, Debug)]
struct Dated {
    since: OffsetDateTime,
    event: Event,
}

/// So many events are laid over a board kept for going back.
const STRIDE: usize = 256;

/// A log being played, forwards and back.
#[derive(Clone, Debug)]
pub struct Replay {
    events: Vec<Dated>,
    played: usize,
    board: Board,
    /// The board before the event `STRIDE * index`.
    kept: Vec<Board>,
}

impl Replay {
    /// A replay that stands before the first event. `start` is the board there: the team and the
    /// settings, and what `board_at` answered for the moment from which the events were read, if
    /// that is not the log's beginning. Events may come in any order.
    pub fn new(start: Snapshot, events: Vec<Event>) -> Self {
        let mut board = Board::default();
        let asked = board.snapshot_asked();
        board.apply_snapshot(asked, start);
        Self {
            events: dated(events),
            played: 0,
            kept: vec![board.clone()],
            board,
        }
    }

    /// The board after what was played last.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The event that was played last; `None` at the beginning.
    pub fn last(&self) -> Option<&Event> {
        let at = self.played.checked_sub(1)?;
        self.events.get(at).map(|dated| &dated.event)
    }

    /// Each event with the moment from which it counts, oldest first.
    pub fn events(&self) -> impl Iterator<Item = (OffsetDateTime, &Event)> {
        self.events.iter().map(|dated| (dated.since, &dated.event))
    }

    /// How many events have been played.
    pub fn position(&self) -> usize {
        self.played
    }

    /// Plays one event. `None` at the end.
    pub fn forward(&mut self) -> Option<&Event> {
        let next = self.events.get(self.played)?;
        self.board.apply(&next.event.change());
        self.played += 1;
        if self.played == self.kept.len() * STRIDE {
            self.kept.push(self.board.clone());
        }
        self.last()
    }

    /// Takes one event back. Returns the one before it; `None` at the beginning.
    pub fn back(&mut self) -> Option<&Event> {
        self.go_to(self.played.saturating_sub(1));
        self.last()
    }

    /// The board at a moment, its own change included.
    pub fn at(&mut self, moment: OffsetDateTime) -> &Board {
        self.go_to(self.events.partition_point(|dated| dated.since <= moment));
        &self.board
    }

    fn go_to(&mut self, position: usize) {
        if position < self.played {
            // Some board was kept at or before every position that has been passed.
            let nearest = (position / STRIDE).min(self.kept.len() - 1);
            self.board = self.kept[nearest].clone();
            self.played = nearest * STRIDE;
        }
        while self.played < position && self.forward().is_some() {}
    }
}

/// Events in the order in which they count. One counts from the earliest moment at which it or a
/// newer one of the same call was made.
fn dated(mut events: Vec<Event>) -> Vec<Dated> {
    events.sort_unstable_by_key(|event| std::cmp::Reverse(event.version));
    let mut earliest: HashMap<CallId, OffsetDateTime> = HashMap::new();
    let mut dated: Vec<Dated> = events
        .into_iter()
        .map(|event| {
            let since = earliest.entry(event.call_id).or_insert(event.at);
            *since = event.at.min(*since);
            Dated {
                since: *since,
                event,
            }
        })
        .collect();
    dated.sort_by_key(|dated| (dated.since, dated.event.version));
    dated
}

#[cfg(test)]
mod tests;
