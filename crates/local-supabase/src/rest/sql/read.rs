//! Selects: what is shown, in which order, which page.

use super::{Statement, condition, embed, qualified, quoted};
use crate::rest::{
    plan::{Output, ReadPlan},
    query::{Direction, Field, Join, JsonKey, JsonStep, Nulls, Page},
    schema::Table,
};

/// Where a select reads from, and how its columns are qualified there.
#[derive(Debug, Clone)]
pub(super) struct Root {
    pub(super) from: String,
    pub(super) qualifier: String,
}

impl Root {
    /// The alias that PostgREST gives to an embedded table, which is seen in error messages.
    pub(super) fn embedded(plan: &ReadPlan) -> Self {
        let alias = quoted(&format!("{}_{}", plan.table.name.name, plan.depth));
        Self {
            from: format!("{} as {alias}", qualified(&plan.table.name)),
            qualifier: alias,
        }
    }
}

/// `select … from … where … order by … limit …`
pub(super) fn select(statement: &mut Statement, plan: &ReadPlan, root: &Root) {
    outputs(statement, plan, root);
    statement.push(" from ").push(&root.from);
    for embed in &plan.embeds {
        embed::join(statement, embed, root);
    }
    condition::filter_rows(statement, plan, root, None);
    order(statement, plan, root);
    page(statement, plan.page);
}

/// `select 1 from … where …`, with the joins that decide which rows there are.
pub(super) fn count(statement: &mut Statement, plan: &ReadPlan, root: &Root) {
    statement.push("select 1 from ").push(&root.from);
    let decisive =
        plan.embeds.iter().any(|embed| embed.join == Join::Inner) || condition::tests_embeds(plan);
    for embed in plan.embeds.iter().filter(|_| decisive) {
        embed::join(statement, embed, root);
    }
    condition::filter_rows(statement, plan, root, None);
}

/// What a write returned or a function gave, under the name of its table.
pub(super) fn source(plan: &ReadPlan) -> Root {
    let alias = quoted(&plan.table.name.name);
    Root {
        from: format!("pgrst_source as {alias}"),
        qualifier: alias,
    }
}

/// The select of what a write returned or a function gave, read from `pgrst_source`.
pub(super) fn select_source(statement: &mut Statement, plan: &ReadPlan, paged: bool) {
    let root = source(plan);
    if paged {
        select(statement, plan, &root);
        return;
    }
    outputs(statement, plan, &root);
    statement.push(" from ").push(&root.from);
    for embed in &plan.embeds {
        embed::join(statement, embed, &root);
    }
    order(statement, plan, &root);
}

pub(super) fn outputs(statement: &mut Statement, plan: &ReadPlan, root: &Root) {
    statement.push("select ");
    if plan.outputs.is_empty() {
        statement.push(&root.qualifier).push(".*");
        return;
    }
    let shown: Vec<&Output> = plan
        .outputs
        .iter()
        .filter(|output| match output {
            Output::Star | Output::Column { .. } => true,
            Output::Embed(index) => !plan.embeds[*index].is_empty(),
        })
        .collect();
    statement.list(&shown, |statement, output| match output {
        Output::Star => {
            statement.push(&root.qualifier).push(".*");
        }
        Output::Column { field, cast, alias } => {
            if cast.is_some() {
                statement.push("cast(");
            }
            column(statement, &plan.table, &root.qualifier, field);
            if let Some(cast) = cast {
                statement.push(" as ").push(cast).push(")");
            }
            statement
                .push(" as ")
                .name(alias.as_deref().unwrap_or_else(|| name_of(field)));
        }
        Output::Embed(index) => embed::embedded(statement, &plan.embeds[*index]),
    });
}

/// The name of a JSON path is its last key, or else the column's.
pub(super) fn name_of(field: &Field) -> &str {
    let last_key = field.json.iter().rev().find_map(|step| match &step.key {
        JsonKey::Name(name) => Some(name.as_str()),
        JsonKey::Index(_) => None,
    });
    last_key.unwrap_or(&field.name)
}

/// A column, or what its JSON path leads to.
pub(super) fn column(statement: &mut Statement, table: &Table, qualifier: &str, field: &Field) {
    if field.json.is_empty() {
        statement.push(qualifier).push(".");
        if field.name == "*" {
            statement.push("*")
        } else {
            statement.name(&field.name)
        };
        return;
    }
    let is_json = table
        .column(&field.name)
        .is_some_and(|column| matches!(column.type_name.as_str(), "json" | "jsonb"));
    statement.push("(");
    // Rows and arrays have paths too, once they are JSON.
    statement.push(if is_json { "" } else { "to_jsonb(" });
    statement.push(qualifier).push(".").name(&field.name);
    statement.push(if is_json { "" } else { ")" });
    for JsonStep { as_text, key } in &field.json {
        statement.push(if *as_text { " ->> " } else { " -> " });
        match key {
            JsonKey::Name(name) => statement.bind(name.as_str()).push("::text"),
            JsonKey::Index(index) => statement.push(&format!("({index})")),
        };
    }
    statement.push(")");
}

pub(super) fn order(statement: &mut Statement, plan: &ReadPlan, root: &Root) {
    if plan.order.is_empty() {
        return;
    }
    statement
        .push(" order by ")
        .list(&plan.order, |statement, term| {
            match term
                .relation
                .as_deref()
                .and_then(|relation| plan.embed(relation))
            {
                Some(embed) => embed::partner_column(statement, embed, term),
                None => column(statement, &plan.table, &root.qualifier, &term.field),
            }
            statement.push(match term.direction {
                None => "",
                Some(Direction::Asc) => " asc",
                Some(Direction::Desc) => " desc",
            });
            statement.push(match term.nulls {
                None => "",
                Some(Nulls::First) => " nulls first",
                Some(Nulls::Last) => " nulls last",
            });
        });
}

pub(super) fn page(statement: &mut Statement, page: Page) {
    if let Some(limit) = page.limit {
        statement
            .push(" limit ")
            .bind(limit.to_string())
            .push("::bigint");
    }
    if page.offset > 0 {
        statement
            .push(" offset ")
            .bind(page.offset.to_string())
            .push("::bigint");
    }
}
