//! Reads and writes of tables.

mod read;
mod write;

use std::sync::Arc;

use axum::{http::Method, response::Response};

use super::{
    MAX_ROWS, Rest,
    caller::Caller,
    database::{Demands, Settings, Work},
    error::ApiError,
    headers_json,
    media::{self, Media},
    payload::Payload,
    plan::{ReadPlan, not_embedded},
    query::Page,
    range,
    request::{Request, unknown_table},
    schema::{Name, SchemaCache, Table},
    sql,
};

pub(super) async fn answer(
    rest: &Rest,
    cache: &SchemaCache,
    caller: &Caller,
    request: &Request,
    name: &Name,
) -> Result<Response, ApiError> {
    // A body that cannot be read is told before a table that is not there.
    let payload = match request.method {
        Method::POST | Method::PATCH | Method::PUT => Some(Payload::rows(
            request.content_type(),
            &request.body,
            request.query.columns.as_deref(),
        )?),
        _ => None,
    };
    let page = range::top_page(&request.query, &request.headers, &request.method)?;
    request.preferences.check()?;
    let table = cache
        .tables
        .get(name)
        .ok_or_else(|| unknown_table(cache, name))?;
    let media = media::negotiate(&request.headers, false)?;
    let mut plan = ReadPlan::build(cache, table.clone(), &request.query, MAX_ROWS)?;
    check_related_orders(&plan)?;
    if let Some(Page { limit, offset }) = page {
        plan.page = Page {
            limit: Some(limit.unwrap_or(MAX_ROWS).min(MAX_ROWS)),
            offset,
        };
    }
    let context = Context {
        rest,
        cache,
        caller,
        request,
        table,
        media,
    };
    match (&request.method, payload) {
        (&Method::DELETE, _) => context.change(&plan, None).await,
        (&Method::PATCH, Some(payload)) => context.change(&plan, Some(&payload)).await,
        (&Method::PUT, Some(payload)) => context.put(&plan, &payload, page.is_some()).await,
        (_, Some(payload)) => context.insert(&plan, &payload).await,
        (_, None) => context.read(&plan, page.unwrap_or_default()).await,
    }
}

/// What all that is done for one request has in common.
struct Context<'a> {
    rest: &'a Rest,
    cache: &'a SchemaCache,
    caller: &'a Caller,
    request: &'a Request,
    table: &'a Arc<Table>,
    media: Media,
}

/// Orders by an embed need the embed, and at most one partner.
pub(super) fn check_related_orders(plan: &ReadPlan) -> Result<(), ApiError> {
    for relation in plan
        .order
        .iter()
        .filter_map(|term| term.relation.as_deref())
    {
        let embed = plan.embed(relation).ok_or_else(|| not_embedded(relation))?;
        if !embed.relationship.to_one() {
            return Err(ApiError::bad_request(
                "PGRST118",
                format!("A related order on '{relation}' is not possible"),
            )
            .with_details(format!(
                "'{}' and '{relation}' do not form a many-to-one or one-to-one relationship",
                plan.table.name.name
            )));
        }
    }
    plan.embeds
        .iter()
        .try_for_each(|embed| check_related_orders(&embed.plan))
}

/// A transaction for this caller, with nothing demanded of it yet.
pub(super) fn work(
    cache: &SchemaCache,
    caller: &Caller,
    request: &Request,
    statement: sql::Statement,
) -> Work {
    let mut settings: Settings = [
        ("search_path", "\"public\", \"extensions\"".to_owned()),
        ("role", caller.role.clone()),
        ("request.jwt.claims", caller.claims.clone()),
        ("request.method", request.method.to_string()),
        ("request.path", request.path.clone()),
        ("request.headers", headers_json(&request.headers)),
        ("request.cookies", "{}".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    settings.extend(
        cache
            .role_settings
            .get(&caller.role)
            .into_iter()
            .flatten()
            .cloned(),
    );
    settings.extend(
        request
            .preferences
            .timezone
            .iter()
            .map(|zone| ("timezone".to_owned(), zone.clone())),
    );
    Work {
        settings,
        read_only: false,
        statement,
        estimate: None,
        demands: Demands::default(),
        refuse: None,
        anonymous: caller.is_anonymous(),
    }
}
