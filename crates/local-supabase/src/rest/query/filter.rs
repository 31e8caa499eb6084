//! Filters: `column=not.eq.value`.

use super::{
    Field,
    cursor::{Cursor, Fault},
};

/// A filter, or filters joined by a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Filter(Filter),
    All {
        negated: bool,
        conditions: Vec<Condition>,
    },
    Any {
        negated: bool,
        conditions: Vec<Condition>,
    },
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) field: Field,
    pub(crate) negated: bool,
    pub(crate) operation: Operation,
}

/// What a column is compared with, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A binary operator of SQL, for example `=`.
    Compare {
        operator: &'static str,
        quantifier: Option<Quantifier>,
        value: String,
    },
    In(Vec<String>),
    Is(Trilean),
    IsDistinct(String),
    Search {
        mode: FtsMode,
        language: Option<String>,
        value: String,
    },
}

/// `eq(any).{1,2}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    Any,
    All,
}

/// What may follow `is.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trilean {
    Null,
    NotNull,
    True,
    False,
    Unknown,
}

/// The functions that make a text search query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FtsMode {
    Query,
    Plain,
    Phrase,
    Web,
}

pub(super) const LIST_END: &str = "\",\" or \")\"";

/// Operators that compare with one value.
fn comparison(name: &str) -> Option<&'static str> {
    Some(match name {
        "eq" => "=",
        "neq" => "<>",
        "gt" => ">",
        "gte" => ">=",
        "lt" => "<",
        "lte" => "<=",
        "like" => "like",
        "ilike" => "ilike",
        "match" => "~",
        "imatch" => "~*",
        "cs" => "@>",
        "cd" => "<@",
        "ov" => "&&",
        "sl" => "<<",
        "sr" => ">>",
        "nxr" => "&<",
        "nxl" => "&>",
        "adj" => "-|-",
        _ => return None,
    })
}

fn search(name: &str) -> Option<FtsMode> {
    Some(match name {
        "fts" => FtsMode::Query,
        "plfts" => FtsMode::Plain,
        "phfts" => FtsMode::Phrase,
        "wfts" => FtsMode::Web,
        _ => return None,
    })
}

/// Whether a value reads as a filter; without one, a function's parameter is an argument.
pub(super) fn starts_with_operator(value: &str) -> bool {
    let value = value.strip_prefix("not.").unwrap_or(value);
    let Some((word, _)) = value.split_once('.') else {
        return false;
    };
    let word = word.split('(').next().unwrap_or(word);
    matches!(word, "is" | "in" | "isdistinct")
        || comparison(word).is_some()
        || search(word).is_some()
}

/// `not.eq.value`. Inside a logic tree (`in_tree`) a value ends at `,` or `)`, else at the end.
pub(super) fn operator_expression(
    cursor: &mut Cursor<'_>,
    in_tree: bool,
    field: Field,
) -> Result<Filter, Fault> {
    let negated = cursor.eat("not.");
    let operation = operation(cursor, in_tree, negated)?;
    Ok(Filter {
        field,
        negated,
        operation,
    })
}

fn operation(cursor: &mut Cursor<'_>, in_tree: bool, negated: bool) -> Result<Operation, Fault> {
    if cursor.eat("in.") {
        return list(cursor).map(Operation::In);
    }
    if cursor.eat("is.") {
        return trilean(cursor).map(Operation::Is);
    }
    if cursor.eat("isdistinct.") {
        return Ok(Operation::IsDistinct(value(cursor, in_tree)));
    }
    let unknown = cursor.fault(if negated {
        "operator (eq, gt, ...)"
    } else {
        "\"not\" or operator (eq, gt, ...)"
    });
    let word = cursor.take_while(|c| c.is_ascii_alphabetic());
    let (comparison, search) = (comparison(word), search(word));
    let option = cursor
        .eat("(")
        .then(|| cursor.take_while(|c| c != ')' && c != '.'));
    if option.is_some() && !cursor.eat(")") || !cursor.eat(".") {
        return Err(unknown);
    }
    match (comparison, search, option) {
        (Some(operator), _, option) => {
            let quantifier = match option {
                None => None,
                Some("any") => Some(Quantifier::Any),
                Some("all") => Some(Quantifier::All),
                Some(_) => return Err(unknown),
            };
            Ok(Operation::Compare {
                operator,
                quantifier,
                value: value(cursor, in_tree),
            })
        }
        (_, Some(mode), language) => Ok(Operation::Search {
            mode,
            language: language.map(str::to_owned),
            value: value(cursor, in_tree),
        }),
        _ => Err(unknown),
    }
}

fn trilean(cursor: &mut Cursor<'_>) -> Result<Trilean, Fault> {
    let words = [
        ("not_null", Trilean::NotNull),
        ("null", Trilean::Null),
        ("true", Trilean::True),
        ("false", Trilean::False),
        ("unknown", Trilean::Unknown),
    ];
    words
        .into_iter()
        .find(|(word, _)| cursor.eat_ignoring_case(word))
        .map(|(_, trilean)| trilean)
        .ok_or_else(|| cursor.fault("isVal: (null, not_null, true, false, unknown)"))
}

/// `(a,"b,c",d)`; `()` is the empty list.
fn list(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Fault> {
    cursor.skip_blanks();
    cursor.expect("(", "\"(\"")?;
    cursor.skip_blanks();
    let mut values = Vec::new();
    loop {
        values.push(delimited(cursor));
        if cursor.eat(",") {
            continue;
        }
        cursor.expect(")", LIST_END)?;
        if values == [""] {
            values.clear();
        }
        return Ok(values);
    }
}

/// A value that ends at `,` or `)`, unless it is quoted.
fn delimited(cursor: &mut Cursor<'_>) -> String {
    let mut ahead = cursor.clone();
    if let Some(quoted) = ahead.quoted()
        && matches!(ahead.peek(), None | Some(',' | ')'))
    {
        *cursor = ahead;
        return quoted;
    }
    cursor.take_while(|c| c != ',' && c != ')').to_owned()
}

fn value(cursor: &mut Cursor<'_>, in_tree: bool) -> String {
    if !in_tree {
        return cursor.take_while(|_| true).to_owned();
    }
    // `{a,b}`: the commas of an array do not end the value.
    if let Some(inner) = cursor.rest().strip_prefix('{')
        && let Some(end) = inner.find(['{', '}'])
        && inner[end..].starts_with('}')
    {
        let array = format!("{{{}}}", &inner[..end]);
        cursor.eat(&array);
        return array;
    }
    delimited(cursor)
}
