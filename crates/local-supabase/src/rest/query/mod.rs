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
pub(crate) use parameters::{canonical, decode};
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

/// A whole query string.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Query {
    pub(crate) select: Vec<SelectItem>,
    pub(crate) conditions: Vec<(Path, Condition)>,
    pub(crate) orders: Vec<(Path, Vec<OrderTerm>)>,
    pub(crate) pages: Vec<(Path, Page)>,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) on_conflict: Option<Vec<String>>,
    /// What a function is called with: parameters without an operator.
    pub(crate) arguments: Vec<(String, String)>,
}

impl Query {
    /// Reads a raw query string. With `call`, parameters without an operator are arguments and not faults.
    pub(crate) fn parse(raw: &str, call: bool) -> Result<Self, QueryFault> {
        let mut query = Self {
            select: vec![SelectItem::everything()],
            ..Self::default()
        };
        for (key, value) in decode(raw) {
            let Some(value) = value else { continue };
            query.read(&key, value, call)?;
        }
        Ok(query)
    }

    fn read(&mut self, key: &str, value: String, call: bool) -> Result<(), QueryFault> {
        let last = key.rsplit('.').next().unwrap_or(key);
        match (key, last) {
            ("select", _) => self.select = within("select parameter", &value, select::select)?,
            ("columns", _) => self.columns = Some(within("columns parameter", &value, names)?),
            ("on_conflict", _) => {
                self.on_conflict = Some(within("on_conflict parameter", &value, names)?);
            }
            (_, "order") => {
                let path = parent(&tree_path(key)?);
                self.orders
                    .push((path, within("order", &value, order::order)?));
            }
            (_, "limit") => self.page(key)?.limit = value.trim().parse().ok(),
            (_, "offset") => self.page(key)?.offset = value.trim().parse().unwrap_or(0),
            (_, "and" | "or") => self.conditions.push(logic::logic(key, &value)?),
            _ if call && !key.contains('.') && !filter::starts_with_operator(&value) => {
                self.arguments.push((key.to_owned(), value));
            }
            _ => {
                let (path, field) = tree_path(key)?;
                let filter = within("filter", &value, |cursor| {
                    filter::operator_expression(cursor, false, field)
                })?;
                self.conditions.push((path, Condition::Filter(filter)));
            }
        }
        Ok(())
    }

    fn page(&mut self, key: &str) -> Result<&mut Page, QueryFault> {
        let path = parent(&tree_path(key)?);
        let index = match self.pages.iter().position(|(known, _)| *known == path) {
            Some(index) => index,
            None => {
                self.pages.push((path, Page::default()));
                self.pages.len() - 1
            }
        };
        Ok(&mut self.pages[index].1)
    }
}

fn parent((path, _): &(Path, Field)) -> Path {
    path.clone()
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
            "\"failed to parse {what} ({value})\" (line 1, column {})",
            fault.column
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

fn json_key(cursor: &mut Cursor<'_>) -> Result<JsonKey, Fault> {
    let mut ahead = cursor.clone();
    let sign = if ahead.eat("-") { "-" } else { "" };
    let digits = ahead.take_while(|c| c.is_ascii_digit());
    let ends = ahead.at_end()
        || ["->", "::", ".", ",", ")"]
            .iter()
            .any(|end| ahead.rest().starts_with(end));
    if !digits.is_empty()
        && ends
        && let Ok(index) = format!("{sign}{digits}").parse()
    {
        *cursor = ahead;
        return Ok(JsonKey::Index(index));
    }
    cursor.field_name().map(JsonKey::Name)
}
