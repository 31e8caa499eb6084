//! What the service asks of the database, as one trait. [`crate::store::Store`] asks it of PostgREST; a test that wants
//! thousands of calls in a second keeps rows of its own.
//!
//! Everything about time is the database's: `now` comes with what is read, and every timestamp is written there.

mod scene;

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use switchboard_model::{Call, CallId, EndReason, Member, MemberId, NewCall, ParkReason, Status};

pub use self::scene::{Audio, Claim, Leg, LegState, Place, Scene, TELEPHONE};
use crate::store::StoreError;

/// Reads and writes of rows. Each is one request that may be repeated without harm.
pub trait Rows: Clone + Send + Sync + 'static {
    /// The row of a new call, written now or already there: asking twice makes no second row.
    fn insert_or_read(&self, call: &NewCall) -> impl Answer<Call>;
    /// A call that an agent places, active from its first moment. Refused (409) when the agent is on a call, also on
    /// this one.
    fn place(&self, call: &NewCall, agent: MemberId) -> impl Answer<Call>;
    /// A call, if there is one with that id.
    fn call(&self, id: CallId) -> impl Answer<Option<Call>>;
    /// A call, if there is one whose first leg has that name.
    fn call_by_sid(&self, sid: &str) -> impl Answer<Option<Call>>;
    /// A member who has not left, by the name of the client.
    fn member_by_identity(&self, identity: &str) -> impl Answer<Option<Member>>;
    /// Compare and set: `step` if the row is as `guard` says. `None`: it is not, or the rules refuse.
    fn change(&self, guard: &Guard, step: &Step) -> impl Answer<Option<Call>>;
    /// All that the audio of a call depends on; `None` if there is no such call.
    fn picture(&self, id: CallId) -> impl Answer<Option<Picture>>;
    /// How the office is.
    fn floor(&self) -> impl Answer<Floor>;
    /// Notes what the customer is about to hear, and counts it.
    fn note_render(&self, rendering: &Rendering) -> impl Answer<Rendered>;
    /// Notes what callers hear while nobody carries audio: one row each, the later note wins.
    fn note_rendered(&self, epochs: &[(CallId, i32)]) -> impl Answer<()>;
    /// Notes what a leg told, if it is news.
    fn note_leg(&self, word: &LegWord) -> impl Answer<News>;
    /// Ends the lease of the render `(epoch, render)`: its agent is connected.
    fn note_connected(&self, id: CallId, place: Place) -> impl Answer<()>;
    /// Notes the leg of a customer whom an agent called; the first one stays.
    fn note_customer(&self, id: CallId, sid: &str) -> impl Answer<()>;
    /// Notes that the leg of an ended call is over.
    fn note_over(&self, id: CallId) -> impl Answer<()>;
    /// Takes up to `at_most` calls whose audio may have to change, for 15 s; those that nobody has looked after for
    /// `quiet_s` are among them.
    fn claim_work(&self, worker: &str, at_most: i32, quiet_s: i32) -> impl Answer<Work>;
    /// Gives a call back.
    fn release_work(&self, id: CallId, worker: &str, release: Release) -> impl Answer<()>;
}

/// What every request answers, some time.
pub trait Answer<T>: Future<Output = Result<T, StoreError>> + Send {}
impl<T, F: Future<Output = Result<T, StoreError>> + Send> Answer<T> for F {}

/// In which state a row has to be for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Which row.
    pub id: CallId,
    /// Its lane.
    pub status: Status,
    /// Its epoch.
    pub epoch: i32,
    /// Whose call it is.
    pub assigned_to: Option<MemberId>,
    /// Whether nobody may have been connected yet.
    pub is_unconnected: bool,
}

impl Guard {
    /// As the row was when it was read.
    #[must_use]
    pub fn of(call: &Call) -> Self {
        Self {
            id: call.id,
            status: call.status,
            epoch: call.epoch,
            assigned_to: call.assigned_to,
            is_unconnected: false,
        }
    }

