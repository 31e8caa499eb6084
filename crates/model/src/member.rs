//! A member of the team: one row of `voip_users`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::id::{CallId, MemberId, UserId};
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

/// A row of `voip_users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(default)]
    pub device_state: Option<String>,
    /// The call that the member is on, kept by the database. The board reads `assigned_to` of the
    /// calls instead, which says the same and comes with every change.
    #[serde(default)]
    pub current_call_id: Option<CallId>,
    /// When the member left the team; a retired member has no rights and is shown nowhere.
    #[serde(with = "timestamp::option", default)]
    pub retired_at: Option<OffsetDateTime>,
    /// Rises with every write that a board must know of.
    pub version: i64,
}

impl Member {
    /// Whether this member may act on colleagues' calls.
    pub fn is_supervisor(&self) -> bool {
        match self.role {
            Role::Agent => false,
            Role::Supervisor => true,
        }
    }
}
