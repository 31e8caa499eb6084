//! The ends of calls. Twilio tells them once, so one that cannot be written waits here until it can.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard_model::EndReason;
use switchboard_twilio::{CallStatus, Direction, StatusCallback};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{error, info, warn};

use crate::new_call;
use crate::store::{Answered, Store, StoreError};

/// A status callback is answered within this time, whether or not the end was written.
const DEADLINE: Duration = Duration::from_secs(3);
/// How many ends wait at most. Each is about 300 bytes; more calls than this do not end in one outage.
const MAX_WAITING: usize = 10_000;
/// How often an end that the database refuses, rather than not answers, is tried.
const MAX_REFUSALS: u32 = 5;
/// The first and the longest pause between two attempts.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(10)];

/// Writes the ends of calls, now or later.
#[derive(Clone)]
pub struct Endings(Arc<Inner>);

struct Inner {
    store: Store,
    waiting: Mutex<VecDeque<Waiting>>,
    arrived: Notify,
}

struct Waiting {
    end: StatusCallback,
    refusals: u32,
}

/// What became of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The row says it.
    Written,
    /// It waits here for the database.
    Waiting,
}

impl Endings {
    /// Nothing waits yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self(Arc::new(Inner {
            store,
            waiting: Mutex::default(),
            arrived: Notify::new(),
        }))
    }

    /// Ends the row of that leg. Safe to repeat, and safe for a call that has ended or was never heard of.
    pub async fn end(&self, end: StatusCallback) -> Ending {
        match timeout(DEADLINE, write(&self.0.store, &end)).await {
            Ok(Ok(())) => return Ending::Written,
            Ok(Err(error)) => warn!(%error, "the end of a call waits for the database"),
            Err(_) => {
                warn!("the end of a call waits for the database, which did not answer in time");
            }
        }
        self.keep(end);
        Ending::Waiting
    }

    /// Writes what waits, in turn, for as long as it is polled.
    pub async fn run(&self) {
        let mut pause = BACK_OFF[0];
        loop {
            self.0.arrived.notified().await;
            while self.waiting() > 0 {
                sleep(pause).await;
                pause = if self.write_first().await {
                    BACK_OFF[0]
                } else {
                    BACK_OFF[1].min(pause * 2)
                };
            }
        }
    }

    /// Writes what still waits, until `deadline`, and says aloud what is lost.
    pub async fn drain(&self, deadline: Instant) {
        let emptied = timeout_at(deadline, async {
            for _ in 0..self.waiting() {
                self.write_first().await;
            }
        })
        .await;
        let lost = self.waiting();
        if emptied.is_err() || lost > 0 {
            error!(
                calls = lost,
                "stopped while ends of calls still waited for the database"
            );
        }
    }

    /// How many ends wait for the database.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().len()
    }

    fn keep(&self, end: StatusCallback) {
        let mut waiting = self.lock();
        if waiting.iter().any(|kept| kept.end.call_sid == end.call_sid) {
            return;
        }
        if waiting.len() >= MAX_WAITING {
            error!(call.sid = %end.call_sid, "too many ends of calls wait for the database: this one is lost");
            return;
        }
        waiting.push_back(Waiting { end, refusals: 0 });
        self.0.arrived.notify_one();
    }

    /// Tries the first once. Returns whether it is off the list; if not, it is the last now.
    async fn write_first(&self) -> bool {
        let Some(end) = self.lock().front().map(|first| first.end.clone()) else {
            return true;
        };
        let written = write(&self.0.store, &end).await;
        let mut waiting = self.lock();
        let Some(first) = waiting.front_mut() else {
            return true;
        };
        match written {
            Ok(()) => info!(call.sid = %end.call_sid, "the end of a call is written at last"),
            Err(error) => {
                first.refusals += u32::from(error.is_final());
                if first.refusals < MAX_REFUSALS {
                    // One that fails for a reason of its own must not keep the others waiting.
                    waiting.rotate_left(1);
                    return false;
                }
                error!(call.sid = %end.call_sid, %error, "the database refuses the end of a call: it is lost");
            }
        }
        waiting.pop_front();
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Waiting>> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the row, whatever state it is in. The two filters exclude each other, so a call that is answered between the
/// two writes is found by the second.
async fn write(store: &Store, end: &StatusCallback) -> Result<(), StoreError> {
    let sid = end.call_sid.as_str();
    if end_row(store, end).await? || store.call_by_sid(sid).await?.is_some() {
        return Ok(());
    }
    // The caller gave up before the first insert could be made. That call, too, is shown as one that was missed.
    if end.direction == Direction::Inbound && end.parent_call_sid.is_none() {
        store.insert_or_read(&new_call::from_status(end)).await?;
        end_row(store, end).await?;
    }
    Ok(())
}

async fn end_row(store: &Store, end: &StatusCallback) -> Result<bool, StoreError> {
    let sid = end.call_sid.as_str();
    for answered in [Answered::No, Answered::Yes] {
        if store
            .end(sid, answered, reason(end.status, answered))
            .await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How a call ended, from the last word about the customer's leg.
fn reason(status: CallStatus, answered: Answered) -> EndReason {
    match (answered, status) {
        (Answered::Yes, _) => EndReason::Completed,
        (Answered::No, CallStatus::NoAnswer | CallStatus::Busy) => EndReason::Missed,
        (Answered::No, CallStatus::Failed) => EndReason::Failed,
        // The leg was picked up by the hold loop or not at all; either way the caller hung up.
        (Answered::No, CallStatus::Completed | CallStatus::Canceled) => EndReason::Abandoned,
        // Not last words; they are not sent here.
        (
            Answered::No,
            CallStatus::Queued
            | CallStatus::Initiated
            | CallStatus::Ringing
            | CallStatus::InProgress,
        ) => EndReason::Abandoned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answered_call_is_never_called_missed() {
        for status in [
            CallStatus::Completed,
            CallStatus::NoAnswer,
            CallStatus::Canceled,
            CallStatus::Failed,
        ] {
            assert_eq!(reason(status, Answered::Yes), EndReason::Completed);
        }
    }

    #[test]
    fn an_unanswered_call_says_who_gave_up() {
        for (status, expected) in [
            (CallStatus::Completed, EndReason::Abandoned),
            (CallStatus::Canceled, EndReason::Abandoned),
            (CallStatus::NoAnswer, EndReason::Missed),
            (CallStatus::Busy, EndReason::Missed),
            (CallStatus::Failed, EndReason::Failed),
        ] {
            assert_eq!(reason(status, Answered::No), expected);
        }
    }
}
