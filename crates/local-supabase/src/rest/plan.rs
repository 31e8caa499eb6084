//! The select tree with every name resolved: which table, by which foreign key, under which alias.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    error::ApiError,
    query::{
        Condition, Field, Filter, Join, Operation, OrderTerm, Page, Path, Query, SelectItem, Span,
        Trilean,
    },
    schema::{Relationship, SchemaCache, Table},
};
use axum::http::StatusCode;

/// One level of the answer.
#[derive(Debug, Clone)]
pub(crate) struct ReadPlan {
    pub(crate) table: Arc<Table>,
    pub(crate) depth: usize,
    pub(crate) outputs: Vec<Output>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Vec<OrderTerm>,
    pub(crate) page: Page,
    pub(crate) embeds: Vec<Embed>,
}

/// What a level shows, in order.
#[derive(Debug, Clone)]
pub(crate) enum Output {
    Star,
    Column {
        field: Field,
        cast: Option<String>,
        alias: Option<String>,
    },
    /// Index into the level's embeds.
    Embed(usize),
}

/// Another table inside of a level.
#[derive(Debug, Clone)]
pub(crate) struct Embed {
    /// As the caller wrote it: a table, a foreign key or a column.
    pub(crate) relation: String,
    pub(crate) alias: Option<String>,
    pub(crate) spread: bool,
    pub(crate) join: Join,
    pub(crate) relationship: Relationship,
    /// Alias of the joined rows in SQL: PostgREST's, because it is seen in error messages.
    pub(crate) lateral: String,
    pub(crate) plan: ReadPlan,
}

impl Embed {
    /// The key under which the embed is shown.
    pub(crate) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.relation)
    }

    /// Whether nothing of it is shown: `relation()` only decides which rows there are.
    pub(crate) fn is_empty(&self) -> bool {
        self.plan.outputs.iter().all(|output| match output {
            Output::Star | Output::Column { .. } => false,
            Output::Embed(index) => self.plan.embeds[*index].is_empty(),
        })
    }

    fn is_called(&self, name: &str) -> bool {
        self.alias.as_deref() == Some(name) || self.relation == name
    }
}

impl ReadPlan {
    /// Resolves `query` from `table` on. Lists are cut at `max_rows`; without it, nothing is left out: what was written
    /// is shown as a whole, whatever pages the request asks for.
    pub(crate) fn build(
        cache: &SchemaCache,
        table: Arc<Table>,
        query: &Query,
        max_rows: Option<i64>,
    ) -> Result<Self, ApiError> {
        let mut plan = Self::resolve(cache, table, &query.select, 0, max_rows)?;
        for (path, condition) in &query.conditions {
            plan.level(path)?.conditions.push(condition.clone());
        }
        for (path, order) in &query.orders {
            plan.level(path)?.order.clone_from(order);
        }
        if let Some(most) = max_rows {
            for (path, span) in &query.spans {
                plan.level(path)?.page = span.page(most);
            }
        }
        Ok(plan)
    }

    fn resolve(
        cache: &SchemaCache,
        table: Arc<Table>,
        select: &[SelectItem],
        depth: usize,
        max_rows: Option<i64>,
    ) -> Result<Self, ApiError> {
        let mut plan = Self {
            table,
            depth,
            outputs: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            page: max_rows.map_or_else(Page::default, |most| Span::ALL.page(most)),
            embeds: Vec::new(),
        };
        for item in select {
            match item {
                SelectItem::Star => plan.outputs.push(Output::Star),
                SelectItem::Aggregate => {
                    return Err(ApiError::bad_request(
                        "PGRST123",
                        "Use of aggregate functions is not allowed",
                    ));
                }
                SelectItem::Column { field, cast, alias } => plan.outputs.push(Output::Column {
                    field: field.clone(),
                    cast: cast.clone(),
                    alias: alias.clone(),
                }),
                SelectItem::Embed {
                    relation,
                    alias,
                    hint,
                    join,
                    spread,
                    select,
                } => {
                    let relationship = find(cache, &plan.table, relation, hint.as_deref())?.clone();
                    let foreign = cache
                        .tables
                        .get(&relationship.foreign_table)
                        .ok_or_else(ApiError::unavailable)?;
                    let key = alias.as_deref().unwrap_or(relation);
                    let lateral = format!("{}_{key}_{}", plan.table.name.name, depth + 1);
                    let inner = Self::resolve(cache, foreign.clone(), select, depth + 1, max_rows)?;
                    plan.outputs.push(Output::Embed(plan.embeds.len()));
                    plan.embeds.push(Embed {
                        relation: relation.clone(),
                        alias: alias.clone(),
                        spread: *spread,
                        join: *join,
                        relationship,
                        lateral,
                        plan: inner,
                    });
                }
            }
        }
        Ok(plan)
    }

