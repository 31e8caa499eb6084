//! `order=`.

use super::{
    Field,
    cursor::{Cursor, Fault},
    field,
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
        cursor.skip_blanks();
        if cursor.at_end() {
            return Ok(terms);
        }
        cursor.expect(",", "delimiter (.), \",\" or end of input")?;
    }
}

fn term(cursor: &mut Cursor<'_>) -> Result<OrderTerm, Fault> {
    let mut own = field(cursor)?;
    let mut relation = None;
    if own.json.is_empty() && cursor.eat("(") {
        relation = Some(own.name);
        own = field(cursor)?;
        cursor.expect(")", "\")\"")?;
    }
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
    if cursor.eat(".") {
        let expecting = match direction {
            None => "\"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"",
            Some(_) => "\"nullsfirst\" or \"nullslast\"",
        };
        return Err(cursor.fault(expecting));
    }
    Ok(OrderTerm {
        relation,
        field: own,
        direction,
        nulls,
    })
}
