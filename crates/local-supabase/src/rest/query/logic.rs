//! Trees of filters: `and=(…)` and `or=(…)`.

use super::{
    Path, QueryFault,
    cursor::{Cursor, Fault, MAX_DEPTH},
    failed, field,
    filter::{Condition, LIST_END, operator_expression},
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
    cursor.skip_blanks();
    let mut ahead = cursor.clone();
    let negated = ahead.eat("not.");
    let all = ahead.eat("and");
    if all || ahead.eat("or") {
        ahead.skip_blanks();
        if ahead.eat("(") {
            *cursor = ahead;
            let conditions = members(cursor, depth)?;
            return Ok(if all {
                Condition::All {
                    negated,
                    conditions,
                }
            } else {
                Condition::Any {
                    negated,
                    conditions,
                }
            });
        }
    }
    let field = field(cursor)?;
    cursor.expect(".", "delimiter (.)")?;
    operator_expression(cursor, true, field).map(Condition::Filter)
}

fn members(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Condition>, Fault> {
    let mut conditions = Vec::new();
    loop {
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
