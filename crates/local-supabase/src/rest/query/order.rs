//! `order=`.

use super::{
    Field,
    cursor::{Cursor, Fault},
    field,
    filter::first_difference,
};

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Asc,
    Desc,
}

/// Where nulls go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    First,
    Last,
}

/// One term, such as `agent(name).desc.nullslast`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderTerm {
    /// The embed whose field it is; `None` for the level's own.
    pub(crate) relation: Option<String>,
    pub(crate) field: Field,
    pub(crate) direction: Option<Direction>,
    pub(crate) nulls: Option<Nulls>,
}

pub(super) fn order(cursor: &mut Cursor<'_>) -> Result<Vec<OrderTerm>, Fault> {
    let mut terms = Vec::new();
    loop {
        terms.push(term(cursor)?);
        if !cursor.eat(",") {
            return Ok(terms);
        }
    }
}

fn term(cursor: &mut Cursor<'_>) -> Result<OrderTerm, Fault> {
    cursor.skip_blanks();
    let mut ahead = cursor.clone();
    let (relation, own) = match of_relation(&mut ahead) {
        Some((relation, own)) => {
            *cursor = ahead;
            (Some(relation), own)
        }
        None => (None, field(cursor)?),
    };
    let direction = if cursor.eat(".asc") {
        Some(Direction::Asc)
    } else if cursor.eat(".desc") {
        Some(Direction::Desc)
    } else {
        None
    };
    let nulls = if cursor.eat(".nullsfirst") {
        Some(Nulls::First)
    } else if cursor.eat(".nullslast") {
        Some(Nulls::Last)
    } else {
        None
    };
    if !cursor.at_end() && cursor.peek() != Some(',') {
        return Err(fault(cursor, &own, direction, nulls));
    }
    Ok(OrderTerm {
        relation,
        field: own,
        direction,
        nulls,
    })
}

/// `agent(name)`
fn of_relation(cursor: &mut Cursor<'_>) -> Option<(String, Field)> {
    let name = cursor.field_name().ok()?;
    let own = cursor.eat("(").then(|| field(cursor).ok()).flatten()?;
    cursor.eat(")").then_some((name, own))
}

/// What else could have stood here, word by word as PostgREST lists it.
fn fault(
    cursor: &mut Cursor<'_>,
    own: &Field,
    direction: Option<Direction>,
    nulls: Option<Nulls>,
) -> Fault {
    if nulls.is_some() {
        return cursor.fault_after_item("\",\" or end of input");
    }
    if cursor.eat(".") {
        let (expecting, first) = match direction {
            None => ("\"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"", "asc"),
            Some(_) => ("\"nullsfirst\" or \"nullslast\"", "nullsfirst"),
        };
        let met = first_difference(cursor.rest(), first);
        return cursor.fault(expecting).met(met);
    }
    cursor.fault_after_item(match (direction, own.json.is_empty()) {
        (Some(_), _) => "delimiter (.), \",\" or end of input",
        (None, false) => "\"->>\", \"->\", delimiter (.), \",\" or end of input",
        (None, true) => {
            "letter, digit, \"-\", \"->>\", \"->\", delimiter (.), \",\" or end of input"
        }
    })
}
