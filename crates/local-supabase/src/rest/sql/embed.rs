//! Embeds, each a lateral join.

use super::{
    Statement, condition, qualified, quoted,
    read::{Root, column, name_of, order, outputs, page},
};
use crate::rest::{
    plan::{Embed, Output},
    query::{Join, OrderTerm},
};

/// The embed as a column of its parent.
pub(super) fn embedded(statement: &mut Statement, embed: &Embed) {
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

/// ` left join lateral (…)`
pub(super) fn join(statement: &mut Statement, embed: &Embed, parent: &Root) {
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

/// A column of the one partner, to order by.
pub(super) fn partner_column(
    statement: &mut Statement,
    embed: &Embed,
    parent: &Root,
    term: &OrderTerm,
) {
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
