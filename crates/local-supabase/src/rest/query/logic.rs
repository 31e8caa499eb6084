//! Trees of filters: `and=(…)` and `or=(…)`.

use super::{
    Path, QueryFault,
    cursor::{Cursor, FIELD_NAME, Fault, MAX_DEPTH},
    failed, field,
    filter::{Condition, Filter, LIST_END, first_difference, operator_expression},
    within,
};

/// `agent.not.or=(a.eq.1,b.eq.2)`: the path is before the word.
pub(super) fn logic(key: &str, value: &str) -> Result<(Path, Condition), QueryFault> {
    let mut path = within("logic path", key, |cursor| {
        let mut names = vec![cursor.field_name()?];
        while cursor.eat(".") {
            names.push(cursor.field_name()?);
        }
        Ok(names)
    })?;
    let word = path.pop().unwrap_or_default();
    let negated = path.iter().any(|name| name == "not");
    path.retain(|name| name != "not");
    let text = format!("{}{word}{value}", if negated { "not." } else { "" });
    let condition =
        tree(&mut Cursor::new(&text), 0).map_err(|fault| failed("logic tree", value, &fault))?;
    Ok((path, condition))
}

fn tree(cursor: &mut Cursor<'_>, depth: usize) -> Result<Condition, Fault> {
    if depth > MAX_DEPTH {
        return Err(cursor.fault("fewer nested conditions"));
    }
    let mut ahead = cursor.clone();
    match filter(&mut ahead) {
        Ok(filter) => {
            *cursor = ahead;
            Ok(Condition::Filter(filter))
        }
        Err(fault) => expression(cursor, depth, fault),
    }
}

fn filter(cursor: &mut Cursor<'_>) -> Result<Filter, Fault> {
    let field = field(cursor)?;
    cursor.skip_blanks();
    cursor.expect(".", "delimiter (.)")?;
    operator_expression(cursor, true, field)
}

const OPERATOR: &str = "logic operator (and, or)";
const NEGATION_OR_OPERATOR: &str = "negation operator (not) or logic operator (and, or)";
const ANYTHING: &str =
    "field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)";

/// `not.and(…)`. `no_filter` says why what stands here is no filter.
fn expression(cursor: &mut Cursor<'_>, depth: usize, no_filter: Fault) -> Result<Condition, Fault> {
    let negated = cursor.eat("not.");
    let all = cursor.eat("and");
    if !all && !cursor.eat("or") {
        let unknown = cursor.fault(OPERATOR);
        if negated {
            return Err(unknown);
        }
        // An `o` is taken for the start of `or`, and then there is no way back.
        if cursor.rest().starts_with('o') {
            let met = first_difference(cursor.rest(), "or");
            return Err(cursor.fault("\"or\"").met(met));
        }
        return Err(if no_filter.position > unknown.position {
            no_filter
        } else if no_filter.expecting == FIELD_NAME {
            cursor.fault(ANYTHING)
        } else {
            cursor.fault(NEGATION_OR_OPERATOR)
        });
    }
    cursor.skip_blanks();
    cursor.expect("(", "\"(\"")?;
    let conditions = members(cursor, depth)?;
    Ok(if all {
        Condition::All {
            negated,
            conditions,
        }
    } else {
        Condition::Any {
            negated,
            conditions,
        }
    })
}

fn members(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Condition>, Fault> {
    let mut conditions = Vec::new();
    loop {
        cursor.skip_blanks();
        conditions.push(tree(cursor, depth + 1)?);
        cursor.skip_blanks();
        if cursor.eat(",") {
            continue;
        }
        cursor.expect(")", LIST_END)?;
        cursor.skip_blanks();
        return Ok(conditions);
    }
}
