//! A change of one row, as either lane of Realtime brings it.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::call::Call;
use crate::member::Member;

/// A table whose rows are on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// `calls`
    Calls,
    /// `voip_users`
    Members,
    /// `board_settings`, one row
    Settings,
}

impl Table {
    /// The table of that name, if it is on the board.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "calls" => Some(Self::Calls),
            "voip_users" => Some(Self::Members),
            "board_settings" => Some(Self::Settings),
            _ => None,
        }
    }

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Members => "voip_users",
            Self::Settings => "board_settings",
        }
    }
}

/// What happened to the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It was inserted or updated; the record holds what is known of it.
    Upsert,
    /// It was deleted; the record holds its id only.
    Delete,
}

/// A change of one row. A key that is absent from the record keeps its old value: Realtime leaves
/// out unchanged large values, and `null` is a value like any other.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The table.
    pub table: Table,
    /// What happened.
    pub kind: Kind,
    /// The row, or the part of it that was sent.
    pub record: Map<String, Value>,
}

/// A row that changes can be laid over.
pub trait Row: serde::Serialize + PartialEq + Sized {
    /// Its id.
    type Id: Copy + Ord + From<Uuid> + std::fmt::Debug;

    /// Reads a row as PostgREST and Realtime give it.
    ///
    /// # Errors
    /// The name of a field that is missing or of another kind.
    fn read(row: &Map<String, Value>) -> Result<Self, &'static str>;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// Its version.
    fn version(&self) -> i64;

    /// Whether the row belongs on the board.
    fn is_live(&self) -> bool;
}

impl Change {
    /// A row of `calls` as an action answered it.
    pub fn of_call(record: Map<String, Value>) -> Self {
        Self {
            table: Table::Calls,
            kind: Kind::Upsert,
            record,
        }
    }
}

impl Row for Call {
    type Id = crate::id::CallId;

    fn read(row: &Map<String, Value>) -> Result<Self, &'static str> {
        Self::read(row)
    }

    fn id(&self) -> Self::Id {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn is_live(&self) -> bool {
        self.status.is_live()
    }
}

impl Row for Member {
    type Id = crate::id::MemberId;

    fn read(row: &Map<String, Value>) -> Result<Self, &'static str> {
        Self::read(row)
    }

    fn id(&self) -> Self::Id {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn is_live(&self) -> bool {
        self.retired_at.is_none()
    }
}

/// `record` as a row, with `known` filling the keys that it lacks. `None` if too little is known.
pub(crate) fn overlay<R: Row>(known: Option<&R>, record: &Map<String, Value>) -> Option<R> {
    let mut whole = match known.map(serde_json::to_value) {
        Some(Ok(Value::Object(map))) => map,
        _ => Map::new(),
    };
    for (key, value) in record {
        whole.insert(key.clone(), value.clone());
    }
    R::read(&whole).ok()
}
