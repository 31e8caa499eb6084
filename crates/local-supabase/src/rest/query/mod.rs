//! The query string as a small typed tree.
//!
//! Reading never touches the database: names are not resolved here, and values stay texts that are later bound.

mod cursor;
mod filter;
mod logic;
mod order;
mod parameters;
mod select;
#[cfg(test)]
mod tests;

pub(crate) use filter::{Condition, Filter, FtsMode, Operation, Quantifier, Trilean};
pub(crate) use order::{Direction, Nulls, OrderTerm};
pub(crate) use parameters::{canonical, decode, encode};
pub(crate) use select::{Join, SelectItem};

use cursor::{Cursor, Fault};

/// The embeds that lead to a place in the select tree, outermost first; empty for the root.
pub(crate) type Path = Vec<String>;

/// A column, and the way into it if it holds JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) json: Vec<JsonStep>,
}

/// One arrow of `data->a->>0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonStep {
    /// `->>`: the result is text.
    pub(crate) as_text: bool,
    pub(crate) key: JsonKey,
}

/// What an arrow points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JsonKey {
    Name(String),
    Index(i32),
}

/// A parameter that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryFault {
    /// For example `"failed to parse filter (x)" (line 1, column 1)`.
    pub(crate) message: String,
    /// For example `unexpected "x" expecting "not" or operator (eq, gt, ...)`.
    pub(crate) details: String,
}

/// `limit` and `offset` of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Page {
    pub(crate) limit: Option<i64>,
    pub(crate) offset: i64,
}

/// Rows that are asked for at one level, counted from 0; without a last one, all that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: Option<i64>,
}

/// A whole query string.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Query {
    pub(crate) select: Vec<SelectItem>,
    pub(crate) conditions: Vec<(Path, Condition)>,
    pub(crate) orders: Vec<(Path, Vec<OrderTerm>)>,
    pub(crate) spans: Vec<(Path, Span)>,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) on_conflict: Option<Vec<String>>,
    /// The parameters that are filters, as they stand.
    pub(crate) filter_keys: Vec<String>,
    /// What a function is called with: parameters without an operator.
    pub(crate) arguments: Vec<(String, String)>,
}

impl Query {
    /// Reads a raw query string. With `call`, parameters without an operator are arguments and not faults.
    ///
    /// Of several faults the one is told that PostgREST looks for first, wherever it stands.
    pub(crate) fn parse(raw: &str, call: bool) -> Result<Self, QueryFault> {
        let pairs = decode(raw);
        let once = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.and_then(|(_, value)| value.as_deref())
        };
        let ending = |words: &'static [&'static str]| {
            pairs.iter().filter_map(move |(key, value)| {
                let last = key.rsplit('.').next().unwrap_or(key);
                let value = value.as_deref().filter(|_| words.contains(&last))?;
                Some((key.as_str(), value))
            })
        };
        let mut query = Self::default();
        for (key, value) in ending(&["order"]) {
            let (path, _) = tree_path(key)?;
            let terms = within("order", value, order::order)?;
            query.orders.push((path, terms));
        }
        let mut trees = Vec::new();
        for (key, value) in ending(&["and", "or"]) {
            trees.push(logic::logic(key, value)?);
        }
        if let Some(columns) = once("columns") {
            query.columns = Some(within("columns parameter", columns, names)?);
        }
        query.select = match once("select") {
            Some(value) => within("select parameter", value, select::select)?,
            None => vec![SelectItem::everything()],
        };
        for (key, value) in &pairs {
            let last = key.rsplit('.').next().unwrap_or(key);
            let is_filter = !matches!(last, "order" | "limit" | "offset" | "and" | "or")
                && !matches!(key.as_str(), "select" | "columns" | "on_conflict");
            if let Some(value) = value.as_deref().filter(|_| is_filter) {
                query.filter(key, value, call)?;
            }
        }
        query.conditions.append(&mut trees);
        if let Some(columns) = once("on_conflict") {
            query.on_conflict = Some(within("on_conflict parameter", columns, names)?);
        }
        query.spans(ending(&["limit"]), ending(&["offset"]))?;
        Ok(query)
    }

    fn filter(&mut self, key: &str, value: &str, call: bool) -> Result<(), QueryFault> {
        let (path, field) = tree_path(key)?;
        let name = field.name.clone();
        let mut cursor = Cursor::new(value);
        match filter::operator_expression(&mut cursor, false, field) {
            Ok(filter) => {
                self.filter_keys.push(key.to_owned());
                self.conditions.push((path, Condition::Filter(filter)));
            }
            Err(fault) if call && !fault.committed => self.arguments.push((name, value.to_owned())),
            Err(fault) => return Err(failed("filter", value, &fault)),
        }
        Ok(())
    }

    /// `limit` and `offset` of each level; of a repeated one the last counts.
    fn spans<'a>(
        &mut self,
        limits: impl Iterator<Item = (&'a str, &'a str)>,
        offsets: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), QueryFault> {
        type Given = (Option<Option<i64>>, Option<Option<i64>>);
        let mut given: Vec<(Path, Given)> = Vec::new();
        let mut at = |key: &str| -> Result<usize, QueryFault> {
            let (path, _) = tree_path(key)?;
            let known = given.iter().position(|(known, _)| *known == path);
            Ok(known.unwrap_or_else(|| {
                given.push((path, (None, None)));
                given.len() - 1
            }))
        };
        let mut read = Vec::new();
        for (key, value) in limits {
            read.push((at(key)?, true, number(value)));
        }
        for (key, value) in offsets {
            read.push((at(key)?, false, number(value)));
        }
        for (index, is_limit, number) in read {
            let (limit, offset) = &mut given[index].1;
            *(if is_limit { limit } else { offset }) = Some(number);
        }
        self.spans = given
            .into_iter()
            .map(|(path, (limit, offset))| (path, Span::of(limit, offset)))
            .collect();
        Ok(())
    }
}

