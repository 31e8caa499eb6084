//! Why Twilio did not do what it was asked, and what to do about it.

use std::time::Duration;

use serde::Deserialize;

/// Why there is no answer that can be used. Twilio's `code` decides before the HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// 20404: Twilio knows no such call.
    #[error("twilio knows no such call")]
    Gone,
    /// 21220: the call is not in progress. It is over, or not answered yet.
    #[error("the call is not in progress")]
    NotInProgress,
    /// 429 or 20429: too many requests. Never processed.
    #[error("twilio is asked too often")]
    Throttled {
        /// How long Twilio wants to be left alone, when it says so.
        retry_after: Option<Duration>,
    },
    /// 5xx: whether it was processed is not known.
    #[error("twilio answers {status}")]
    Server {
        /// The HTTP status.
        status: u16,
    },
    /// No answer in time: whether it was processed is not known.
    #[error("twilio did not answer in time")]
    TimedOut,
    /// No connection, or one that broke: whether it was processed is not known.
    #[error("twilio cannot be reached")]
    Unreachable,
    /// Any other refusal: wrong credentials, or a request that Twilio will never take.
    #[error("twilio refuses: HTTP {status}, code {code:?}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Twilio's own error code.
        code: Option<u32>,
    },
    /// A success that cannot be read.
    #[error("twilio's answer cannot be read")]
    Unreadable,
}

/// What a [`RestError`] means for somebody who wants a call to hear something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Ask again later, at least after this time. Asking twice is harmless: an update says what shall be.
    Retry(Option<Duration>),
    /// There is no such call: nothing can be done for it.
    Gone,
    /// It is over or not answered yet: ask how it is.
    NotInProgress,
    /// Asking again cannot help: a person must look.
    GiveUp,
}

impl RestError {
    /// What to do.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Gone => Advice::Gone,
            Self::NotInProgress => Advice::NotInProgress,
            Self::Throttled { retry_after } => Advice::Retry(*retry_after),
            Self::Server { .. } | Self::TimedOut | Self::Unreachable | Self::Unreadable => {
                Advice::Retry(None)
            }
            Self::Refused { .. } => Advice::GiveUp,
        }
    }

    /// Reads an answer that is not a success. `retry_after` is the header of that name.
    #[must_use]
    pub fn read(status: u16, retry_after: Option<&str>, body: &[u8]) -> Self {
        let code = serde_json::from_slice::<Refusal>(body).ok().map(|r| r.code);
        match (code, status) {
            (Some(20404), _) | (None, 404) => Self::Gone,
            (Some(21220), _) => Self::NotInProgress,
            (Some(20429), _) | (_, 429) => Self::Throttled {
                retry_after: retry_after
                    .and_then(|seconds| seconds.trim().parse().ok())
                    .map(|seconds: u32| Duration::from_secs(seconds.into())),
            },
            (_, 500..) => Self::Server { status },
            (code, status) => Self::Refused { status, code },
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    code: u32,
}
