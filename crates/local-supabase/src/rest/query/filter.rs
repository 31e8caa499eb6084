//! Filters: `column=not.eq.value`.

use super::{
    Field,
    cursor::{Cursor, Fault, is_name_character},
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

/// Operators that may be followed by `(any)` or `(all)`.
fn takes_quantifier(name: &str) -> bool {
    QUANTIFIED.contains(&name)
}

const QUANTIFIED: [&str; 9] = [
    "eq", "gte", "gt", "lte", "lt", "like", "ilike", "match", "imatch",
];
const PLAIN: [&str; 9] = ["neq", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"];
const SEARCHES: [&str; 4] = ["fts", "plfts", "phfts", "wfts"];
const OPERATOR: &str = "operator (eq, gt, ...)";

/// `not.eq.value`. Inside a logic tree (`in_tree`) a value ends at `,` or `)`, else at the end.
pub(super) fn operator_expression(
    cursor: &mut Cursor<'_>,
    in_tree: bool,
    field: Field,
) -> Result<Filter, Fault> {
    let start = cursor.clone();
    let negated = cursor.eat("not.");
    match operation(cursor, in_tree) {
        Ok(operation) => Ok(Filter {
            field,
            negated,
            operation,
        }),
        Err(Some(fault)) => Err(fault.committed()),
        Err(None) if negated => Err(unknown_operator(cursor).committed()),
        Err(None) => Err(neither_not_nor_operator(&start)),
    }
}

/// No operator, nor a negated one: told is the reading that came furthest.
fn neither_not_nor_operator(cursor: &Cursor<'_>) -> Fault {
    let unknown = unknown_operator(cursor);
    let rest = cursor.rest();
    if rest.starts_with("not") {
        return cursor.fault_ahead(3, "delimiter (.)");
    }
    if unknown.position > cursor.fault("").position {
        return unknown;
    }
    cursor
        .fault("\"not\" or operator (eq, gt, ...)")
        .met(first_difference(rest, "not"))
}

/// The first character of `text` that is not the one of `word` at its place.
pub(super) fn first_difference(text: &str, word: &str) -> Option<char> {
    let mut expected = word.chars();
    text.chars().find(|c| expected.next() != Some(*c))
}

/// Tells how far the operator that comes nearest could be read.
fn unknown_operator(cursor: &Cursor<'_>) -> Fault {
    let rest = cursor.rest();
    let after = |word: &str| rest.strip_prefix(word);
    let mut furthest = 0;
    for word in ["in", "is", "isdistinct"] {
        if after(word).is_some() {
            furthest = furthest.max(word.len());
        }
    }
    for word in SEARCHES {
        if let Some(rest) = after(word) {
            let inner = rest.strip_prefix('(').map(|inner| {
                let length = inner.find(|c| !is_name_character(c)).unwrap_or(inner.len());
                let closed = length > 0 && inner[length..].starts_with(')');
                1 + length + usize::from(closed)
            });
            furthest = furthest.max(word.len() + inner.unwrap_or(0));
        }
    }
    if let Some(word) = PLAIN.iter().find(|word| after(word).is_some()) {
        furthest = furthest.max(word.len());
    }
    if let Some(word) = QUANTIFIED.iter().find(|word| after(word).is_some()) {
        let inner = after(word).and_then(|rest| rest.strip_prefix('('));
        let inner = inner.map(|inner| {
            let quantified = inner.starts_with("any") || inner.starts_with("all");
            match quantified {
                true if inner[3..].starts_with(')') => 5,
                true => 4,
                false => 1,
            }
        });
        furthest = furthest.max(word.len() + inner.unwrap_or(0));
    }
    let fault = cursor.fault_ahead(furthest, OPERATOR);
    if furthest == 0 {
        fault.met(first_difference(rest, "in"))
    } else {
        fault
    }
}

/// `Err(None)`: no operator stands here; `Err(Some(_))`: one does, and what follows it is wrong.
fn operation(cursor: &mut Cursor<'_>, in_tree: bool) -> Result<Operation, Option<Fault>> {
    if cursor.eat("in.") {
        return list(cursor).map(Operation::In).map_err(Some);
    }
    if cursor.eat("is.") {
        return trilean(cursor).map(Operation::Is).map_err(Some);
    }
    if cursor.eat("isdistinct.") {
        return Ok(Operation::IsDistinct(value(cursor, in_tree)));
    }
    let mut ahead = cursor.clone();
    let word = ahead.take_while(|c| c.is_ascii_alphabetic());
    let option = ahead.eat("(").then(|| ahead.take_while(is_name_character));
    if option.is_some() && !ahead.eat(")") || !ahead.eat(".") {
        return Err(None);
    }
    let operation = match (comparison(word), search(word), option) {
        (Some(operator), _, option) => {
            let quantifier = match option {
                None => None,
                Some("any") if takes_quantifier(word) => Some(Quantifier::Any),
                Some("all") if takes_quantifier(word) => Some(Quantifier::All),
                Some(_) => return Err(None),
            };
            Operation::Compare {
                operator,
                quantifier,
                value: value(&mut ahead, in_tree),
            }
        }
        (_, Some(mode), language) if language != Some("") => Operation::Search {
            mode,
            language: language.map(|language| language.trim().to_owned()),
            value: value(&mut ahead, in_tree),
        },
        _ => return Err(None),
    };
    *cursor = ahead;
    Ok(operation)
}

fn trilean(cursor: &mut Cursor<'_>) -> Result<Trilean, Fault> {
    let words = [
        ("null", Trilean::Null),
        ("not_null", Trilean::NotNull),
        ("true", Trilean::True),
        ("false", Trilean::False),
        ("unknown", Trilean::Unknown),
    ];
    let rest = cursor.rest();
    let furthest = words.iter().map(|(word, _)| {
        let pairs = rest.bytes().zip(word.bytes());
        pairs
            .take_while(|(here, there)| here.eq_ignore_ascii_case(there))
            .count()
    });
    let fault = cursor.fault_ahead(
        furthest.max().unwrap_or(0),
        "isVal: (null, not_null, true, false, unknown)",
    );
    words
        .into_iter()
        .find(|(word, _)| cursor.eat_ignoring_case(word))
        .map(|(_, trilean)| trilean)
        .ok_or(fault)
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
