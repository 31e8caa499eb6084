//! A call: one row of `calls`, the only truth about it.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::id::{CallId, MemberId};
use crate::phone::Address;
use crate::row::Fields;
use crate::timestamp;

/// The lane of the board that a call is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nobody has it yet; everybody may answer.
    Ringing,
    /// An agent has it, talking or on hold.
    Active,
    /// It waits in a slot of the parking lot; everybody may retrieve it.
    Parked,
    /// It is over, and stays so.
    Ended,
}

impl Status {
    /// The four, in the order in which a call usually meets them.
    pub const ALL: [Self; 4] = [Self::Ringing, Self::Active, Self::Parked, Self::Ended];

    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Active => "active",
            Self::Parked => "parked",
            Self::Ended => "ended",
        }
    }

    /// The state of that text.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Whether a call in this state is on the board.
    pub fn is_live(self) -> bool {
        match self {
            Self::Ringing | Self::Active | Self::Parked => true,
            Self::Ended => false,
        }
    }
}

/// Who started the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The customer called us.
    Inbound,
    /// An agent called the customer.
    Outbound,
}

impl Direction {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }

    /// The direction of that text.
    pub fn named(text: &str) -> Option<Self> {
        let both = [Self::Inbound, Self::Outbound];
        both.into_iter().find(|one| one.as_str() == text)
    }
}

/// How a call came into the parking lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkReason {
    /// An agent put it there.
    ParkedByAgent,
    /// The agent's line was lost; the same agent takes it back, or it rings again.
    AgentDropped,
    /// The agent's browser could not be reached.
    Unreachable,
    /// The colleague did not take the transfer.
    TransferFailed,
}

impl ParkReason {
    /// The reason of that text.
    pub fn named(text: &str) -> Option<Self> {
        match text {
            "parked_by_agent" => Some(Self::ParkedByAgent),
            "agent_dropped" => Some(Self::AgentDropped),
            "unreachable" => Some(Self::Unreachable),
            "transfer_failed" => Some(Self::TransferFailed),
            _ => None,
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// It was answered, and the caller hung up.
    Completed,
    /// Nobody answered in time.
    Missed,
    /// The caller hung up before anybody answered.
    Abandoned,
    /// The caller left a message.
    Voicemail,
    /// The network could not carry it.
    Failed,
    /// It was found dead and tidied up.
    Reconciled,
    /// An agent ended it.
    EndedByAgent,
}

impl EndReason {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Completed,
        Self::Missed,
        Self::Abandoned,
        Self::Voicemail,
        Self::Failed,
        Self::Reconciled,
        Self::EndedByAgent,
    ];

    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Missed => "missed",
            Self::Abandoned => "abandoned",
            Self::Voicemail => "voicemail",
            Self::Failed => "failed",
            Self::Reconciled => "reconciled",
            Self::EndedByAgent => "ended_by_agent",
        }
    }

    /// The end of that text.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// A row of `calls`. The database sets every field but the agents' words and what an action asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Twilio's id of the customer's leg.
    pub twilio_call_sid: String,
    /// Who started it.
    pub direction: Direction,
    /// The calling party.
    pub from_number: Address,
    /// The called party.
    pub to_number: Address,
    /// A name for the customer, from contacts or the network.
    pub caller_name: Option<String>,
    /// The customer's company, from contacts.
    pub caller_company: Option<String>,
    /// The lane that it is in.
    pub status: Status,
    /// Whose call it is: set while active, and kept when it ends.
    pub assigned_to: Option<MemberId>,
    /// Who had it last, also while it is parked or rings again.
    pub last_agent: Option<MemberId>,
    /// Who brought it where it is: took it, parked it, handed it on or ended it; nobody if the service or the caller did.
    pub moved_by: Option<MemberId>,
    /// Whether the customer hears hold music; only while active.
    pub on_hold: bool,
    /// The slot of the parking lot; only while parked.
    pub parking_slot: Option<i16>,
    /// How it came into the parking lot; only while parked.
    pub park_reason: Option<ParkReason>,
    /// How it ended; only once ended.
    pub end_reason: Option<EndReason>,
    /// Counts what the customer's audio must follow.
    pub epoch: i32,
    /// When it came in.
    #[serde(serialize_with = "timestamp::serialize")]
    pub created_at: OffsetDateTime,
    /// When an agent claimed it first; of an outbound call, when the customer answered.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub answered_at: Option<OffsetDateTime>,
    /// When the agent's audio was connected.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub connected_at: Option<OffsetDateTime>,
    /// When it was parked; only while parked.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub parked_at: Option<OffsetDateTime>,
    /// When it was put on hold; only while on hold.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub held_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub ended_at: Option<OffsetDateTime>,
    /// Rises with every write. Of two states of one row the higher version is the newer; versions
    /// of different rows say nothing about each other.
    pub version: i64,
    /// The agents' words about the call.
    pub note: Option<String>,
    /// What came of the call.
    pub disposition: Option<String>,
    /// Since when the caller leaves a message; only while ringing, and it can still be answered.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub voicemail_at: Option<OffsetDateTime>,
    /// Twilio's id of the message that the caller left.
    pub recording_sid: Option<String>,
    /// How long the message is, in seconds.
    pub recording_s: Option<i32>,
}

