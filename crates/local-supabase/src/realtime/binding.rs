//! What a channel asks of `postgres_changes`: bindings, their ids, their filters, and the faults they are answered with.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::filter::{self, Filter};

/// One asked binding, as it stood in the join.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Binding {
    asked: Map<String, Value>,
    /// Named in every change that matches. The same binding has the same id on every server of this version.
    pub(super) id: u32,
}

/// A binding that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Watch {
    pub(super) id: u32,
    /// `*`, `INSERT`, `UPDATE` or `DELETE`.
    pub(super) event: &'static str,
    /// A schema or `*`.
    pub(super) schema: String,
    /// A table or `*`.
    pub(super) table: String,
    /// All of them must be passed.
    pub(super) filters: Vec<Filter>,
}

/// The bindings of a join's payload: those of its `config`, or of the topic's name for a join without `config`, as
/// clients of the first protocol asked.
pub(super) fn asked(payload: &Map<String, Value>, sub_topic: &str) -> Vec<Binding> {
    let Some(config) = payload.get("config") else {
        let names = ["schema", "table", "filter"];
        let parts = names.iter().zip(sub_topic.splitn(3, ':'));
        let asked = parts
            .map(|(name, part)| ((*name).to_owned(), Value::from(part)))
            .collect();
        return vec![Binding::new(asked)];
    };
    let listed = config.get("postgres_changes").and_then(Value::as_array);
    listed
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .cloned()
        .map(Binding::new)
        .collect()
}

impl Binding {
    fn new(asked: Map<String, Value>) -> Self {
        let id = super::phash2::of_map(&asked);
        Self { asked, id }
    }

    /// The binding as the join's reply lists it: the id, then what was asked, by name.
    pub(super) fn echo(&self) -> String {
        let mut text = format!(r#"{{"id":{}"#, self.id);
        for (name, value) in sorted(&self.asked) {
            let _ = write!(text, ",{}:{value}", super::frame::quoted(name));
        }
        text.push('}');
        text
    }

    /// Understands the binding, or gives the message of the `system` error that answers it.
    pub(super) fn watch(&self) -> Result<Watch, String> {
        let part = |name: &str| self.asked.get(name);
        let (schema, table, filters) = match (part("schema"), part("table"), part("filter")) {
            (
                Some(Value::String(schema)),
                Some(Value::String(table)),
                Some(Value::String(filter)),
            ) => {
                let fault = |fault| format!("Error parsing `filter` params: {fault}");
                (
                    schema.as_str(),
                    table.as_str(),
                    filter::parse(filter).map_err(fault)?,
                )
            }
            (Some(Value::String(schema)), Some(Value::String(table)), None) => {
                (schema.as_str(), table.as_str(), Vec::new())
            }
            (Some(Value::String(schema)), None, None) => (schema.as_str(), "*", Vec::new()),
            (None, Some(Value::String(table)), None) => ("public", table.as_str(), Vec::new()),
            _ => {
                return Err(format!(
                    "No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: {}",
                    inspect(&self.asked)
                ));
            }
        };
        Ok(Watch {
            id: self.id,
            event: event(part("event")),
            schema: schema.to_owned(),
            table: table.to_owned(),
            filters,
        })
    }
}

impl Watch {
    /// Whether a change of this kind to this table is asked for, the filter left aside.
    pub(super) fn covers(&self, kind: &str, schema: &str, table: &str) -> bool {
        (self.event == "*" || self.event == kind)
            && (self.schema == "*" || self.schema == schema)
            && (self.table == "*" || self.table == table)
    }

    /// The binding as the real server prints it in its error messages.
    pub(super) fn describe(&self) -> String {
        let filters: Vec<String> = self.filters.iter().map(Filter::describe).collect();
        let filters = filters.join(", ");
        format!(
            "[event: {}, schema: {}, table: {}, filters: [{filters}], select: nil]",
            self.event, self.schema, self.table
        )
    }
}

/// The event that is meant: in any case, and every one where it is none that is known.
fn event(asked: Option<&Value>) -> &'static str {
    let asked = asked.and_then(Value::as_str).unwrap_or_default();
    ["INSERT", "UPDATE", "DELETE"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(asked))
        .unwrap_or("*")
}

/// The entries of an object by name, whatever order the JSON library keeps.
fn sorted(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(name, _)| *name);
    entries
}

/// An object as Elixir prints a map.
fn inspect(object: &Map<String, Value>) -> String {
    let entries: Vec<String> = sorted(object)
        .into_iter()
        .map(|(name, value)| format!("{name:?} => {}", inspect_value(value)))
        .collect();
    format!("%{{{}}}", entries.join(", "))
}

/// A value as Elixir prints it.
pub(super) fn inspect_value(value: &Value) -> String {
    match value {
        Value::Null => "nil".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inspect_value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) => inspect(object),
    }
}

#[cfg(test)]
mod tests;
