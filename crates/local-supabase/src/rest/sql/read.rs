//! Selects with their embeds, each a lateral join.

use super::{Statement, condition, qualified, quoted};
use crate::rest::{
    plan::{Embed, Output, ReadPlan},
    query::{Direction, Field, Join, JsonKey, JsonStep, Nulls, OrderTerm, Page},
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
    fn embedded(plan: &ReadPlan) -> Self {
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
        join(statement, embed, root);
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
        join(statement, embed, root);
    }
    condition::filter_rows(statement, plan, root, None);
}

/// The select of what a write returned or a function gave, read from `pgrst_source`.
pub(super) fn select_source(statement: &mut Statement, plan: &ReadPlan, paged: bool) {
    let alias = quoted(&plan.table.name.name);
    let root = Root {
        from: format!("pgrst_source as {alias}"),
        qualifier: alias,
    };
    if paged {
        select(statement, plan, &root);
        return;
    }
    outputs(statement, plan, &root);
    statement.push(" from ").push(&root.from);
    for embed in &plan.embeds {
        join(statement, embed, &root);
    }
    order(statement, plan, &root);
}

fn outputs(statement: &mut Statement, plan: &ReadPlan, root: &Root) {
    statement.push("select ");
    statement.list(&plan.outputs, |statement, output| match output {
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
        Output::Embed(index) => embedded(statement, &plan.embeds[*index]),
    });
}

/// The name of a JSON path is its last key, or else the column's.
fn name_of(field: &Field) -> &str {
    let last_key = field.json.iter().rev().find_map(|step| match &step.key {
        JsonKey::Name(name) => Some(name.as_str()),
        JsonKey::Index(_) => None,
    });
    last_key.unwrap_or(&field.name)
}

fn embedded(statement: &mut Statement, embed: &Embed) {
    let lateral = quoted(&embed.lateral);
    if embed.spread {
        statement.push(&lateral).push(".*");
    } else if embed.relationship.to_one() {
        statement
            .push("row_to_json(")
            .push(&lateral)
            .push(".*)::jsonb as ")
            .name(embed.key());
    } else {
        statement
            .push("coalesce(")
            .push(&lateral)
            .push(".")
            .push(&lateral)
            .push(", '[]') as ")
            .name(embed.key());
    }
}

fn join(statement: &mut Statement, embed: &Embed, parent: &Root) {
    let lateral = quoted(&embed.lateral);
    statement.push(match embed.join {
        Join::Left => " left join lateral (",
        Join::Inner => " inner join lateral (",
    });
    let to_one = embed.relationship.to_one();
    if !to_one {
        collected(statement, embed, &lateral);
    }
    partners(statement, embed, parent);
    if !to_one {
        statement.push(") as ").push(&lateral);
    }
    statement.push(") as ").push(&lateral).push(" on ");
    match (to_one, embed.join) {
        (false, Join::Inner) if !embed.spread => statement
            .push(&lateral)
            .push(".")
            .push(&lateral)
            .push(" is not null"),
        _ => statement.push("true"),
    };
}

/// Many rows become one JSON list; spread, one list for each column.
fn collected(statement: &mut Statement, embed: &Embed, lateral: &str) {
    if !embed.spread {
        statement
            .push("select json_agg(")
            .push(lateral)
            .push(")::jsonb as ")
            .push(lateral)
            .push(" from (");
        return;
    }
    let keys: Vec<String> = embed
        .plan
        .outputs
        .iter()
        .flat_map(|output| match output {
            Output::Star => embed
                .plan
                .table
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            Output::Column { field, alias, .. } => {
                vec![
                    alias
                        .as_deref()
                        .unwrap_or_else(|| name_of(field))
                        .to_owned(),
                ]
            }
            Output::Embed(index) => vec![embed.plan.embeds[*index].key().to_owned()],
        })
        .collect();
    statement.push("select ").list(&keys, |statement, key| {
        statement
            .push("coalesce(json_agg(")
            .push(lateral)
            .push(".")
            .name(key)
            .push("), '[]') as ")
            .name(key);
    });
    statement.push(" from (");
}

/// The rows of the other table that belong to the row of `parent`.
fn partners(statement: &mut Statement, embed: &Embed, parent: &Root) {
    let mut root = Root::embedded(&embed.plan);
    let alias = root.qualifier.clone();
    let mut link = String::new();
    let mut equal = |one: &str, own: &str, other: &str, foreign: &str| {
        if !link.is_empty() {
            link.push_str(" and ");
        }
        link.push_str(&format!(
            "{one}.{} = {other}.{}",
            quoted(own),
            quoted(foreign)
        ));
    };
    match &embed.relationship.junction {
        None => {
            for (own, foreign) in &embed.relationship.columns {
                equal(&alias, foreign, &parent.qualifier, own);
            }
        }
        Some(junction) => {
            let between = quoted(&format!("{}_{}", junction.table.name, embed.plan.depth));
            root.from = format!("{}, {} as {between}", root.from, qualified(&junction.table));
            for (own, near) in &embed.relationship.columns {
                equal(&between, near, &parent.qualifier, own);
            }
            for (far, foreign) in &junction.foreign_columns {
                equal(&alias, foreign, &between, far);
            }
        }
    }
    outputs(statement, &embed.plan, &root);
    statement.push(" from ").push(&root.from);
    for inner in &embed.plan.embeds {
        join(statement, inner, &root);
    }
    condition::filter_rows(statement, &embed.plan, &root, Some(&link));
    if !embed.relationship.to_one() {
        order(statement, &embed.plan, &root);
        page(statement, embed.plan.page);
    }
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
        .is_none_or(|column| matches!(column.type_name.as_str(), "json" | "jsonb"));
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

fn order(statement: &mut Statement, plan: &ReadPlan, root: &Root) {
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
                Some(embed) => partner_column(statement, embed, root, term),
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

/// A column of the one partner, to order by.
fn partner_column(statement: &mut Statement, embed: &Embed, parent: &Root, term: &OrderTerm) {
    let root = Root::embedded(&embed.plan);
    statement.push("(select ");
    column(statement, &embed.plan.table, &root.qualifier, &term.field);
    statement.push(" from ").push(&root.from).push(" where ");
    for (index, (own, foreign)) in embed.relationship.columns.iter().enumerate() {
        statement.push(if index > 0 { " and " } else { "" });
        statement
            .push(&root.qualifier)
            .push(".")
            .name(foreign)
            .push(" = ");
        statement.push(&parent.qualifier).push(".").name(own);
    }
    statement.push(")");
}

fn page(statement: &mut Statement, page: Page) {
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
