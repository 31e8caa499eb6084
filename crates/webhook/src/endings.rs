//! The ends of calls. Twilio tells them once, so one that cannot be written waits here until it can.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard_model::{Call, EndReason, Status};
use switchboard_twilio::{CallStatus, Direction, StatusCallback};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{error, info, warn};

use crate::new_call;
use crate::rows::{Guard, Rows, Step};
use crate::store::StoreError;

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
pub struct Endings<R>(Arc<Inner<R>>);

struct Inner<R> {
    rows: R,
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

impl<R: Rows> Endings<R> {
    /// Nothing waits yet.
    #[must_use]
    pub fn new(rows: R) -> Self {
        Self(Arc::new(Inner {
            rows,
            waiting: Mutex::default(),
            arrived: Notify::new(),
        }))
    }

    /// Ends the row of that leg. Safe to repeat, and safe for a call that has ended or was never heard of.
    pub async fn end(&self, end: StatusCallback) -> Ending {
        match timeout(DEADLINE, write(&self.0.rows, &end)).await {
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
        let written = write(&self.0.rows, &end).await;
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

/// How often the row may change between a look at it and what is to be written.
pub(crate) const MAX_LOOKS: usize = 8;

/// Ends the row, whatever state it is in.
async fn write<R: Rows>(rows: &R, end: &StatusCallback) -> Result<(), StoreError> {
    let sid = end.call_sid.as_str();
    for _ in 0..MAX_LOOKS {
        let call = match rows.call_by_sid(sid).await? {
            Some(call) => call,
            // The caller gave up before the first insert could be made. That call, too, is one that was missed.
            None if end.is_of_a_caller() => {
                rows.insert_or_read(&new_call::from_status(end)).await?
            }
            None => return Ok(()),
        };
        // Taken out of the agent's hands, the customer has a leg of their own, and that one tells of its end.
        let is_elsewhere =
            call.direction == switchboard_model::Direction::Outbound && call.epoch > 0;
        if is_elsewhere || end_row(rows, &call, end.status).await? {
            return Ok(());
        }
    }
    Err(StoreError::Vanished)
}

trait OfACaller {
    fn is_of_a_caller(&self) -> bool;
}

impl OfACaller for StatusCallback {
    /// Whether it is the leg of somebody who called us, not of a browser.
    fn is_of_a_caller(&self) -> bool {
        self.direction == Direction::Inbound
            && self.parent_call_sid.is_none()
            && self.from.client().is_none()
    }
}

/// Ends the row if it is still as it was read; a row that has ended already is as good. `status` is the last word about
/// the customer's leg, which is over.
pub(crate) async fn end_row<R: Rows>(
    rows: &R,
    call: &Call,
    status: CallStatus,
) -> Result<bool, StoreError> {
    if call.status == Status::Ended {
        rows.note_over(call.id).await?;
        return Ok(true);
    }
    let step = Step::End(reason(call, status));
    let is_ended = rows.change(&Guard::of(call), &step).await?.is_some();
    if is_ended {
        rows.note_over(call.id).await?;
    }
    Ok(is_ended)
}

/// How a call ended, from its row and the last word about the customer's leg.
#[must_use]
pub fn reason(call: &Call, status: CallStatus) -> EndReason {
    if call.answered_at.is_some() {
        return EndReason::Completed;
    }
    if call.recording_s.is_some_and(|seconds| seconds > 1) {
        return EndReason::Voicemail;
    }
    match status {
        // It rang for as long as it may; what was recorded so far is told later.
        _ if call.voicemail_at.is_some() => EndReason::Missed,
        CallStatus::NoAnswer | CallStatus::Busy => EndReason::Missed,
        CallStatus::Failed => EndReason::Failed,
        // The leg was picked up by the hold loop or not at all; either way the caller hung up.
        CallStatus::Completed | CallStatus::Canceled => EndReason::Abandoned,
        // Not last words; they are not sent here.
        CallStatus::Queued
        | CallStatus::Initiated
        | CallStatus::Ringing
        | CallStatus::InProgress => EndReason::Abandoned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn call(changes: &Value) -> Call {
        let mut row = json!({
            "id": "22222222-0000-4000-8000-000000000001", "twilio_call_sid": "CA1",
            "direction": "inbound", "from_number": "+15550100", "to_number": "+15550199",
            "caller_name": null, "status": "ringing", "assigned_to": null, "on_hold": false,
            "parking_slot": null, "park_reason": null, "end_reason": null, "epoch": 0,
            "created_at": "2026-01-02T03:04:05+00:00", "version": 1,
        });
        row.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn an_answered_call_is_never_called_missed() {
        let answered = call(&json!({ "answered_at": "2026-01-02T03:04:05+00:00" }));
        for status in [
            CallStatus::Completed,
            CallStatus::NoAnswer,
            CallStatus::Canceled,
            CallStatus::Failed,
        ] {
            assert_eq!(reason(&answered, status), EndReason::Completed);
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
            assert_eq!(reason(&call(&json!({})), status), expected);
        }
    }

    #[test]
    fn a_message_counts_if_there_is_something_to_hear() {
        for (seconds, expected) in [
            (None, EndReason::Missed),
            (Some(1), EndReason::Missed),
            (Some(2), EndReason::Voicemail),
        ] {
            let left =
                json!({ "voicemail_at": "2026-01-02T03:04:05+00:00", "recording_s": seconds });
            assert_eq!(reason(&call(&left), CallStatus::Completed), expected);
        }
    }
}
