//! Inserts, upserts, updates and deletes. The write is a CTE; what it returns is then read like a table.

use super::{Shape, Statement, Total, condition, qualified, read, result};
use crate::rest::{
    payload::Payload,
    plan::{Output, ReadPlan},
    query::Condition,
    schema::{Column, Table},
};

/// What a write gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returning {
    /// Only how many rows.
    Nothing,
    /// What `select` asks for, though only the primary key is shown, in `Location`.
    Unshown,
    /// What `select` asks for.
    Selected,
}

/// What to do with rows that are there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// Columns of a unique constraint.
    pub(crate) columns: Vec<String>,
    /// Overwrite (`merge-duplicates`) or leave alone (`ignore-duplicates`).
    pub(crate) merge: bool,
}

/// Everything about an insert but its rows.
#[derive(Debug, Clone)]
pub(crate) struct Insert<'a> {
    pub(crate) columns: &'a [Column],
    pub(crate) conflict: Option<Conflict>,
    /// Keys that a row lacks take the column's default and not null.
    pub(crate) missing_default: bool,
    /// Conditions that the new row must meet (PUT).
    pub(crate) conditions: &'a [Condition],
}

/// `insert …`, and with a conflict an upsert; the number of overwritten rows is left in `pgrst.updated`.
pub(crate) fn insert(
    plan: &ReadPlan,
    insert: &Insert<'_>,
    payload: &Payload,
    returning: Returning,
    shape: Shape,
) -> Statement {
    let names = names_of(insert.columns);
    let mut statement = Statement::default();
    statement
        .push("with pgrst_source as (insert into ")
        .push(&qualified(&plan.table.name));
    if !names.is_empty() {
        statement.push(" (").names(&names).push(")");
    }
    statement.push(" select ").list(&names, |statement, name| {
        statement.push("pgrst_body.").name(name);
    });
    body_rows(
        &mut statement,
        insert.columns,
        payload,
        insert.missing_default,
    );
    for (index, condition) in insert.conditions.iter().enumerate() {
        statement.push(if index > 0 { " and " } else { " where " });
        condition::write(&mut statement, plan, "pgrst_body", condition);
    }
    if let Some(conflict) = &insert.conflict {
        statement
            .push(" on conflict (")
            .names(&conflict.columns)
            .push(")");
        if conflict.merge && !names.is_empty() {
            statement
                .push(" do update set ")
                .list(&names, |statement, name| {
                    statement.name(name).push(" = excluded.").name(name);
                });
            statement.push(
                " where set_config('pgrst.updated', (coalesce(nullif(current_setting('pgrst.updated', true), \
                 '')::int, 0) + 1)::text, true) <> ''",
            );
        } else {
            statement.push(" do nothing");
        }
    }
    finish(statement, plan, returning, shape)
}

/// `update … where …`; with nothing to set it changes no row.
pub(crate) fn update(
    plan: &ReadPlan,
    columns: &[Column],
    payload: &Payload,
    missing_default: bool,
    returning: Returning,
    shape: Shape,
) -> Statement {
    let mut statement = Statement::default();
    let table = qualified(&plan.table.name);
    if columns.is_empty() {
        statement.push("with pgrst_source as (select ");
        returned(&mut statement, plan, returning, &table);
        statement.push(" from ").push(&table).push(" where false)");
        return read_back(statement, plan, returning, shape);
    }
    statement
        .push("with pgrst_source as (update ")
        .push(&table)
        .push(" set ");
    statement.list(&names_of(columns), |statement, name| {
        statement.name(name).push(" = pgrst_body.").name(name);
    });
    body_rows(&mut statement, columns, payload, missing_default);
    conditions(&mut statement, plan, &table);
    finish(statement, plan, returning, shape)
}

/// `delete … where …`
pub(crate) fn delete(plan: &ReadPlan, returning: Returning, shape: Shape) -> Statement {
    let mut statement = Statement::default();
    let table = qualified(&plan.table.name);
    statement
        .push("with pgrst_source as (delete from ")
        .push(&table);
    conditions(&mut statement, plan, &table);
    finish(statement, plan, returning, shape)
}

