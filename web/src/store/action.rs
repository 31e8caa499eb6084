//! Whatever can happen to a dashboard.

use serde_json::{Map, Value};
use switchboard_model::{CallId, Change, Intent, Snapshot};
use switchboard_realtime::Status;

use crate::components::find::Find;

/// Numbers the requests for snapshots.
pub(crate) type Ticket = u32;

/// An action that came too late.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Late {
    /// The call.
    pub(crate) call: CallId,
    /// What was asked.
    pub(crate) intent: Intent,
    /// The local time at which it met the database.
    pub(crate) met_ms: i64,
    /// The call as it is now, if it is still there.
    pub(crate) row: Option<Map<String, Value>>,
}

/// What happens to a dashboard. Times named `_ms` are local unless they say otherwise.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// The link changed.
    Linked { status: Status, at_ms: i64 },
    /// The server will not send changes.
    Misconfigured,
    /// A lane brought a change.
    Heard {
        change: Change,
        committed_ms: Option<i64>,
        at_ms: i64,
    },
    /// What was heard is on the screen.
    Painted { at_ms: i64 },
    /// A snapshot is asked for.
    SnapshotAsked(Ticket),
    /// It came.
    SnapshotCame(Ticket, Snapshot),
    /// It did not; the sentence says why.
    SnapshotFailed {
        ticket: Ticket,
        sentence: &'static str,
        at_ms: i64,
    },
    /// I ask for something, which leaves as soon as what I asked for before is answered.
    Asked {
        call: CallId,
        intent: Intent,
        at_ms: i64,
    },
    /// It was done.
    Done {
        call: CallId,
        row: Map<String, Value>,
        sent_ms: i64,
        at_ms: i64,
    },
    /// Somebody else was first.
    Late(Late),
    /// It was not done.
    Refused { call: CallId, sentence: String },
    /// My switch between on and off duty leaves.
    DutyAsked,
    /// It was done (the row), or not (the sentence).
    DutyAnswered(Result<Map<String, Value>, String>),
    /// My audio is silent to the other side or is not, or there is nobody on it.
    Muted(Option<bool>),
    /// Somebody is looked for.
    Find(Find),
    /// These calls are not for me.
    Hushed(Vec<CallId>),
    /// Something that the person should read.
    Said(String),
    /// The person has read a notice.
    Dismissed(u32),
}
