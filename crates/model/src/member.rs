//! A member of the team: one row of `voip_users`.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::id::{CallId, MemberId, UserId};
use crate::row::Fields;
use crate::timestamp;

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Works with calls.
    Agent,
    /// Also with other people's calls.
    Supervisor,
}

impl Role {
    /// The role of that text.
    pub fn named(text: &str) -> Option<Self> {
        match text {
            "agent" => Some(Self::Agent),
            "supervisor" => Some(Self::Supervisor),
            _ => None,
        }
    }
}

/// A row of `voip_users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The member's id.
    pub id: MemberId,
    /// The account that signs in.
    pub user_id: UserId,
    /// The name that colleagues read.
    pub display_name: String,
    /// The name of the member's Twilio client, `[A-Za-z0-9_]{1,121}`.
    pub identity: String,
    /// What the member may do.
    pub role: Role,
    /// Whether the member wants calls.
    pub is_available: bool,
    /// Whether the member's browser can really be rung, as it says itself.
    pub device_state: Option<String>,
    /// The call that the member is on, kept by the database. The board reads `assigned_to` of the
    /// calls instead, which says the same and comes with every change.
    pub current_call_id: Option<CallId>,
    /// When the member left the team; a retired member has no rights and is shown nowhere.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub retired_at: Option<OffsetDateTime>,
    /// Rises with every write that a board must know of.
    pub version: i64,
}

impl Member {
    /// Reads a row as PostgREST and Realtime give it.
    ///
    /// # Errors
    /// The name of a field that is missing or of another kind.
    #[inline(never)]
    pub fn read(row: &Map<String, Value>) -> Result<Self, &'static str> {
        let nobody = Uuid::nil();
        let mut row = Fields::of(row);
        let (id, user_id) = (row.id("id"), row.id("user_id"));
        let display_name = row.text("display_name");
        let identity = row.text("identity");
        let role = row.named("role", Role::named);
        let is_available = row.flag("is_available");
        let version = row.number("version");
        let member = Self {
            id: row.must("id", id, nobody.into()),
            user_id: row.must("user_id", user_id, nobody.into()),
            display_name: row.must("display_name", display_name, String::new()),
            identity: row.must("identity", identity, String::new()),
            role: row.must("role", role, Role::Agent),
            is_available: row.must("is_available", is_available, false),
            device_state: row.text("device_state"),
            current_call_id: row.id("current_call_id"),
            retired_at: row.moment("retired_at"),
            version: row.must("version", version, 0),
        };
        row.fault().map_or(Ok(member), Err)
    }

    /// Whether this member may act on colleagues' calls.
    pub fn is_supervisor(&self) -> bool {
        match self.role {
            Role::Agent => false,
            Role::Supervisor => true,
        }
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let row = Map::deserialize(from)?;
        Self::read(&row).map_err(|field| D::Error::custom(format_args!("a member's `{field}`")))
    }
}
