//! One line of wal2json (format 2) becomes a change of a row. Pure.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Deserialize;
use serde_json::value::RawValue;

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Insert,
    Update,
    Delete,
}

impl Kind {
    /// The name in frames and bindings.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// A committed change of one row.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) kind: Kind,
    pub(super) schema: String,
    pub(super) table: String,
    /// The transaction, without its epoch; 0 if the line does not tell.
    pub(super) transaction: u32,
    /// Commit time as the database prints it.
    pub(super) timestamp: String,
    /// New values; an unchanged out-of-line value is absent. Empty for a deletion.
    pub(super) columns: Vec<Column>,
    /// The key of the row, or all old values where the table's replica identity is full.
    pub(super) identity: Vec<Column>,
    /// Names of the primary key's columns.
    pub(super) key: Vec<String>,
    /// Length of the line that told of it, in bytes.
    pub(super) bytes: usize,
}

/// A column's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Type as the database prints it; safe to put into SQL.
    pub(super) of: String,
    /// The value as text, as the type's input function reads it; `None` for null.
    pub(super) value: Option<String>,
}

#[derive(Deserialize)]
struct Line<'a> {
    action: &'a str,
    #[serde(default)]
    xid: u32,
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    schema: String,
    #[serde(default)]
    table: String,
    #[serde(default, borrow)]
    columns: Vec<LineColumn<'a>>,
    #[serde(default, borrow)]
    identity: Vec<LineColumn<'a>>,
    #[serde(default)]
    pk: Vec<LineKey>,
}

#[derive(Deserialize)]
struct LineColumn<'a> {
    name: String,
    #[serde(rename = "type")]
    of: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(Deserialize)]
struct LineKey {
    name: String,
}

impl From<LineColumn<'_>> for Column {
    fn from(column: LineColumn<'_>) -> Self {
        // Texts come quoted; numbers and booleans as they are, which keeps every digit of an int8.
        let value = match column.value.get() {
            "null" => None,
            quoted if quoted.starts_with('"') => serde_json::from_str(quoted).ok(),
            bare => Some(bare.to_owned()),
        };
        Self {
            name: column.name,
            of: column.of,
            value,
        }
    }
}

/// Reads a line. `None`: it tells of no row's change (a truncation, a message, something of a later format).
pub(super) fn parse(line: &[u8]) -> Option<Change> {
    let read: Line<'_> = serde_json::from_slice(line).ok()?;
    let kind = match read.action {
        "I" => Kind::Insert,
        "U" => Kind::Update,
        "D" => Kind::Delete,
        _ => return None,
    };
    let columns = |columns: Vec<LineColumn<'_>>| columns.into_iter().map(Column::from).collect();
    Some(Change {
        kind,
        schema: read.schema,
        table: read.table,
        transaction: read.xid,
        timestamp: read.timestamp,
        columns: columns(read.columns),
        identity: columns(read.identity),
        key: read.pk.into_iter().map(|key| key.name).collect(),
        bytes: line.len(),
    })
}

impl Change {
    /// The new value of a column, or the old one where the new row does not tell.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .chain(&self.identity)
            .find(|column| column.name == name)
    }

    /// The columns of the row as it is now: the new ones, and where an unchanged one was left out, its old value if
    /// that is known.
    pub(super) fn current(&self) -> Vec<&Column> {
        let known = |name: &str| self.columns.iter().any(|column| column.name == name);
        self.columns
            .iter()
            .chain(self.identity.iter().filter(|old| !known(&old.name)))
            .collect()
    }

    /// The primary key's columns; `None` if the table has none, or the change does not name all of them.
    pub(super) fn key_columns(&self) -> Option<Vec<&Column>> {
        let columns: Option<Vec<_>> = self.key.iter().map(|name| self.column(name)).collect();
        columns.filter(|columns| !columns.is_empty())
    }
}

/// `columns` as a JSON object of texts and nulls.
pub(super) fn as_json<'a>(columns: impl IntoIterator<Item = &'a Column>) -> String {
    let mut text = String::from("{");
    for column in columns {
        if text.len() > 1 {
            text.push(',');
        }
        let name = super::frame::quoted(&column.name);
        let value = column
            .value
            .as_deref()
            .map_or_else(|| "null".to_owned(), super::frame::quoted);
        let _ = write!(text, "{name}:{value}");
    }
    text.push('}');
    text
}

