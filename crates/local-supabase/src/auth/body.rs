//! Reading a JSON body as Go's decoder reads it into a struct, with its words when it cannot.

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};

use super::error::AuthError;

/// The JSON object of a request and the name of the Go struct that it stands for.
pub(super) struct Params {
    fields: Map<String, Value>,
    go_struct: &'static str,
}

impl Params {
    /// Parses `body`. A form is read as nothing, because GoTrue has consumed it before it looks for JSON.
    pub(super) fn parse(
        headers: &HeaderMap,
        body: &Bytes,
        go_struct: &'static str,
    ) -> Result<Self, AuthError> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .map(|value| value.as_bytes())
            .unwrap_or_default();
        let body: &[u8] = if content_type.starts_with(b"application/x-www-form-urlencoded") {
            b""
        } else {
            body
        };
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self { fields, go_struct }),
            Ok(Value::Null) => Ok(Self {
                fields: Map::new(),
                go_struct,
            }),
            Ok(other) => Err(bad_json(&format!(
                "json: cannot unmarshal {} into Go value of type api.{go_struct}",
                go_kind(&other)
            ))),
            Err(error) if error.is_eof() => Err(bad_json("unexpected end of JSON input")),
            Err(error) => Err(bad_json(&error.to_string())),
        }
    }

    /// A text, `""` when it is missing.
    pub(super) fn text(&self, field: &'static str) -> Result<&str, AuthError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(self.mismatch(field, other, "string")),
        }
    }

    /// A text, `None` when it is missing.
    pub(super) fn optional_text(&self, field: &'static str) -> Result<Option<&str>, AuthError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.text(field).map(Some),
        }
    }

    /// A yes or no, `false` when it is missing.
    pub(super) fn flag(&self, field: &'static str) -> Result<bool, AuthError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.mismatch(field, other, "bool")),
        }
    }

    /// An object, `None` when it is missing.
    pub(super) fn object(
        &self,
        field: &'static str,
    ) -> Result<Option<Map<String, Value>>, AuthError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object.clone())),
            Some(other) => Err(self.mismatch(field, other, "map[string]interface {}")),
        }
    }

    fn mismatch(&self, field: &str, found: &Value, wanted: &str) -> AuthError {
        bad_json(&format!(
            "json: cannot unmarshal {} into Go struct field {}.{field} of type {wanted}",
            go_kind(found),
            self.go_struct
        ))
    }
}

fn bad_json(what: &str) -> AuthError {
    AuthError::new(
        400,
        "bad_json",
        format!("Could not parse request body as JSON: {what}"),
    )
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
