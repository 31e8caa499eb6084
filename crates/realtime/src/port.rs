//! What goes into the client and what comes out: the whole surface between the state machine and
//! the adapter that owns the socket, the clock and the application.

use serde_json::{Map, Value};
use std::fmt;

/// The moment of an input, read by whoever owns a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds on a clock that never goes back; its zero means nothing.
    pub monotonic_ms: u64,
    /// Milliseconds since 1970, for the expiry of tokens alone.
    pub unix_ms: u64,
}

/// A signed-in member's access token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub(crate) jwt: String,
    pub(crate) expires_at_unix_ms: u64,
}

impl Token {
    /// `expires_at_unix_ms` is best computed as *local now + `expires_in`*, so that a wrong local
    /// clock does not matter.
    pub fn new(jwt: impl Into<String>, expires_at_unix_ms: u64) -> Self {
        Self {
            jwt: jwt.into(),
            expires_at_unix_ms,
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("jwt", &"<redacted>")
            .field("expires_at_unix_ms", &self.expires_at_unix_ms)
            .finish()
    }
}

/// What happened. After [`Output::Close`] nothing of that socket may come in any more.
#[derive(Debug)]
pub enum Input<'a> {
    /// Begin. Before it only [`Input::Token`] has a meaning.
    Start,
    /// The handshake succeeded.
    SocketOpened,
    /// The open socket ended. Code 1006: without a close frame.
    SocketClosed {
        /// The WebSocket close code.
        code: u16,
        /// The close reason, often empty.
        reason: &'a str,
    },
    /// The handshake failed. Browsers cannot tell the HTTP status.
    SocketRefused {
        /// 401: key or its expiry; 403: protocol version.
        status: Option<u16>,
    },
    /// A text frame.
    Text(&'a str),
    /// A binary frame.
    Binary(&'a [u8]),
    /// The time of [`Output::WakeAt`] has come. Early or superfluous ones do no harm.
    Timer,
    /// A token: the answer to [`Event::TokenNeeded`], or whenever the session was refreshed.
    Token(Token),
    /// The page can be seen again.
    Visible,
    /// The network is back.
    Online,
    /// The network seems gone. A hint: the client probes the socket before it believes it.
    Offline,
    /// A snapshot was applied.
    SnapshotDone,
    /// A snapshot could not be fetched; it will be asked for again.
    SnapshotFailed,
    /// Leave the channel and close. Final.
    Stop,
}

/// What the adapter must do, in the order given.
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a socket. There is at most one: an earlier one was closed.
    Open {
        /// The full address, key included: do not log it.
        url: String,
    },
    /// Send a text frame. It may contain a token: do not log it.
    Send(String),
    /// Drop the socket at once, without waiting for the other side, and deliver nothing more of it.
    Close,
    /// Give [`Input::Timer`] at this monotonic time. It replaces every earlier `WakeAt`.
    WakeAt(u64),
    /// Tell the application.
    Event(Event),
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { .. } => f.write_str("Open"),
            Self::Send(text) => write!(f, "Send({} bytes)", text.len()),
            Self::Close => f.write_str("Close"),
            Self::WakeAt(at) => write!(f, "WakeAt({at})"),
            Self::Event(event) => write!(f, "Event({event:?})"),
        }
    }
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The state of the link changed.
    Status(Status),
    /// Fetch the whole board; events alone are not the truth.
    SnapshotNeeded(Reason),
    /// A row changed. Apply by its `version`: lanes overlap, and order is not promised.
    Change(Change),
    /// Another broadcast on the channel.
    Broadcast {
        /// The broadcast's name.
        event: String,
        /// Its payload, usually an object.
        payload: Value,
    },
    /// Answer with [`Input::Token`]: the session's token, refreshed where the reason says so.
    TokenNeeded(TokenReason),
    /// The server accepted the channel but cannot subscribe it (table, filter, publication), or
    /// the address is impossible. People must mend it; retries are slow.
    ConfigurationFault(String),
    /// The server refused the handshake or the join; the text is its reason. Retries go on.
    Refused(String),
}

impl Eq for Event {}

/// The state of the link, as a person should see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// An attempt is under way, or the channel is not subscribed yet.
    Connecting,
    /// Changes flow. Only now may a board act.
    Live,
    /// The channel was live and the server is slow to answer: the board may be behind.
    Lagging,
    /// There is no socket; the next attempt waits for its time.
    Offline,
}

/// Why a snapshot is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The subscription has just begun; whatever happened before was not heard.
    Subscribed,
    /// The page became visible; its timers may have slept.
    Visible,
    /// The network came back.
    Online,
    /// The regular one.
    Periodic,
    /// A change came without all its data, or a frame could not be read.
    Incomplete,
    /// The server answers again after a lag.
    CaughtUp,
    /// The last snapshot failed.
    Retry,
}

/// Why a token is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenReason {
    /// Before a join. The current token will do if it is good for a while.
    Join,
    /// The current token expires soon: refresh it.
    Expiring,
    /// The server refused or ended the current token: refresh it.
    Rejected,
}

/// Which way a change came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// `postgres_changes`: 275 ms after commit in the median, 507 ms at p99.
    PostgresChanges,
    /// A broadcast sent by the table's trigger: 2–16 ms after commit.
    FastLane,
}

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A new row.
    Insert,
    /// A changed row.
    Update,
    /// A deleted row: the record holds its primary key only.
    Delete,
}

/// One row's change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The way it came.
    pub lane: Lane,
    /// The table's name, without its schema.
    pub table: String,
    /// What happened.
    pub kind: ChangeKind,
    /// Columns by name. A key that is absent is *unknown*, not null: keep the old value.
    pub record: Map<String, Value>,
    /// Server time of the commit (postgres_changes) or of the statement (fast lane), RFC 3339.
    pub commit_timestamp: Option<String>,
    /// The server could not send all of it; a snapshot has been asked for.
    pub incomplete: bool,
}
