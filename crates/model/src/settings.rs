//! What a supervisor sets for the whole board: the one row of `board_settings`.

use serde::{Deserialize, Serialize};

/// The settings that the dashboard needs. Columns that only telephony reads are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How many numbered slots the parking lot has, 1 to 99.
    pub parking_slots: i16,
    /// Rises with every change of the row.
    #[serde(default)]
    pub version: i64,
}
