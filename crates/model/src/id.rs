//! Ids as types of their own, so that a member cannot be passed where a call is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // `Uuid::from_str` would say in a sentence what is wrong, which nobody asks.
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

id!(
    /// A row of `calls`.
    CallId
);
id!(
    /// A row of `voip_users`: a person on the team.
    MemberId
);
id!(
    /// A row of `auth.users`: what a JWT's `sub` names.
    UserId
);
