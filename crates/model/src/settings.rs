//! What a supervisor sets for the whole board: the one row of `board_settings`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::row::Fields;

/// The settings that the dashboard needs. Columns that only telephony reads are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How many numbered slots the parking lot has, 1 to 99.
    pub parking_slots: i16,
    /// Seconds after which a parked call rings again.
    #[serde(default)]
    pub park_timeout_s: Option<i32>,
    /// Rises with every change of the row.
    #[serde(default)]
    pub version: i64,
}

impl Settings {
    /// Reads the row as PostgREST and Realtime give it.
    ///
    /// # Errors
    /// The name of a field that is missing or of another kind.
    pub fn read(row: &Map<String, Value>) -> Result<Self, &'static str> {
        let mut row = Fields::of(row);
        let parking_slots = row.number("parking_slots");
        let settings = Self {
            parking_slots: row.must("parking_slots", parking_slots, 0),
            park_timeout_s: row.number("park_timeout_s"),
            version: row.number("version").unwrap_or_default(),
        };
        row.fault().map_or(Ok(settings), Err)
    }
}
