//! POST, PATCH, PUT and DELETE.

use axum::{
    http::{StatusCode, header},
    response::Response,
};

use super::{Context, work};
use crate::rest::{
    answer::Reply,
    database::{self, Answer, Demands},
    error::ApiError,
    media::Shape,
    payload::Payload,
    plan::ReadPlan,
    preference::{Honours, Resolution, Return},
    query::{Condition, Operation},
    range,
    schema::Column,
    sql::{self, Conflict, Insert, Returning},
};

impl Context<'_> {
    pub(super) async fn insert(
        &self,
        plan: &ReadPlan,
        payload: &Payload,
    ) -> Result<Response, ApiError> {
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
        self.written(reply, &answer, returning, Honours::Insert)
    }

    /// PATCH with a payload, DELETE without.
    pub(super) async fn change(
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
        self.written(reply, &answer, returning, Honours::Change)
    }

    /// One row, named in full by its primary key, is written over or made.
    pub(super) async fn put(
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
        self.written(Reply::new(status), &answer, returning, Honours::Insert)
    }

    fn written(
        &self,
        reply: Reply,
        answer: &Answer,
        returning: Returning,
        honours: Honours,
    ) -> Result<Response, ApiError> {
        let applied = self.request.preferences.applied(honours);
        let mut reply = reply.applied(applied.as_deref());
        if returning == Returning::Selected {
            reply = reply.body(self.media.content_type(), answer.body.clone());
        }
        reply.finish(answer)
    }

    fn columns(&self, payload: &Payload) -> Result<Vec<Column>, ApiError> {
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
