//! Reads and writes of tables.

use std::sync::Arc;

use axum::{
    http::{Method, StatusCode, header},
    response::Response,
};

use super::{
    MAX_ROWS, Rest,
    answer::{self, Reply},
    caller::Caller,
    database::{self, Answer, Demands, Settings, Work},
    error::ApiError,
    headers_json,
    media::{self, Media, Shape},
    payload::Payload,
    plan::{ReadPlan, not_embedded},
    preference::{Count, Honours, Resolution, Return},
    query::{Condition, Operation, Page},
    range,
    request::{Request, unknown_table},
    schema::{Name, SchemaCache, Table},
    sql::{self, Conflict, Insert, Returning, Total},
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

impl Context<'_> {
    async fn read(&self, plan: &ReadPlan, page: Page) -> Result<Response, ApiError> {
        let preferences = &self.request.preferences;
        let total = match preferences.count {
            Some(Count::Exact | Count::Estimated) => Total::Counted,
            Some(Count::Planned) | None => Total::Unknown,
        };
        let shape = if self.request.is_head() {
            Shape::Nothing
        } else {
            self.media.shape()
        };
        let mut work = work(
            self.cache,
            self.caller,
            self.request,
            sql::read(plan, shape, total),
        );
        work.read_only = true;
        work.demands.single = self.media.is_single();
        let guessed = matches!(preferences.count, Some(Count::Planned | Count::Estimated));
        work.estimate = guessed.then(|| sql::count(plan));
        let answer = database::perform(&self.rest.gateway.rest_pool, work).await?;
        let total = match preferences.count {
            Some(Count::Planned) => answer.estimate,
            // Counted as long as that is cheap, as the real server decides by its `max_rows`.
            Some(Count::Estimated) if answer.total > Some(MAX_ROWS) => {
                answer.estimate.max(answer.total)
            }
            _ => answer.total,
        };
        let applied = preferences.applied(Honours::Read);
        let reply = |status| {
            Reply::new(status)
                .range(&range::content_range(page.offset, answer.rows, total))
                .header(header::CONTENT_LOCATION, &self.request.location())
                .applied(applied.as_deref())
        };
        let status = range::status(page, answer.rows, total);
        if let (StatusCode::RANGE_NOT_SATISFIABLE, Some(total)) = (status, total) {
            return Ok(answer::beyond_last_row(reply(status), page.offset, total));
        }
        reply(status)
            .body(self.media.content_type(), answer.body.clone())
            .finish(&answer)
    }

    async fn insert(&self, plan: &ReadPlan, payload: &Payload) -> Result<Response, ApiError> {
        let request = self.request;
        let columns = self.columns(payload)?;
        let merge = request
            .preferences
            .resolution
            .map(|resolution| resolution == Resolution::MergeDuplicates);
        let target = request
            .query
            .on_conflict
            .as_ref()
            .unwrap_or(&self.table.primary_key);
        let conflict = merge.filter(|_| !target.is_empty()).map(|merge| Conflict {
            columns: target.clone(),
            merge,
        });
        let insert = Insert {
            columns: &columns,
            conflict,
            missing_default: request.preferences.missing_default == Some(true),
            conditions: &[],
        };
        let returning = self.returning(Return::HeadersOnly);
        let statement = sql::insert(plan, &insert, payload, returning, self.shape(returning));
        let mut work = work(self.cache, self.caller, request, statement);
        work.demands.single = self.media.is_single();
        let answer = database::perform(&self.rest.gateway.rest_pool, work).await?;
        let overwritten = merge == Some(true) && answer.rows > 0 && answer.rows == answer.updated;
        let status = if overwritten {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        let total = request.preferences.count.map(|_| answer.rows);
        let mut reply = Reply::new(status).range(&range::content_range(0, 0, total));
        if returning == Returning::Key
            && let Some(location) = self.location_of(&answer)
        {
            reply = reply.header(header::LOCATION, &location);
        }
        self.written(reply, answer, returning, Honours::Insert)
    }

    /// PATCH with a payload, DELETE without.
    async fn change(
        &self,
        plan: &ReadPlan,
        payload: Option<&Payload>,
    ) -> Result<Response, ApiError> {
        let preferences = &self.request.preferences;
        let returning = self.returning(Return::Representation);
        let shape = self.shape(returning);
        let (statement, verb, empty) = match payload {
            Some(payload) => {
                let columns = self.columns(payload)?;
                let missing = preferences.missing_default == Some(true);
                let statement = sql::update(plan, &columns, payload, missing, returning, shape);
                (
                    statement,
                    "UPDATE requires a WHERE clause",
                    payload.is_empty(),
                )
            }
            None => (
                sql::delete(plan, returning, shape),
                "DELETE requires a WHERE clause",
                false,
            ),
        };
        let mut work = work(self.cache, self.caller, self.request, statement);
        work.demands = Demands {
            single: self.media.is_single(),
            at_most: preferences.enforced_maximum(),
            one_put: false,
        };
        work.refuse = (plan.conditions.is_empty() && !empty).then_some(verb);
        let answer = database::perform(&self.rest.gateway.rest_pool, work).await?;
        let status = match returning {
            Returning::Selected => StatusCode::OK,
            Returning::Nothing | Returning::Key => StatusCode::NO_CONTENT,
        };
        let total = preferences.count.map(|_| answer.rows);
        let shown = if payload.is_some() { answer.rows } else { 0 };
        let reply = Reply::new(status).range(&range::content_range(0, shown, total));
        self.written(reply, answer, returning, Honours::Change)
    }

    /// One row, named in full by its primary key, is written over or made.
    async fn put(
        &self,
        plan: &ReadPlan,
        payload: &Payload,
        paged: bool,
    ) -> Result<Response, ApiError> {
        let refused =
            |code, message| Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, code, message));
        if paged {
            return Err(ApiError::bad_request(
                "PGRST114",
                "limit/offset querystring parameters are not allowed for PUT",
            ));
        }
        let mut named: Vec<&str> = Vec::new();
        for condition in &plan.conditions {
            match condition {
                Condition::Filter(filter)
                    if !filter.negated
                        && filter.field.json.is_empty()
                        && matches!(
                            filter.operation,
                            Operation::Compare {
                                operator: "=",
                                quantifier: None,
                                ..
                            }
                        ) =>
                {
                    named.push(&filter.field.name);
                }
                _ => named.push(""),
            }
        }
        named.sort_unstable();
        let mut key: Vec<&str> = self.table.primary_key.iter().map(String::as_str).collect();
        key.sort_unstable();
        if key.is_empty() || key != named {
            return refused(
                "PGRST105",
                "Filters must include all and only primary key columns with 'eq' operators",
            );
        }
        let columns = self.columns(payload)?;
        let insert = Insert {
            columns: &columns,
            conflict: Some(Conflict {
                columns: self.table.primary_key.clone(),
                merge: true,
            }),
            missing_default: self.request.preferences.missing_default == Some(true),
            conditions: &plan.conditions,
        };
        let returning = self.returning(Return::Representation);
        let statement = sql::insert(plan, &insert, payload, returning, self.shape(returning));
        let mut work = work(self.cache, self.caller, self.request, statement);
        work.demands.one_put = true;
        let answer = database::perform(&self.rest.gateway.rest_pool, work).await?;
        let status = match (answer.updated > 0, returning) {
            (false, _) => StatusCode::CREATED,
            (true, Returning::Selected) => StatusCode::OK,
            (true, _) => StatusCode::NO_CONTENT,
        };
        self.written(Reply::new(status), answer, returning, Honours::Insert)
    }

    fn written(
        &self,
        reply: Reply,
        answer: Answer,
        returning: Returning,
        honours: Honours,
    ) -> Result<Response, ApiError> {
        let applied = self.request.preferences.applied(honours);
        let mut reply = reply.applied(applied.as_deref());
        if returning == Returning::Selected {
            reply = reply.body(self.media.content_type(), answer.body.clone());
        }
        reply.finish(&answer)
    }

    fn columns(&self, payload: &Payload) -> Result<Vec<super::schema::Column>, ApiError> {
        sql::columns_of(self.table, payload.keys().iter()).map_err(|unknown| {
            ApiError::bad_request(
                "PGRST204",
                format!(
                    "Could not find the '{unknown}' column of '{}' in the schema cache",
                    self.table.name.name
                ),
            )
        })
    }

    /// `keyed`: the preference for which the primary key is wanted back, beside the representation.
    fn returning(&self, keyed: Return) -> Returning {
        match self.request.preferences.returning {
            Some(Return::Representation) => Returning::Selected,
            Some(Return::HeadersOnly) if keyed == Return::HeadersOnly => Returning::Key,
            Some(Return::HeadersOnly | Return::Minimal) | None => Returning::Nothing,
        }
    }

    fn shape(&self, returning: Returning) -> Shape {
        match returning {
            Returning::Nothing => Shape::Nothing,
            Returning::Key => Shape::Rows,
            Returning::Selected => self.media.shape(),
        }
    }

    /// `/calls?id=eq.1` of the row that was inserted.
    fn location_of(&self, answer: &Answer) -> Option<String> {
        let rows: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_str(answer.body.as_deref()?).ok()?;
        let row = rows.first()?;
        let filters: Vec<String> = self
            .table
            .primary_key
            .iter()
            .filter_map(|column| {
                let value = match row.get(column)? {
                    serde_json::Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                Some(format!("{column}=eq.{value}"))
            })
            .collect();
        (!filters.is_empty()).then(|| format!("{}?{}", self.request.path, filters.join("&")))
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
