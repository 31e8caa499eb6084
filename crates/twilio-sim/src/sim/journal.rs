//! What has happened, line by line.

use serde::{Deserialize, Serialize};

use super::Sim;
use crate::event::Event;

/// How many lines are kept.
const KEPT: usize = 20_000;

/// One thing that happened to one leg. No line has a phone number in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Counts from 1.
    pub n: u64,
    /// When, since the start.
    pub at_ms: u64,
    /// To which leg.
    pub call_sid: String,
    /// What, in one word.
    pub what: String,
    /// What, as a sentence without its subject.
    pub text: String,
    /// Whether it is worth a line when many calls are watched at once.
    pub milestone: bool,
}

impl Sim {
    pub(super) fn write_down(&mut self, call_sid: String, event: &Event) {
        self.lines += 1;
        if self.log.len() == KEPT {
            self.log.pop_front();
        }
        self.log.push_back(LogLine {
            n: self.lines,
            at_ms: u64::try_from(self.now.as_millis()).unwrap_or(u64::MAX),
            call_sid,
            what: event.word().to_owned(),
            text: event.to_string(),
            milestone: event.is_milestone(),
        });
    }

    /// What happened after line `after`, as far as it is still known.
    pub fn log_after(&self, after: u64) -> impl Iterator<Item = &LogLine> {
        self.log.iter().filter(move |line| line.n > after)
    }

    /// The number of the last line.
    #[must_use]
    pub fn last_line(&self) -> u64 {
        self.lines
    }
}
