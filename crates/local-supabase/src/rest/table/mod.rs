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
    let span = range::top_page(&request.query, &request.headers, &request.method)?;
    // A body that cannot be read is told before a table that is not there.
    let columns = request
        .query
        .columns
        .as_deref()
        .filter(|_| request.method != Method::PUT);
    let payload = match request.method {
        Method::POST | Method::PATCH | Method::PUT => Some(Payload::rows(
            request.content_type(),
            &request.body,
            columns,
        )?),
        _ => None,
    };
    let writes = payload.is_some() || request.method == Method::DELETE;
    let table = cache
        .tables
        .get(name)
        .ok_or_else(|| unknown_table(cache, name))?;
    let most = (!writes).then_some(MAX_ROWS);
    let mut plan = ReadPlan::build(cache, table.clone(), &request.query, most)?;
    check_related_orders(&plan)?;
    if let Some(most) = most {
        plan.page = span.page(most);
    }
    let context = Context {
        rest,
        cache,
        caller,
        request,
        table,
    };
    match (&request.method, payload) {
        (&Method::DELETE, _) => context.change(&plan, None).await,
        (&Method::PATCH, Some(payload)) => context.change(&plan, Some(&payload)).await,
        (&Method::PUT, Some(payload)) => context.put(&plan, &payload).await,
        (_, Some(payload)) => context.insert(&plan, &payload).await,
        (_, None) => context.read(&plan).await,
    }
}

/// What all that is done for one request has in common.
struct Context<'a> {
    rest: &'a Rest,
    cache: &'a SchemaCache,
    caller: &'a Caller,
    request: &'a Request,
    table: &'a Arc<Table>,
}

impl Context<'_> {
    /// What is answered with. Asked for last: other faults of a request are told first.
    fn media(&self) -> Result<Media, ApiError> {
        media::negotiate(&self.request.headers, false)
    }
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
