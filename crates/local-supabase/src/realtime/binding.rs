//! What a channel asks of `postgres_changes`: bindings, their ids, their filters, and the faults they are answered with.

use std::fmt::Write as _;

use serde_json::{Map, Value};

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
    /// `*`, `INSERT`, `UPDATE` or `DELETE`, in any case.
    pub(super) event: String,
    /// A schema or `*`.
    pub(super) schema: String,
    /// A table or `*`.
    pub(super) table: String,
    pub(super) filter: Option<Filter>,
}

/// `column=operator.value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) column: String,
    pub(super) operator: Operator,
    /// For [`Operator::In`] an array in Postgres' own notation.
    pub(super) value: String,
}

/// The comparisons that a filter may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
}

impl Operator {
    const ALL: [Self; 7] = [
        Self::Eq,
        Self::Neq,
        Self::Lt,
        Self::Lte,
        Self::Gt,
        Self::Gte,
        Self::In,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Neq => "neq",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::In => "in",
        }
    }

    /// The comparison as SQL between two literals of type `of`, which must be a type's name as Postgres prints it.
    pub(super) fn sql(self, left: &str, right: &str, of: &str) -> String {
        match self {
            Self::Eq => format!("{left}::{of} = {right}::{of}"),
            Self::Neq => format!("{left}::{of} <> {right}::{of}"),
            Self::Lt => format!("{left}::{of} < {right}::{of}"),
            Self::Lte => format!("{left}::{of} <= {right}::{of}"),
            Self::Gt => format!("{left}::{of} > {right}::{of}"),
            Self::Gte => format!("{left}::{of} >= {right}::{of}"),
            Self::In => format!("{left}::{of} = any({right}::{of}[])"),
        }
    }
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
        let text = |name: &str| {
            self.asked
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let (schema, table) = (text("schema"), text("table"));
        if schema.is_none() && table.is_none() {
            return Err(format!(
                "No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: {}",
                inspect(&self.asked)
            ));
        }
        let filter = match (&table, text("filter")) {
            (Some(_), Some(filter)) if !filter.is_empty() => Some(Filter::parse(&filter)?),
            _ => None,
        };
        Ok(Watch {
            id: self.id,
            event: text("event").unwrap_or_else(|| "*".to_owned()),
            schema: schema.unwrap_or_else(|| "public".to_owned()),
            table: table.unwrap_or_else(|| "*".to_owned()),
            filter,
        })
    }
}

impl Filter {
    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |parts: &str| Err(format!("Error parsing `filter` params: {parts}"));
        let Some((column, rest)) = text.split_once('=') else {
            return refuse(&format!("[{text:?}]"));
        };
        let Some((operator, value)) = rest.split_once('.') else {
            return refuse(&format!("[{rest:?}]"));
        };
        let Some(operator) = Operator::ALL
            .into_iter()
            .find(|known| known.name() == operator)
        else {
            return refuse(&format!("[{operator:?}, {value:?}]"));
        };
        let value = match operator {
            Operator::In => match value
                .strip_prefix('(')
                .and_then(|rest| rest.strip_suffix(')'))
            {
                Some(list) => format!("{{{list}}}"),
                None => return refuse("`in` filter value must be wrapped by parentheses"),
            },
            _ => value.to_owned(),
        };
        Ok(Self {
            column: column.to_owned(),
            operator,
            value,
        })
    }
}

impl Watch {
    /// Whether a change of this kind to this table is asked for, the filter left aside.
    pub(super) fn covers(&self, kind: &str, schema: &str, table: &str) -> bool {
        (self.event == "*" || self.event.eq_ignore_ascii_case(kind))
            && (self.schema == "*" || self.schema == schema)
            && (self.table == "*" || self.table == table)
    }

    /// The binding as the real server prints it in its error messages.
    pub(super) fn describe(&self) -> String {
        let filters = self.filter.as_ref().map_or_else(String::new, |filter| {
            format!(
                "{{{:?}, {:?}, {:?}, false}}",
                filter.column,
                filter.operator.name(),
                filter.value
            )
        });
        format!(
            "[event: {}, schema: {}, table: {}, filters: [{filters}], select: nil]",
            self.event, self.schema, self.table
        )
    }
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
        .map(|(name, value)| format!("{name:?} => {value}"))
        .collect();
    format!("%{{{}}}", entries.join(", "))
}

#[cfg(test)]
mod tests;