/// A whole number; one that is too large for any table is cut.
fn number(text: &str) -> Option<i64> {
    const LARGEST: i128 = 1 << 61;
    let number: i128 = text.trim().parse().ok()?;
    i64::try_from(number.clamp(-LARGEST, LARGEST)).ok()
}

impl Span {
    /// Every row.
    pub(crate) const ALL: Self = Self {
        first: 0,
        last: None,
    };

    /// As PostgREST reckons: an offset beside a limit that is no number leaves nothing.
    fn of(limit: Option<Option<i64>>, offset: Option<Option<i64>>) -> Self {
        match (limit, offset) {
            (None, None) => Self::ALL,
            (Some(limit), None) => Self {
                first: 0,
                last: limit.map(|limit| limit - 1),
            },
            (None, Some(offset)) => Self {
                first: offset.unwrap_or(0),
                last: None,
            },
            (Some(limit), Some(offset)) => {
                let first = offset.unwrap_or(0);
                Self {
                    first,
                    last: Some(first + limit.unwrap_or(0) - 1),
                }
            }
        }
    }

    /// Whether no row is asked for, which is no fault.
    pub(crate) fn is_limit_zero(self) -> bool {
        self.last == Some(-1)
    }

    /// The rows that both hold.
    pub(crate) fn and(self, other: Self) -> Self {
        let last = match (self.last, other.last) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self {
            first: self.first.max(other.first),
            last,
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.last.is_some_and(|last| last < self.first)
    }

    /// As a page of at most `most` rows.
    pub(crate) fn page(self, most: i64) -> Page {
        let limit = self
            .last
            .map_or(most, |last| (last - self.first + 1).clamp(0, most));
        Page {
            limit: Some(limit),
            offset: self.first.max(0),
        }
    }
}

/// Runs a reader over `value` and puts PostgREST's words around its fault.
fn within<T>(
    what: &str,
    value: &str,
    read: impl FnOnce(&mut Cursor<'_>) -> Result<T, Fault>,
) -> Result<T, QueryFault> {
    read(&mut Cursor::new(value)).map_err(|fault| failed(what, value, &fault))
}

fn failed(what: &str, value: &str, fault: &Fault) -> QueryFault {
    QueryFault {
        message: format!(
            "\"failed to parse {what} ({value})\" (line {}, column {})",
            fault.line, fault.column
        ),
        details: fault.to_string(),
    }
}

/// `agent.data->a` as the embed path `[agent]` and the field. What follows the last name is ignored, as PostgREST does.
fn tree_path(key: &str) -> Result<(Path, Field), QueryFault> {
    within("tree path", key, |cursor| {
        let mut names = vec![cursor.field_name()?];
        while cursor.eat(".") {
            names.push(cursor.field_name()?);
        }
        let json = json_path(cursor)?;
        let name = names.pop().unwrap_or_default();
        Ok((names, Field { name, json }))
    })
}

fn names(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Fault> {
    let mut names = Vec::new();
    loop {
        cursor.skip_blanks();
        names.push(cursor.field_name()?);
        cursor.skip_blanks();
        if !cursor.eat(",") {
            return Ok(names);
        }
    }
}

fn field(cursor: &mut Cursor<'_>) -> Result<Field, Fault> {
    cursor.skip_blanks();
    let name = cursor.field_name()?;
    let json = json_path(cursor)?;
    Ok(Field { name, json })
}

fn json_path(cursor: &mut Cursor<'_>) -> Result<Vec<JsonStep>, Fault> {
    let mut steps = Vec::new();
    loop {
        let as_text = cursor.eat("->>");
        if !as_text && !cursor.eat("->") {
            return Ok(steps);
        }
        steps.push(JsonStep {
            as_text,
            key: json_key(cursor)?,
        });
    }
}

/// A number picks an element of a list if the path goes on or ends after it; else it is a key like others.
fn json_key(cursor: &mut Cursor<'_>) -> Result<JsonKey, Fault> {
    let mut ahead = cursor.clone();
    let negative = ahead.eat("-");
    let digits = ahead.take_while(|c| c.is_ascii_digit());
    let ends = ahead.at_end()
        || ["->", "::", ".", ","]
            .iter()
            .any(|end| ahead.rest().starts_with(end));
    let sign = if negative { "-" } else { "" };
    if !digits.is_empty()
        && ends
        && let Ok(index) = format!("{sign}{digits}").parse()
    {
        *cursor = ahead;
        return Ok(JsonKey::Index(index));
    }
    if negative && digits.is_empty() {
        return Err(ahead.fault("digit"));
    }
    if negative {
        return Err(ahead.fault_after_item("digit, \"->\", \"::\", \".\", \",\" or end of input"));
    }
    cursor.json_key_name().map(JsonKey::Name)
}