impl Call {
    /// Reads a row as PostgREST and Realtime give it.
    ///
    /// # Errors
    /// The name of a field that is missing or of another kind.
    #[inline(never)]
    pub fn read(row: &Map<String, Value>) -> Result<Self, &'static str> {
        let nobody = Uuid::nil();
        let mut row = Fields::of(row);
        let id = row.id("id");
        let sid = row.text("twilio_call_sid");
        let direction = row.named("direction", Direction::named);
        let (from, to) = (row.text("from_number"), row.text("to_number"));
        let (from, to) = (
            row.must("from_number", from, String::new()),
            row.must("to_number", to, String::new()),
        );
        let status = row.named("status", Status::named);
        let on_hold = row.flag("on_hold");
        let epoch = row.number("epoch");
        let created_at = row.moment("created_at");
        let version = row.number("version");
        let call = Self {
            id: row.must("id", id, nobody.into()),
            twilio_call_sid: row.must("twilio_call_sid", sid, String::new()),
            direction: row.must("direction", direction, Direction::Inbound),
            from_number: Address::parse(&from),
            to_number: Address::parse(&to),
            caller_name: row.text("caller_name"),
            caller_company: row.text("caller_company"),
            status: row.must("status", status, Status::Ended),
            assigned_to: row.id("assigned_to"),
            last_agent: row.id("last_agent"),
            moved_by: row.id("moved_by"),
            on_hold: row.must("on_hold", on_hold, false),
            parking_slot: row.number("parking_slot"),
            park_reason: row.named("park_reason", ParkReason::named),
            end_reason: row.named("end_reason", EndReason::named),
            epoch: row.must("epoch", epoch, 0),
            created_at: row.must("created_at", created_at, OffsetDateTime::UNIX_EPOCH),
            answered_at: row.moment("answered_at"),
            connected_at: row.moment("connected_at"),
            parked_at: row.moment("parked_at"),
            held_at: row.moment("held_at"),
            ended_at: row.moment("ended_at"),
            version: row.must("version", version, 0),
            note: row.text("note"),
            disposition: row.text("disposition"),
            voicemail_at: row.moment("voicemail_at"),
            recording_sid: row.text("recording_sid"),
            recording_s: row.number("recording_s"),
        };
        row.fault().map_or(Ok(call), Err)
    }
}

impl<'de> Deserialize<'de> for Call {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let row = Map::deserialize(from)?;
        Self::read(&row).map_err(|field| D::Error::custom(format_args!("a call's `{field}`")))
    }
}

impl Call {
    /// The customer: the calling party of an inbound call, the called party of an outbound one.
    pub fn customer(&self) -> &Address {
        match self.direction {
            Direction::Inbound => &self.from_number,
            Direction::Outbound => &self.to_number,
        }
    }

    /// Whether the customer's telephone still rings: the agent who called hears that, and nobody can be put on hold,
    /// parked or handed on yet.
    pub fn is_calling(&self) -> bool {
        self.direction == Direction::Outbound
            && self.status == Status::Active
            && self.epoch == 0
            && self.connected_at.is_none()
    }
}

/// What the webhook inserts; the database adds the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCall {
    /// Twilio's id of the customer's leg: a second insert with the same one changes nothing.
    pub twilio_call_sid: String,
    /// Who started it.
    pub direction: Direction,
    /// The calling party.
    pub from_number: Address,
    /// The called party.
    pub to_number: Address,
    /// The name that the network gave; the database prefers the one in contacts.
    pub caller_name: Option<String>,
}