/// A broadcast that the database sends: a row of `realtime.messages`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DatabaseMessage {
    pub(super) id: String,
    pub(super) topic: String,
    pub(super) event: String,
    /// JSON text as the database prints it.
    pub(super) payload: String,
    pub(super) private: bool,
}

impl Change {
    /// Whether the table is `realtime.messages`, or a partition of it as on the real server.
    pub(super) fn is_message(&self) -> bool {
        self.schema == "realtime"
            && (self.table == "messages" || self.table.starts_with("messages_"))
    }

    /// The message that an inserted row of `realtime.messages` is.
    pub(super) fn into_message(self) -> Option<DatabaseMessage> {
        if self.kind != Kind::Insert || !self.is_message() {
            return None;
        }
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        for column in self.columns {
            if let Some(value) = column.value {
                values.insert(column.name, value);
            }
        }
        if values
            .get("extension")
            .is_none_or(|extension| extension != "broadcast")
        {
            return None;
        }
        Some(DatabaseMessage {
            id: values.remove("id")?,
            topic: values.remove("topic")?,
            event: values.remove("event")?,
            payload: values.remove("payload")?,
            private: values
                .get("private")
                .is_some_and(|private| private == "true"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSERT: &str = r#"{"action":"I","timestamp":"2026-01-02 03:04:05.123456+00","schema":"public","table":"calls","columns":[{"name":"id","type":"uuid","value":"11111111-0000-4000-8000-000000000001"},{"name":"version","type":"bigint","value":9007199254740993},{"name":"note","type":"text","value":null},{"name":"name","type":"text","value":"a \"b\" \\ \n ž"},{"name":"on_hold","type":"boolean","value":false}],"pk":[{"name":"id","type":"uuid"}]}"#;

    #[test]
    fn values_keep_every_digit_and_every_letter() {
        let change = parse(INSERT.as_bytes()).expect("a change");
        let value = |name: &str| change.column(name).and_then(|column| column.value.clone());
        assert_eq!(value("version").as_deref(), Some("9007199254740993"));
        assert_eq!(value("name").as_deref(), Some("a \"b\" \\ \n ž"));
        assert_eq!(value("on_hold").as_deref(), Some("false"));
        assert_eq!(value("note"), None);
        assert_eq!(change.key_columns().expect("a key")[0].name, "id");
    }

    #[test]
    fn an_unchanged_value_that_was_left_out_is_taken_from_the_old_row_if_it_is_there() {
        let line = r#"{"action":"U","timestamp":"t","schema":"public","table":"calls","columns":[{"name":"id","type":"uuid","value":"x"}],"identity":[{"name":"id","type":"uuid","value":"x"},{"name":"big","type":"text","value":"old"}],"pk":[]}"#;
        let change = parse(line.as_bytes()).expect("a change");
        let names: Vec<&str> = change
            .current()
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(names, ["id", "big"]);
        assert!(change.key_columns().is_none());
    }

    #[test]
    fn an_inserted_message_is_a_broadcast_and_a_deleted_one_is_not() {
        let line = r#"{"action":"I","timestamp":"t","schema":"realtime","table":"messages","columns":[{"name":"topic","type":"text","value":"board"},{"name":"extension","type":"text","value":"broadcast"},{"name":"payload","type":"jsonb","value":"{\"n\": 1}"},{"name":"event","type":"text","value":"change"},{"name":"private","type":"boolean","value":true},{"name":"id","type":"uuid","value":"i"}],"pk":[]}"#;
        let message = parse(line.as_bytes())
            .and_then(Change::into_message)
            .expect("a message");
        assert_eq!(message.payload, r#"{"n": 1}"#);
        assert!(message.private);
        let deleted = line.replacen("\"I\"", "\"D\"", 1);
        assert_eq!(
            parse(deleted.as_bytes()).and_then(Change::into_message),
            None
        );
    }

    #[test]
    fn lines_that_tell_of_no_row_are_nothing() {
        for line in [
            r#"{"action":"T","schema":"public","table":"calls"}"#,
            r#"{"action":"B"}"#,
            "",
            "{",
        ] {
            assert!(parse(line.as_bytes()).is_none(), "{line}");
        }
    }
}
