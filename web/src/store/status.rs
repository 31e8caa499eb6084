//! What the board says of itself: how much it knows, whether it can be trusted, what happened.

use switchboard_realtime::Status;
use yew::AttrValue;

/// How much is known of the board.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Phase {
    /// Nothing yet.
    #[default]
    Loading,
    /// At least one snapshot.
    Ready,
    /// The first snapshot failed; the sentence says why.
    Failed(AttrValue),
}

/// The state of the link to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// As Realtime sees it.
    pub(crate) status: Status,
    /// Changes come again, but no snapshot yet that was asked for since: what happened while the
    /// link was away is not on the board.
    pub(crate) is_behind: bool,
    /// The server's time at which the board was last live, once it was and is no more.
    pub(crate) stopped_ms: Option<i64>,
    /// The server will not send changes until somebody mends it.
    pub(crate) misconfigured: bool,
    /// Whether the server has once failed to answer since the page was opened.
    pub(crate) has_failed: bool,
}

impl Link {
    /// Only now may a board act.
    pub(crate) fn is_live(self) -> bool {
        self.status == Status::Live && !self.is_behind
    }
}

/// A sentence for the person, until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Tells notices apart.
    pub(crate) id: u32,
    /// The sentence.
    pub(crate) text: AttrValue,
}
