//! `/rpc/<function>`.

mod function;

use std::sync::Arc;

use axum::{
    http::{Method, StatusCode},
    response::Response,
};

use super::{
    MAX_ROWS, Rest,
    answer::{self, Reply},
    caller::Caller,
    database,
    error::ApiError,
    media::{self, Media, Shape},
    plan::ReadPlan,
    preference::{Count, Honours},
    query::Page,
    range,
    request::Request,
    schema::{Function, Name, Returns, SchemaCache, Table},
    sql::{self, Call, Total},
    table,
};

use function::{Given, find};

pub(super) async fn answer(
    rest: &Rest,
    cache: &SchemaCache,
    caller: &Caller,
    request: &Request,
    name: &Name,
) -> Result<Response, ApiError> {
    let given = Given::read(request)?;
    let page = range::top_page(&request.query, &request.headers, &request.method)?;
    request.preferences.check()?;
    let function = find(cache, name, &given)?;
    let media = media::negotiate(&request.headers, false)?;
    let returned = match &function.returns {
        Returns::Row(Some(table)) => cache.tables.get(table).cloned(),
        Returns::Row(None) | Returns::Scalar | Returns::Void => None,
    };
    let returned = returned.unwrap_or_else(|| {
        Arc::new(Table {
            name: name.clone(),
            columns: Vec::new(),
            primary_key: Vec::new(),
        })
    });
    let mut plan = ReadPlan::build(cache, returned, &request.query, MAX_ROWS)?;
    table::check_related_orders(&plan)?;
    if let Some(Page { limit, offset }) = page {
        plan.page = Page {
            limit: Some(limit.unwrap_or(MAX_ROWS).min(MAX_ROWS)),
            offset,
        };
    }
    let preferences = &request.preferences;
    let total = match preferences.count {
        Some(Count::Exact | Count::Planned | Count::Estimated) => Total::Counted,
        None => Total::Unknown,
    };
    let call = Call {
        function,
        arguments: given.arguments(function),
    };
    let statement = sql::call(&call, &plan, shape(function, media, request), total);
    let mut work = table::work(cache, caller, request, statement);
    work.read_only = request.method != Method::POST || !function.volatile;
    work.demands.single = media.is_single() && function.returns_set;
    work.demands.at_most = preferences.enforced_maximum();
    let answer = database::perform(&rest.gateway.rest_pool, work).await?;

    let applied = preferences.applied(Honours::Call);
    let page = page.unwrap_or_default();
    let reply = |status| {
        Reply::new(status)
            .range(&range::content_range(
                page.offset,
                answer.rows,
                answer.total,
            ))
            .applied(applied.as_deref())
    };
    if function.returns == Returns::Void {
        return reply(StatusCode::NO_CONTENT).finish(&answer);
    }
    let status = range::status(page, answer.rows, answer.total);
    if let (StatusCode::RANGE_NOT_SATISFIABLE, Some(total)) = (status, answer.total) {
        return Ok(answer::beyond_last_row(reply(status), page.offset, total));
    }
    reply(status)
        .body(media.content_type(), answer.body.clone())
        .finish(&answer)
}

fn shape(function: &Function, media: Media, request: &Request) -> Shape {
    match (&function.returns, function.returns_set) {
        _ if request.is_head() => Shape::Nothing,
        (Returns::Void, _) => Shape::Nothing,
        (Returns::Scalar, true) => Shape::Scalars,
        (Returns::Scalar, false) => Shape::Scalar,
        (Returns::Row(_), true) => media.shape(),
        (Returns::Row(_), false) => match media.shape() {
            Shape::RowsWithoutNulls | Shape::RowWithoutNulls => Shape::RowWithoutNulls,
            Shape::Csv => Shape::Csv,
            _ => Shape::Row,
        },
    }
}
