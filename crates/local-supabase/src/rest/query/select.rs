//! `select=`: columns, embeds and spread embeds.

use super::{
    Field,
    cursor::{Cursor, Fault, MAX_DEPTH, is_name_character},
    json_path,
};

/// Whether rows without a partner stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    Left,
    Inner,
}

/// One item of a select list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SelectItem {
    /// `*`
    Star,
    /// `alias:field::cast`
    Column {
        field: Field,
        cast: Option<String>,
        alias: Option<String>,
    },
    /// `count()` or `column.sum()`: read, so that it can be refused by name.
    Aggregate,
    /// `alias:relation!hint!inner(…)`, or `...relation!hint(…)`.
    Embed {
        relation: String,
        alias: Option<String>,
        hint: Option<String>,
        join: Join,
        spread: bool,
        select: Vec<SelectItem>,
    },
}

impl SelectItem {
    /// What is selected where nothing is said.
    pub(crate) fn everything() -> Self {
        Self::Star
    }
}

const ITEM: &str = "\"...\", field name (* or [a..z0..9_$]), \"*\" or \"count()\"";

pub(super) fn select(cursor: &mut Cursor<'_>) -> Result<Vec<SelectItem>, Fault> {
    if cursor.at_end() {
        return Ok(vec![SelectItem::everything()]);
    }
    // What follows a last item is left unread, as the real server leaves it.
    list(cursor, 0)
}

fn list(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<SelectItem>, Fault> {
    if depth > MAX_DEPTH {
        return Err(cursor.fault("fewer nested embeds"));
    }
    let mut items = Vec::new();
    loop {
        items.push(item(cursor, depth)?);
        cursor.skip_blanks();
        if !cursor.eat(",") {
            return Ok(items);
        }
    }
}

fn item(cursor: &mut Cursor<'_>, depth: usize) -> Result<SelectItem, Fault> {
    cursor.skip_blanks();
    if cursor.eat("...") {
        let relation = cursor.field_name()?;
        let (hint, join) = embed_parameters(cursor)?;
        if !cursor.rest().starts_with('(') {
            return Err(cursor.fault("letter, digit, \"-\", \"!\" or \"(\""));
        }
        let select = nested(cursor, depth)?;
        return Ok(SelectItem::Embed {
            relation,
            alias: None,
            hint,
            join,
            spread: true,
            select,
        });
    }
    if cursor.eat("*") {
        return end_of_item(cursor, SelectItem::Star, "\")\", \",\" or end of input");
    }
    let start = cursor.clone();
    let alias = alias(cursor);
    if cursor.eat("count()") {
        return aggregate(cursor);
    }
    let quoted = cursor.peek() == Some('"');
    let name = cursor.field_name().map_err(|fault| {
        if alias.is_some() {
            fault
        } else {
            start.fault(ITEM)
        }
    })?;
    let mut ahead = cursor.clone();
    if name != "count"
        && let Ok((hint, join)) = embed_parameters(&mut ahead)
        && ahead.rest().starts_with('(')
    {
        *cursor = ahead;
        let select = nested(cursor, depth)?;
        return Ok(SelectItem::Embed {
            relation: name,
            alias,
            hint,
            join,
            spread: false,
            select,
        });
    }
    let json = json_path(cursor)?;
    let mut expecting = match (quoted, json.is_empty()) {
        (true, true) => "\"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input",
        (false, true) => {
            "letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input"
        }
        (_, false) => "\"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input",
    };
    cursor.skip_blanks();
    let cast_to = if cursor.eat("::") {
        expecting = "letter, digit, \".\", \"::\", \")\", \",\" or end of input";
        Some(cast(cursor)?)
    } else {
        None
    };
    if ["count", "sum", "avg", "max", "min"]
        .iter()
        .any(|name| cursor.eat(&format!(".{name}()")))
    {
        return aggregate(cursor);
    }
    let item = SelectItem::Column {
        field: Field { name, json },
        cast: cast_to,
        alias,
    };
    end_of_item(cursor, item, expecting)
}

/// `alias:` but not the start of `::cast`.
fn alias(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut ahead = cursor.clone();
    let name = ahead.field_name().ok()?;
    if !ahead.eat(":") || ahead.rest().starts_with(':') {
        return None;
    }
    *cursor = ahead;
    Some(name)
}

/// A type's name, which is the one text of a query that reaches SQL without quotes: hence so narrow.
fn cast(cursor: &mut Cursor<'_>) -> Result<String, Fault> {
    let name = cursor
        .take_while(|c| is_name_character(c) && c != '$')
        .trim();
    if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        Ok(name.to_owned())
    } else {
        Err(cursor.fault("letter or digit"))
    }
}

/// What stands behind the brackets of a function of many rows: a cast perhaps, and the end.
fn aggregate(cursor: &mut Cursor<'_>) -> Result<SelectItem, Fault> {
    if cursor.eat("::") {
        cast(cursor)?;
    }
    end_of_item(
        cursor,
        SelectItem::Aggregate,
        "\"::\", \")\", \",\" or end of input",
    )
}

fn embed_parameters(cursor: &mut Cursor<'_>) -> Result<(Option<String>, Join), Fault> {
    let (mut hint, mut join) = (None, Join::Left);
    for _ in 0..2 {
        if !cursor.eat("!") {
            break;
        }
        match cursor.field_name()?.as_str() {
            "inner" => join = Join::Inner,
            "left" => join = Join::Left,
            other => hint = Some(other.to_owned()),
        }
    }
    Ok((hint, join))
}

fn nested(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<SelectItem>, Fault> {
    cursor.expect("(", "\"(\"")?;
    // `relation()` embeds nothing, and only filters.
    if cursor.eat(")") {
        return Ok(Vec::new());
    }
    let items = list(cursor, depth + 1)?;
    cursor.expect(")", "\",\" or \")\"")?;
    Ok(items)
}

fn end_of_item(
    cursor: &Cursor<'_>,
    item: SelectItem,
    expecting: &'static str,
) -> Result<SelectItem, Fault> {
    match cursor.peek() {
        None | Some(',' | ')') => Ok(item),
        Some(_) => Err(cursor.fault_after_item(expecting)),
    }
}