fn conditions(statement: &mut Statement, plan: &ReadPlan, table: &str) {
    let root = read::Root {
        from: table.to_owned(),
        qualifier: table.to_owned(),
    };
    condition::filter_rows(statement, plan, &root, None);
}

fn names_of(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}

/// ` from … pgrst_body`: the rows of the payload, typed as the table's columns.
fn body_rows(
    statement: &mut Statement,
    columns: &[Column],
    payload: &Payload,
    missing_default: bool,
) {
    let one = payload.is_object();
    if columns.is_empty() {
        // No columns, yet as many rows as the payload has objects.
        statement.push(" from json_array_elements(");
        statement.push(if one { "json_build_array(" } else { "(" });
        statement.bind(payload.json()).push("::json)) pgrst_body");
        return;
    }
    let defaults: Vec<&Column> = columns
        .iter()
        .filter(|column| missing_default && column.default.is_some())
        .collect();
    statement.push(" from (select * from ");
    if defaults.is_empty() {
        statement.push(if one {
            "json_to_record("
        } else {
            "json_to_recordset("
        });
        statement.bind(payload.json()).push("::json)");
    } else {
        statement
            .push("(select jsonb_build_object(")
            .list(&defaults, |statement, column| {
                statement.bind(column.name.as_str()).push("::text, ");
                statement.push(column.default.as_deref().unwrap_or("null"));
            });
        statement.push(") || pgrst_item as json from jsonb_array_elements(");
        statement.push(if one { "jsonb_build_array(" } else { "(" });
        statement
            .bind(payload.json())
            .push("::jsonb)) pgrst_item) pgrst_items, jsonb_to_record(pgrst_items.json)");
    }
    statement
        .push(" as pgrst_row (")
        .list(columns, |statement, column| {
            statement
                .name(&column.name)
                .push(" ")
                .push(&column.type_name);
        });
    statement.push(")) pgrst_body");
}

fn finish(
    mut statement: Statement,
    plan: &ReadPlan,
    returning: Returning,
    shape: Shape,
) -> Statement {
    statement.push(" returning ");
    returned(
        &mut statement,
        plan,
        returning,
        &qualified(&plan.table.name),
    );
    statement.push(")");
    read_back(statement, plan, returning, shape)
}

fn read_back(
    mut statement: Statement,
    plan: &ReadPlan,
    returning: Returning,
    shape: Shape,
) -> Statement {
    result(&mut statement, shape, Total::Unknown);
    statement.push(" from (");
    if returning == Returning::Selected {
        read::select_source(&mut statement, plan, false);
    } else {
        statement.push("select * from pgrst_source");
    }
    statement.push(") _postgrest_t");
    statement
}

/// The columns that what is read afterwards needs, and no others: a caller may not be allowed to see the rest.
fn returned(statement: &mut Statement, plan: &ReadPlan, returning: Returning, qualifier: &str) {
    let columns = match returning {
        Returning::Nothing => Vec::new(),
        Returning::Unshown | Returning::Selected if selects_everything(plan) => {
            statement.push(qualifier).push(".*");
            return;
        }
        Returning::Unshown | Returning::Selected => needed(plan),
    };
    if columns.is_empty() {
        statement.push("1");
    }
    statement.list(&columns, |statement, column| {
        statement.push(qualifier).push(".").name(column);
    });
}

fn selects_everything(plan: &ReadPlan) -> bool {
    plan.outputs
        .iter()
        .any(|output| matches!(output, Output::Star))
}

fn needed(plan: &ReadPlan) -> Vec<String> {
    let mut columns = Vec::new();
    let selected = plan.outputs.iter().filter_map(|output| match output {
        Output::Column { field, .. } => Some(&field.name),
        Output::Star | Output::Embed(_) => None,
    });
    let joined = plan
        .embeds
        .iter()
        .flat_map(|embed| embed.relationship.columns.iter().map(|(own, _)| own));
    for column in selected.chain(joined).chain(&plan.table.primary_key) {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    columns
}

/// The columns that `keys` name; the first that the table lacks is the error.
pub(crate) fn columns_of<'a>(
    table: &Table,
    keys: impl Iterator<Item = &'a String>,
) -> Result<Vec<Column>, String> {
    keys.map(|key| table.column(key).cloned().ok_or_else(|| key.clone()))
        .collect()
}
