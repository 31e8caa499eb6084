//! Embeds, each a lateral join.

use super::{
    Statement, condition, qualified, quoted,
    read::{Root, column, name_of, order, outputs, page},
};
use crate::rest::{
    plan::{Embed, Output},
    query::{Join, OrderTerm},
    schema::{Table, Writable},
};

/// The embed as a column of its parent.
pub(super) fn embedded(statement: &mut Statement, embed: &Embed) {
    let lateral = quoted(&embed.lateral);
    if embed.spread {
        statement.list(&shown_columns(embed), |statement, column| {
            statement.push(&lateral).push(".").push(column);
        });
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
        (false, Join::Inner) => statement
            .push(&lateral)
            .push(".")
            .push(&lateral)
            .push(" is not null"),
        _ => statement.push("true"),
    };
}

/// Many rows become one JSON list; spread, one list more for each column.
fn collected(statement: &mut Statement, embed: &Embed, lateral: &str) {
    statement
        .push("select json_agg(")
        .push(lateral)
        .push(")::jsonb as ")
        .push(lateral);
    if embed.spread {
        for name in keys(embed) {
            statement
                .push(", coalesce(json_agg(")
                .push(lateral)
                .push(".")
                .name(&name)
                .push("), '[]')::jsonb as ")
                .name(&name);
        }
    }
    statement.push(" from (");
}

/// What a spread embed adds to its parent, as SQL: `*`, or quoted names.
fn shown_columns(embed: &Embed) -> Vec<String> {
    let star = embed
        .plan
        .outputs
        .iter()
        .any(|output| matches!(output, Output::Star));
    if star && embed.relationship.to_one() {
        return vec!["*".to_owned()];
    }
    keys(embed).iter().map(|key| quoted(key)).collect()
}

/// The names under which an embed's own columns and embeds are shown.
fn keys(embed: &Embed) -> Vec<String> {
    let plan = &embed.plan;
    let shown = plan.outputs.iter().flat_map(|output| match output {
        Output::Star => plan
            .table
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect(),
        Output::Column { field, alias, .. } => {
            let name = alias.as_deref().unwrap_or_else(|| name_of(field));
            vec![name.to_owned()]
        }
        Output::Embed(index) => match &plan.embeds[*index] {
            inner if inner.is_empty() => Vec::new(),
            inner if inner.spread => keys(inner),
            inner => vec![inner.key().to_owned()],
        },
    });
    shown.collect()
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
    order(statement, &embed.plan, &root);
    // One partner is no longer than the longest list; without a limit the planner may choose another join.
    let cut = embed.plan.page;
    if !embed.relationship.to_one() || cut.limit == Some(0) || cut.offset > 0 {
        page(statement, cut);
    }
}

/// A column of the one partner, to order by: it must be among those that are shown.
pub(super) fn partner_column(statement: &mut Statement, embed: &Embed, term: &OrderTerm) {
    let anything = Table {
        name: embed.plan.table.name.clone(),
        columns: Vec::new(),
        primary_key: Vec::new(),
        writable: Writable::default(),
    };
    // What is shown may be an alias or a cast, so nothing is known of its type.
    column(statement, &anything, &quoted(&embed.lateral), &term.field);
}
