//! Why the database does not do what it is asked.

use reqwest::StatusCode;

/// Why a row could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No answer: nobody listens, the connection broke, or it took too long.
    #[error("no answer from the database's REST server: {0}")]
    Unreachable(String),
    /// An answer that says no. `code` is PostgREST's or PostgreSQL's own, never the message, which may quote a row.
    #[error("the database's REST server answers {status} ({code})")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// Such as `PGRST301` or `23505`.
        code: String,
    },
    /// An answer that is not what these rows look like: an older or newer schema.
    #[error("the database's REST server answers rows that cannot be read: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// A row that must be there is not.
    #[error("the row that was just written cannot be read")]
    Vanished,
}

impl StoreError {
    /// Whether the same request will be refused every time, whatever becomes of the server.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Unreadable(_) | Self::Vanished => false,
            Self::Refused { status, .. } => {
                matches!(
                    *status,
                    StatusCode::BAD_REQUEST
                        | StatusCode::CONFLICT
                        | StatusCode::UNPROCESSABLE_ENTITY
                )
            }
        }
    }
}

/// What went wrong on the way, with its causes; without the URL, which names a call.
pub(super) fn unreachable(error: reqwest::Error) -> StoreError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    StoreError::Unreachable(text)
}
