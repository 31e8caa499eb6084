//! A call as its audio needs it: the row, what is noted of its legs, and how its agent came by it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_model::{Call, Member, MemberId};
use time::OffsetDateTime;
use time::serde::rfc3339;

/// Which `<Dial>` of a call: its epoch, and its number. Both stand in the URLs that it gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// `e`.
    pub epoch: i32,
    /// `r`.
    pub render: i32,
}

/// How a dialled leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LegState {
    /// It stands in the `<Dial>`; nothing was heard of it.
    Dialled,
    /// It is being placed.
    Initiated,
    /// It rings.
    Ringing,
    /// It is connected.
    Answered,
    /// It is over.
    Ended,
}

/// A leg of the `<Dial>` that runs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Leg {
    /// How it is.
    pub state: LegState,
    /// Since when.
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    /// `CA…`, once it told.
    #[serde(default)]
    pub sid: Option<String>,
    /// The highest `SequenceNumber` that was heard.
    #[serde(default)]
    pub sequence: Option<i32>,
}

/// The key in [`Audio::legs`] of a telephone that is rung. No identity of a client looks like it.
pub const TELEPHONE: &str = "+";

/// The row of `call_audio`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Audio {
    /// What the customer hears; `None` before the first answer.
    pub rendered_epoch: Option<i32>,
    /// Counts the answers.
    #[serde(default)]
    pub render: i32,
    /// Which ten are rung.
    #[serde(default)]
    pub round: i32,
    /// Who is dialled, by identity, or [`TELEPHONE`].
    #[serde(default)]
    pub legs: BTreeMap<String, Leg>,
    /// Until when the agent who is dialled may take to answer.
    #[serde(with = "rfc3339::option", default)]
    pub lease_until: Option<OffsetDateTime>,
    /// The customer's leg, when an agent dialled it.
    #[serde(default)]
    pub customer_sid: Option<String>,
    /// How often Twilio has failed.
    #[serde(default)]
    pub attempts: i32,
    /// When Twilio was last asked about the leg.
    #[serde(with = "rfc3339::option", default)]
    pub checked_at: Option<OffsetDateTime>,
}

/// How an agent came by a call, and what it goes back to when audio cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// It came in, or the agent placed it.
    Created,
    /// Out of the queue.
    Answered,
    /// Out of the parking lot.
    Retrieved,
    /// From a colleague.
    Transferred,
    /// Out of hold.
    Resumed,
}

/// One call, with what the service notes of it and what the log knows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Scene {
    /// The database's clock.
    #[serde(with = "rfc3339")]
    pub now: OffsetDateTime,
    /// The row.
    pub call: Call,
    /// The notes, if there are any.
    #[serde(default, deserialize_with = "or_default")]
    pub audio: Audio,
    /// Its agent.
    #[serde(default)]
    pub agent: Option<Member>,
    /// When it last began to ring.
    #[serde(with = "rfc3339::option", default)]
    pub rung_since: Option<OffsetDateTime>,
    /// When its agent came by it.
    #[serde(with = "rfc3339::option", default)]
    pub claimed_at: Option<OffsetDateTime>,
    /// How.
    #[serde(default)]
    pub claimed_by: Option<Claim>,
    /// Who alone is rung in the first round.
    #[serde(default)]
    pub rings_first: Option<MemberId>,
}

fn or_default<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Audio, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl Scene {
    /// What the customer hears now.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Some(Place {
            epoch: self.audio.rendered_epoch?,
            render: self.audio.render,
        })
    }

    /// Whether the customer hears what belongs to the row.
    #[must_use]
    pub fn is_rendered(&self) -> bool {
        self.audio.rendered_epoch == Some(self.call.epoch)
    }

    /// Whether the agent's browser placed the call and nothing has changed since: it carries the customer, then.
    #[must_use]
    pub fn is_carried_by_agent(&self) -> bool {
        self.call.direction == switchboard_model::Direction::Outbound && self.call.epoch == 0
    }

    /// Whether that leg of the `<Dial>` is over.
    #[must_use]
    pub fn is_over(&self, key: &str) -> bool {
        let leg = self.audio.legs.get(key);
        leg.is_some_and(|leg| leg.state == LegState::Ended)
    }

    /// Under which key the one who has to answer stands in [`Audio::legs`].
    #[must_use]
    pub fn awaited(&self) -> Option<&str> {
        if self.is_carried_by_agent() {
            return Some(TELEPHONE);
        }
        self.agent.as_ref().map(|agent| agent.identity.as_str())
    }
}
