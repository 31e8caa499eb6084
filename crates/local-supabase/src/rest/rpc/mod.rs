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
    preference::Honours,
    range,
    request::Request,
    schema::{Function, Name, Returns, SchemaCache, Table, Writable},
    sql::{self, Call, Total},
    table,
};

pub(super) use function::{Given, find};

pub(super) async fn answer(
    rest: &Rest,
    cache: &SchemaCache,
    caller: &Caller,
    request: &Request,
    name: &Name,
) -> Result<Response, ApiError> {
    let span = range::top_page(&request.query, &request.headers, &request.method)?;
    let given = Given::read(request)?;
    let function = find(cache, name, &given)?;
    let returned = match &function.returns {
        Returns::Row(Some(table)) => cache.tables.get(table).cloned(),
        Returns::Row(None) | Returns::Scalar | Returns::Void => None,
    };
    let returned = returned.unwrap_or_else(|| {
        Arc::new(Table {
            name: name.clone(),
            columns: Vec::new(),
            primary_key: Vec::new(),
            writable: Writable::default(),
        })
    });
    let mut plan = ReadPlan::build(cache, returned, &request.query, Some(MAX_ROWS))?;
    table::check_related_orders(&plan)?;
    plan.page = span.page(MAX_ROWS);
    let media = media::negotiate(&request.headers, false)?;
    let preferences = &request.preferences;
    preferences.check()?;
    if preferences.enforced_maximum().is_some() && !function.returns_set {
        return Err(ApiError::bad_request(
            "PGRST128",
            "Function must return SETOF or TABLE when max-affected preference is used with handling=strict",
        ));
    }
    let total = if preferences.counts() {
        Total::Counted
    } else {
        Total::Unknown
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
    let offset = plan.page.offset;
    let reply = |status| {
        Reply::new(status)
            .range(&range::content_range(offset, answer.rows, answer.total))
            .applied(applied.as_deref())
    };
    if function.returns == Returns::Void {
        return reply(StatusCode::NO_CONTENT).finish(&answer);
    }
    let status = range::status(offset, answer.rows, answer.total);
    if let (StatusCode::RANGE_NOT_SATISFIABLE, Some(total)) = (status, answer.total) {
        return Ok(answer::beyond_last_row(reply(status), offset, total));
    }
    reply(status)
        .body(media.content_type(), answer.body.clone())
        .finish(&answer)
}

fn shape(function: &Function, media: Media, request: &Request) -> Shape {
    match (&function.returns, function.returns_set) {
        _ if request.is_head() => Shape::Nothing,
        (Returns::Void, _) => Shape::Nothing,
        (Returns::Scalar, _) if media == Media::Csv => Shape::Csv,
        (Returns::Scalar, true) if media.is_single() => media.shape(),
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