    /// The embed that is shown under that name.
    pub(crate) fn embed(&self, name: &str) -> Option<&Embed> {
        self.embeds.iter().find(|embed| embed.key() == name)
    }

    /// The embed that `embed=is.null` or `embed=not.is.null` asks about.
    pub(crate) fn embed_tested_for_null(&self, filter: &Filter) -> Option<&Embed> {
        match filter.operation {
            Operation::Is(Trilean::Null) if filter.field.json.is_empty() => {
                self.embed(&filter.field.name)
            }
            _ => None,
        }
    }

    fn level(&mut self, path: &Path) -> Result<&mut Self, ApiError> {
        let mut level = self;
        for name in path {
            let index = level
                .embeds
                .iter()
                .position(|embed| embed.is_called(name))
                .ok_or_else(|| not_embedded(name))?;
            level = &mut level.embeds[index].plan;
        }
        Ok(level)
    }
}

/// A name that stands for no embed of the request.
pub(crate) fn not_embedded(name: &str) -> ApiError {
    ApiError::bad_request(
        "PGRST108",
        format!("'{name}' is not an embedded resource in this request"),
    )
    .with_hint(format!(
        "Verify that '{name}' is included in the 'select' query parameter."
    ))
}

fn find<'a>(
    cache: &'a SchemaCache,
    origin: &Table,
    target: &str,
    hint: Option<&str>,
) -> Result<&'a Relationship, ApiError> {
    let found = cache.find_relationships(&origin.name, target, hint);
    match found[..] {
        [one] => Ok(one),
        [] => Err(no_relationship(cache, origin, target, hint)),
        _ => Err(ambiguous(origin, target, &found)),
    }
}

fn no_relationship(
    cache: &SchemaCache,
    origin: &Table,
    target: &str,
    hint: Option<&str>,
) -> ApiError {
    let from = &origin.name;
    let by_hint = hint.map_or_else(String::new, |hint| format!(" using the hint '{hint}'"));
    let error = ApiError::bad_request(
        "PGRST200",
        format!("Could not find a relationship between '{}' and '{target}' in the schema cache", from.name),
    )
    .with_details(format!(
        "Searched for a foreign key relationship between '{}' and '{target}'{by_hint} in the schema '{}', \
         but no matches were found.",
        from.name, from.schema
    ));
    match cache.nearest_relative(from, target) {
        Some((meant, given)) => {
            error.with_hint(format!("Perhaps you meant '{meant}' instead of '{given}'."))
        }
        None => error,
    }
}

fn ambiguous(origin: &Table, target: &str, found: &[&Relationship]) -> ApiError {
    let details: Vec<Value> = found
        .iter()
        .map(|relationship| {
            json!({
                "cardinality": relationship.cardinality_text(),
                "embedding": format!("{} with {}", origin.name.name, relationship.foreign_table.name),
                "relationship": relationship.description(),
            })
        })
        .collect();
    let hints: Vec<String> = found
        .iter()
        .map(|relationship| {
            format!(
                "'{}!{}'",
                relationship.foreign_table.name,
                relationship.hint()
            )
        })
        .collect();
    ApiError::new(
        StatusCode::MULTIPLE_CHOICES,
        "PGRST201",
        format!(
            "Could not embed because more than one relationship was found for '{}' and '{target}'",
            origin.name.name
        ),
    )
    .with_details(details)
    .with_hint(format!(
        "Try changing '{target}' to one of the following: {}. Find the desired relationship in the 'details' key.",
        hints.join(", ")
    ))
}
