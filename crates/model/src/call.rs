//! A call: one row of `calls`, the only truth about it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::id::{CallId, MemberId};
use crate::phone::Address;
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

/// A row of `calls`. The database sets every field but the agents' words and what an action asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The lane that it is in.
    pub status: Status,
    /// Whose call it is: set while active, and kept when it ends.
    pub assigned_to: Option<MemberId>,
    /// Who had it last, also while it is parked or rings again.
    #[serde(default)]
    pub last_agent: Option<MemberId>,
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
    #[serde(with = "timestamp")]
    pub created_at: OffsetDateTime,
    /// When an agent claimed it first; of an outbound call, when the customer answered.
    #[serde(with = "timestamp::option", default)]
    pub answered_at: Option<OffsetDateTime>,
    /// When the agent's audio was connected.
    #[serde(with = "timestamp::option", default)]
    pub connected_at: Option<OffsetDateTime>,
    /// When it was parked; only while parked.
    #[serde(with = "timestamp::option", default)]
    pub parked_at: Option<OffsetDateTime>,
    /// When it was put on hold; only while on hold.
    #[serde(with = "timestamp::option", default)]
    pub held_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "timestamp::option", default)]
    pub ended_at: Option<OffsetDateTime>,
    /// Rises with every write. Of two states of one row the higher version is the newer; versions
    /// of different rows say nothing about each other.
    pub version: i64,
    /// The agents' words about the call.
    #[serde(default)]
    pub note: Option<String>,
    /// What came of the call.
    #[serde(default)]
    pub disposition: Option<String>,
    /// Since when the caller leaves a message; only while ringing, and it can still be answered.
    #[serde(with = "timestamp::option", default)]
    pub voicemail_at: Option<OffsetDateTime>,
    /// Twilio's id of the message that the caller left.
    #[serde(default)]
    pub recording_sid: Option<String>,
    /// How long the message is, in seconds.
    #[serde(default)]
    pub recording_s: Option<i32>,
}

impl Call {
    /// The customer: the calling party of an inbound call, the called party of an outbound one.
    pub fn customer(&self) -> &Address {
        match self.direction {
            Direction::Inbound => &self.from_number,
            Direction::Outbound => &self.to_number,
        }
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
