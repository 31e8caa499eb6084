//! Which time the simulation has: that of life, or what a test says.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

/// How time goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By itself, as fast as life.
    Auto,
    /// Only when a test says so.
    Explicit,
}

/// The simulation's clock. It begins at zero.
#[derive(Debug)]
pub(crate) struct Clock {
    began: Instant,
    /// The time in [`Mode::Explicit`].
    set: Option<Mutex<Duration>>,
}

impl Clock {
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            began: Instant::now(),
            set: match mode {
                Mode::Auto => None,
                Mode::Explicit => Some(Mutex::default()),
            },
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        match self.set {
            None => Mode::Auto,
            Some(_) => Mode::Explicit,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        match &self.set {
            None => self.began.elapsed(),
            Some(set) => *set.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Goes on to that time, if it is for somebody to say.
    pub(crate) fn set(&self, now: Duration) {
        if let Some(set) = &self.set {
            let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
            *set = now.max(*set);
        }
    }

    /// When a simulated time comes in life.
    pub(crate) fn instant(&self, at: Duration) -> Instant {
        self.began + at
    }
}
