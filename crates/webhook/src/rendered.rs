//! Which epoch each caller hears, noted in `call_audio`.
//!
//! Many notes become one request, shortly after the answers went out: a caller must not wait for bookkeeping, and a
//! burst of calls must not cost the database twice. A note that is lost makes the same audio be rendered once more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard_model::CallId;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::warn;

use crate::rows::Rows;

/// How long notes are gathered.
const GATHER: Duration = Duration::from_millis(100);
/// How long to wait after the database did not answer.
const BACK_OFF: Duration = Duration::from_secs(2);
/// How many notes are kept at most.
const MAX_NOTES: usize = 10_000;

/// Gathers notes and writes them.
#[derive(Clone)]
pub struct Notes<R>(Arc<Inner<R>>);

struct Inner<R> {
    rows: R,
    notes: Mutex<HashMap<CallId, i32>>,
    arrived: Notify,
}

impl<R: Rows> Notes<R> {
    /// Nothing is noted yet.
    #[must_use]
    pub fn new(rows: R) -> Self {
        Self(Arc::new(Inner {
            rows,
            notes: Mutex::default(),
            arrived: Notify::new(),
        }))
    }

    /// The caller of that call hears what belongs to `epoch`.
    pub fn note(&self, call: CallId, epoch: i32) {
        let mut notes = self.lock();
        if notes.len() < MAX_NOTES || notes.contains_key(&call) {
            let noted = notes.entry(call).or_insert(epoch);
            *noted = epoch.max(*noted);
        }
        self.0.arrived.notify_one();
    }

    /// Writes notes for as long as it is polled.
    pub async fn run(&self) {
        loop {
            self.0.arrived.notified().await;
            sleep(GATHER).await;
            if !self.write().await {
                sleep(BACK_OFF).await;
                self.0.arrived.notify_one();
            }
        }
    }

    /// Writes what is left, until `deadline`.
    pub async fn drain(&self, deadline: Instant) {
        // What cannot be written now is rendered again later: nothing to report.
        let _ = timeout_at(deadline, self.write()).await;
    }

    async fn write(&self) -> bool {
        let notes: Vec<_> = std::mem::take(&mut *self.lock()).into_iter().collect();
        if notes.is_empty() {
            return true;
        }
        let Err(error) = self.0.rows.note_rendered(&notes).await else {
            return true;
        };
        warn!(%error, calls = notes.len(), "cannot note what callers hear");
        if error.is_final() {
            return true;
        }
        for (call, epoch) in notes {
            self.note(call, epoch);
        }
        false
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CallId, i32>> {
        self.0.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
