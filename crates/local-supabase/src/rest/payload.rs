//! Request bodies: JSON, CSV or a form, all made into JSON for the database to read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{error::ApiError, media::Asked};

/// Rows to write, or arguments to call with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payload {
    json: String,
    keys: Vec<String>,
    is_object: bool,
}

/// Kinds of body that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Json,
    Csv,
    Form,
    Text,
}

impl BodyKind {
    /// By `content-type`; without one it is JSON.
    pub(crate) fn of(content_type: Option<&str>) -> Result<Self, ApiError> {
        let Some(given) = content_type else {
            return Ok(Self::Json);
        };
        let asked = Asked::read(given);
        match asked.shown().as_str() {
            "application/json" => Ok(Self::Json),
            "text/csv" => Ok(Self::Csv),
            "application/x-www-form-urlencoded" => Ok(Self::Form),
            "text/plain" => Ok(Self::Text),
            other => Err(not_acceptable(other)),
        }
    }
}

fn not_acceptable(shown: &str) -> ApiError {
    ApiError::body(format!("Content-Type not acceptable: {shown}"))
}

fn invalid() -> ApiError {
    ApiError::body("Empty or invalid json")
}

impl Payload {
    /// Reads rows. With `columns` given, rows may differ in their keys.
    pub(crate) fn rows(
        content_type: Option<&str>,
        body: &[u8],
        columns: Option<&[String]>,
    ) -> Result<Self, ApiError> {
        let text = || std::str::from_utf8(body).map_err(|_| invalid());
        match (BodyKind::of(content_type)?, columns) {
            (BodyKind::Json, None) => Self::json_rows(text()?),
            (BodyKind::Json, Some(columns)) => Ok(Self::unread(text()?, columns)),
            (BodyKind::Csv, _) => Self::json_rows(&csv(text()?)?.to_string()),
            (BodyKind::Form, _) => Self::json_rows(&form(body).to_string()),
            (BodyKind::Text, _) => Err(not_acceptable("text/plain")),
        }
    }

    /// Reads the arguments of a call: a JSON object; an empty body is an empty one.
    pub(crate) fn arguments(
        content_type: Option<&str>,
        body: &[u8],
        columns: Option<&[String]>,
    ) -> Result<Self, ApiError> {
        if body.is_empty() && columns.is_none() {
            return Self::json_rows("{}");
        }
        Self::rows(content_type, body, columns)
    }

    /// With its columns named, a body is not looked at before the database reads it.
    fn unread(text: &str, columns: &[String]) -> Self {
        let keys: BTreeSet<&String> = columns.iter().collect();
        Self {
            json: text.to_owned(),
            keys: keys.into_iter().cloned().collect(),
            is_object: text.trim_start().starts_with('{'),
        }
    }

    fn json_rows(text: &str) -> Result<Self, ApiError> {
        let value: Value = serde_json::from_str(text).map_err(|_| invalid())?;
        let keys = match &value {
            Value::Object(object) => object.keys().cloned().collect(),
            Value::Array(items) => common_keys(items)?,
            _ => BTreeSet::new(),
        };
        let is_object = value.is_object();
        // What is neither an object nor a list holds no rows.
        let json = if is_object || value.is_array() {
            text.to_owned()
        } else {
            "[]".to_owned()
        };
        Ok(Self {
            json,
            keys: keys.into_iter().collect(),
            is_object,
        })
    }

    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    /// The columns that the rows give, sorted.
    pub(crate) fn keys(&self) -> &[String] {
        &self.keys
    }

    pub(crate) fn is_object(&self) -> bool {
        self.is_object
    }

    /// Whether nothing is to be written, not even a row of defaults.
    pub(crate) fn has_no_rows(&self) -> bool {
        !self.is_object && self.json.trim() == "[]"
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// The keys that all rows share; rows that differ are refused, because one statement writes them all.
fn common_keys(items: &[Value]) -> Result<BTreeSet<String>, ApiError> {
    let mismatch = || ApiError::body("All object keys must match");
    let keys_of = |item: &Value| {
        item.as_object()
            .map(|object| object.keys().cloned().collect::<BTreeSet<_>>())
            .ok_or_else(mismatch)
    };
    let Some(first) = items.first() else {
        return Ok(BTreeSet::new());
    };
    let keys = keys_of(first)?;
    for item in &items[1..] {
        let object = item.as_object().ok_or_else(mismatch)?;
        if object.len() != keys.len() || !object.keys().all(|key| keys.contains(key)) {
            return Err(mismatch());
        }
    }
    Ok(keys)
}

fn form(body: &[u8]) -> Value {
    let pairs =
        form_urlencoded::parse(body).map(|(key, value)| (key.into_owned(), Value::from(value)));
    Value::Object(pairs.collect())
}

/// A list of objects of texts; an unquoted `NULL` is null.
fn csv(text: &str) -> Result<Value, ApiError> {
    let mut records = csv_records(text).into_iter();
    let header: Vec<String> = records
        .next()
        .ok_or_else(invalid)?
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect();
    let rows: Result<Vec<Value>, ApiError> = records
        .map(|record| {
            if record.len() != header.len() {
                return Err(ApiError::body("All lines must have same number of fields"));
            }
            let fields = header
                .iter()
                .cloned()
                .zip(record.into_iter().map(Value::from));
            Ok(Value::Object(fields.collect::<Map<_, _>>()))
        })
        .collect();
    rows.map(Value::Array)
}

fn csv_records(text: &str) -> Vec<Vec<Option<String>>> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let (mut field, mut in_quotes, mut was_quoted) = (String::new(), false, false);
    let mut characters = text.chars().peekable();
    let end_field =
        |record: &mut Vec<Option<String>>, field: &mut String, was_quoted: &mut bool| {
            let value = std::mem::take(field);
            record.push(if !*was_quoted && value == "NULL" {
                None
            } else {
                Some(value)
            });
            *was_quoted = false;
        };
    while let Some(c) = characters.next() {
        match c {
            '"' if in_quotes && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => {
                in_quotes = !in_quotes;
                was_quoted = true;
            }
            ',' if !in_quotes => end_field(&mut record, &mut field, &mut was_quoted),
            '\r' if !in_quotes => {}
            '\n' if !in_quotes => {
                end_field(&mut record, &mut field, &mut was_quoted);
                records.push(std::mem::take(&mut record));
            }
            other => field.push(other),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        end_field(&mut record, &mut field, &mut was_quoted);
        records.push(record);
    }
    records
}