    /// As the row was, and still without audio between the two.
    #[must_use]
    pub fn unconnected(call: &Call) -> Self {
        Self {
            is_unconnected: call.connected_at.is_none(),
            ..Self::of(call)
        }
    }
}

/// What the service does to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The agent's audio is connected.
    Connect,
    /// The caller goes into the parking lot.
    Park(ParkReason),
    /// The call rings again.
    Requeue,
    /// The caller leaves a message.
    Record,
    /// It is over.
    End(EndReason),
    /// The message can be heard. Also after the end.
    Keep {
        /// `RE…`.
        sid: String,
        /// How long it is.
        seconds: i32,
    },
}

/// Any moment will do: the database takes its own.
const MOMENT: &str = "1970-01-01T00:00:00+00:00";

impl Step {
    /// The columns to write.
    #[must_use]
    pub fn body(&self) -> Value {
        match self {
            Self::Connect => json!({ "connected_at": MOMENT }),
            Self::Park(reason) => {
                json!({ "status": "parked", "assigned_to": null, "park_reason": reason })
            }
            Self::Requeue => json!({ "status": "ringing" }),
            Self::Record => json!({ "voicemail_at": MOMENT }),
            Self::End(reason) => json!({ "status": "ended", "end_reason": reason }),
            Self::Keep { sid, seconds } => json!({ "recording_sid": sid, "recording_s": seconds }),
        }
    }
}

/// How the office is: the same for every call.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Floor {
    /// Who can be rung, idle longest first.
    pub ringable: Vec<Member>,
    /// Whether the office is open.
    pub is_open: bool,
    /// What a supervisor set.
    pub settings: Office,
}

/// The settings that telephony reads.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[allow(
    missing_docs,
    reason = "the columns of board_settings, described there"
)]
pub struct Office {
    pub ring_timeout_s: i64,
    pub park_timeout_s: i64,
    pub hold_music_url: Option<String>,
    pub voicemail_enabled: bool,
    pub voicemail_greeting: String,
    #[serde(default)]
    pub outbound_prefixes: Vec<String>,
    #[serde(default)]
    pub caller_id: Option<String>,
}

/// All that the audio of one call depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The call.
    pub scene: Scene,
    /// The office.
    pub floor: Floor,
}

/// What a customer is about to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendering {
    /// Whose call.
    pub id: CallId,
    /// What it belongs to.
    pub epoch: i32,
    /// Whom it dials, by identity, or [`TELEPHONE`].
    pub dialled: Vec<String>,
    /// Which round of ringing it is.
    pub round: i32,
    /// How long the one who is dialled may take; a lease of the same epoch goes on as it was.
    pub lease_s: Option<i32>,
}

/// What became of a [`Rendering`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Rendered {
    /// Its number.
    pub render: i32,
    /// For how long the audio was behind the row.
    #[serde(default)]
    pub behind_ms: Option<i64>,
}

/// What a leg tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegWord {
    /// Of which call.
    pub id: CallId,
    /// In which `<Dial>`.
    pub place: Place,
    /// The key in [`Audio::legs`].
    pub key: String,
    /// `CA…`.
    pub sid: String,
    /// What.
    pub state: LegState,
    /// Its `SequenceNumber`; `None` when we found it out ourselves.
    pub sequence: Option<i32>,
}

/// Whether it was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum News {
    /// Nothing newer was heard of this leg.
    News,
    /// Something newer was.
    Old,
    /// The leg belongs to an older `<Dial>`.
    Stale,
}

/// What a process has taken on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Work {
    /// The calls.
    pub scenes: Vec<Scene>,
    /// The office.
    pub floor: Floor,
}

/// How a call is given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Nobody looks at it for so long, unless it is rendered.
    pub pause: Duration,
    /// Whether Twilio failed.
    pub is_failure: bool,
    /// Whether Twilio was asked how the leg is.
    pub is_check: bool,
}

/// The arguments of a function of the database.
pub(crate) fn arguments<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Object(Map::from_iter(
        pairs.map(|(name, value)| (name.to_owned(), value)),
    ))
}
