//! `where …`

use super::{Statement, quoted, read};
use crate::rest::{
    plan::ReadPlan,
    query::{Condition, Filter, FtsMode, Operation, Quantifier, Trilean},
};

/// Writes the level's conditions, after `link` if there is one.
pub(super) fn filter_rows(
    statement: &mut Statement,
    plan: &ReadPlan,
    root: &read::Root,
    link: Option<&str>,
) {
    let mut word = " where ";
    if let Some(link) = link {
        statement.push(word).push(link);
        word = " and ";
    }
    for condition in &plan.conditions {
        statement.push(word);
        write(statement, plan, &root.qualifier, condition);
        word = " and ";
    }
}

/// Whether a condition asks if an embed is there, which needs its join.
pub(super) fn tests_embeds(plan: &ReadPlan) -> bool {
    fn any(plan: &ReadPlan, conditions: &[Condition]) -> bool {
        conditions.iter().any(|condition| match condition {
            Condition::Filter(filter) => plan.embed_tested_for_null(filter).is_some(),
            Condition::All { conditions, .. } | Condition::Any { conditions, .. } => {
                any(plan, conditions)
            }
        })
    }
    any(plan, &plan.conditions)
}

pub(super) fn write(
    statement: &mut Statement,
    plan: &ReadPlan,
    qualifier: &str,
    condition: &Condition,
) {
    let (negated, conditions, word) = match condition {
        Condition::Filter(filter) => return compare(statement, plan, qualifier, filter),
        Condition::All {
            negated,
            conditions,
        } => (*negated, conditions, " and "),
        Condition::Any {
            negated,
            conditions,
        } => (*negated, conditions, " or "),
    };
    statement.push(if negated { "not (" } else { "(" });
    for (index, condition) in conditions.iter().enumerate() {
        statement.push(if index > 0 { word } else { "" });
        write(statement, plan, qualifier, condition);
    }
    statement.push(")");
}

fn compare(statement: &mut Statement, plan: &ReadPlan, qualifier: &str, filter: &Filter) {
    if let Some(embed) = plan.embed_tested_for_null(filter) {
        let lateral = quoted(&embed.lateral);
        statement.push(&lateral);
        if !embed.relationship.to_one() {
            statement.push(".").push(&lateral);
        }
        statement.push(if filter.negated {
            " is distinct from null"
        } else {
            " is not distinct from null"
        });
        return;
    }
    statement.push(if filter.negated { "not " } else { "" });
    let field =
        |statement: &mut Statement| read::column(statement, &plan.table, qualifier, &filter.field);
    match &filter.operation {
        Operation::Compare {
            operator,
            quantifier,
            value,
        } => {
            field(statement);
            statement.push(" ").push(operator).push(" ");
            let value = match *operator {
                "like" | "ilike" => value.replace('*', "%"),
                _ => value.clone(),
            };
            match quantifier {
                None => statement.bind(value),
                Some(Quantifier::Any) => statement.push("any (").bind(value).push(")"),
                Some(Quantifier::All) => statement.push("all (").bind(value).push(")"),
            };
        }
        Operation::In(values) => {
            field(statement);
            statement.push(" = any (").bind(array(values)).push(")");
        }
        Operation::Is(trilean) => {
            field(statement);
            statement.push(match trilean {
                Trilean::Null => " is null",
                Trilean::NotNull => " is not null",
                Trilean::True => " is true",
                Trilean::False => " is false",
                Trilean::Unknown => " is unknown",
            });
        }
        Operation::IsDistinct(value) => {
            field(statement);
            statement.push(" is distinct from ").bind(value.as_str());
        }
        Operation::Search {
            mode,
            language,
            value,
        } => {
            search(
                statement,
                plan,
                qualifier,
                filter,
                *mode,
                language.as_deref(),
                value,
            );
        }
    }
}

/// Text that is no tsvector becomes one by the same language.
fn search(
    statement: &mut Statement,
    plan: &ReadPlan,
    qualifier: &str,
    filter: &Filter,
    mode: FtsMode,
    language: Option<&str>,
    value: &str,
) {
    let is_vector = filter.field.json.is_empty()
        && plan
            .table
            .column(&filter.field.name)
            .is_none_or(|column| column.type_name == "tsvector");
    let with_language = |statement: &mut Statement| {
        if let Some(language) = language {
            statement.bind(language).push("::regconfig, ");
        }
    };
    if !is_vector {
        statement.push("to_tsvector(");
        with_language(statement);
    }
    read::column(statement, &plan.table, qualifier, &filter.field);
    statement
        .push(if is_vector { "" } else { ")" })
        .push(match mode {
            FtsMode::Query => " @@ to_tsquery(",
            FtsMode::Plain => " @@ plainto_tsquery(",
            FtsMode::Phrase => " @@ phraseto_tsquery(",
            FtsMode::Web => " @@ websearch_to_tsquery(",
        });
    with_language(statement);
    statement.bind(value).push(")");
}

/// An array literal: one bound value however many there are, so that one prepared statement serves all.
fn array(values: &[String]) -> String {
    let items: Vec<String> = values
        .iter()
        .map(|value| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", items.join(","))
}
