//! POST, PATCH, PUT and DELETE.

use std::collections::BTreeSet;

use axum::{
    http::{StatusCode, header},
    response::Response,
};

use super::{Context, work};
use crate::rest::{
    answer::Reply,
    database::{self, Answer, Demands},
    error::ApiError,
    media::{Media, Shape},
    payload::Payload,
    plan::ReadPlan,
    preference::{Honours, Resolution, Return},
    query::{Condition, Operation, encode},
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
        request.preferences.check()?;
        let media = self.media()?;
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
        let resolves = conflict.is_some() || !target.is_empty();
        let insert = Insert {
            columns: &columns,
            conflict,
            missing_default: request.preferences.missing_default == Some(true),
            conditions: &[],
        };
        let returning = self.returning();
        let shape = match returning {
            Returning::Unshown => Shape::Rows,
            _ => shape(returning, media),
        };
        let statement = sql::insert(plan, &insert, payload, returning, shape);
        let mut work = work(self.cache, self.caller, request, statement);
        work.demands.single = media.is_single();
        let answer = database::perform(&self.rest.gateway.rest_pool, work).await?;
        let nothing_new = if columns.is_empty() {
            payload.has_no_rows()
        } else {
            answer.rows == answer.updated
        };
        let status = if merge == Some(true) && nothing_new {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        let total = request.preferences.counts().then_some(answer.rows);
        let mut reply = Reply::new(status).range(&range::content_range(0, 0, total));
        if returning == Returning::Unshown
            && let Some(location) = self.location_of(&answer)
        {
            reply = reply.header(header::LOCATION, &location);
        }
        self.written(
            reply,
            &answer,
            returning,
            media,
            Honours::Insert { resolves },
        )
    }

    /// PATCH with a payload, DELETE without.
    pub(super) async fn change(
        &self,
        plan: &ReadPlan,
        payload: Option<&Payload>,
    ) -> Result<Response, ApiError> {
        let preferences = &self.request.preferences;
        let returning = self.returning();
        let columns = payload.map(|payload| self.columns(payload)).transpose()?;
        preferences.check()?;
        let media = self.media()?;
        let shape = shape(returning, media);
        let (statement, verb, honours) = match payload.zip(columns.as_deref()) {
            Some((payload, columns)) => {
                let missing = preferences.missing_default == Some(true);
                (
                    sql::update(plan, columns, payload, missing, returning, shape),
                    "UPDATE requires a WHERE clause",
                    Honours::Update,
                )
            }
            None => (
                sql::delete(plan, returning, shape),
                "DELETE requires a WHERE clause",
                Honours::Delete,
            ),
        };
        let empty = payload.is_some_and(Payload::is_empty);
        let mut work = work(self.cache, self.caller, self.request, statement);
        work.demands = Demands {
            single: media.is_single(),
            at_most: preferences.enforced_maximum(),
            one_put: false,
        };
        work.refuse = (plan.conditions.is_empty() && !empty).then_some(verb);
        let answer = database::perform(&self.rest.gateway.rest_pool, work).await?;
        let status = match returning {
            Returning::Selected => StatusCode::OK,
            Returning::Nothing | Returning::Unshown => StatusCode::NO_CONTENT,
        };
        let total = preferences.counts().then_some(answer.rows);
        let shown = if payload.is_some() { answer.rows } else { 0 };
        let reply = Reply::new(status).range(&range::content_range(0, shown, total));
        self.written(reply, &answer, returning, media, honours)
    }

    /// One row, named in full by its primary key, is written over or made.
    pub(super) async fn put(
        &self,
        plan: &ReadPlan,
        payload: &Payload,
    ) -> Result<Response, ApiError> {
        let refused =
            |code, message| Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, code, message));
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
        if self
            .request
            .query
            .filter_keys
            .iter()
            .any(|key| key.contains('.'))
        {
            named.push("");
        }
        let named: BTreeSet<&str> = named.into_iter().collect();
        let key: BTreeSet<&str> = self.table.primary_key.iter().map(String::as_str).collect();
        if key.is_empty() || key != named {
            return refused(
                "PGRST105",
                "Filters must include all and only primary key columns with 'eq' operators",
            );
        }
        let columns = self.columns(payload)?;
        self.request.preferences.check()?;
        let media = self.media()?;
        let insert = Insert {
            columns: &columns,
            conflict: Some(Conflict {
                columns: self.table.primary_key.clone(),
                merge: true,
            }),
            missing_default: false,
            conditions: &plan.conditions,
        };
        let returning = self.returning();
        let statement = sql::insert(plan, &insert, payload, returning, shape(returning, media));
        let mut work = work(self.cache, self.caller, self.request, statement);
        work.demands.one_put = true;
        let answer = database::perform(&self.rest.gateway.rest_pool, work).await?;
        let status = match (returning, answer.updated > 0) {
            (Returning::Selected, true) => StatusCode::OK,
            (Returning::Selected, false) => StatusCode::CREATED,
            _ => StatusCode::NO_CONTENT,
        };
        self.written(Reply::new(status), &answer, returning, media, Honours::Put)
    }

    fn written(
        &self,
        reply: Reply,
        answer: &Answer,
        returning: Returning,
        media: Media,
        honours: Honours,
    ) -> Result<Response, ApiError> {
        let applied = self.request.preferences.applied(honours);
        let mut reply = reply.applied(applied.as_deref());
        if returning == Returning::Selected {
            reply = reply.body(media.content_type(), answer.body.clone());
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

    fn returning(&self) -> Returning {
        match self.request.preferences.returning {
            Some(Return::Representation) => Returning::Selected,
            Some(Return::HeadersOnly) => Returning::Unshown,
            Some(Return::Minimal) | None => Returning::Nothing,
        }
    }

    /// `/calls?id=eq.1` of the row that was inserted, if it was one.
    fn location_of(&self, answer: &Answer) -> Option<String> {
        let rows: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_str(answer.body.as_deref()?).ok()?;
        let [row] = &rows[..] else { return None };
        let filters: Vec<String> = self
            .table
            .primary_key
            .iter()
            .filter_map(|column| {
                let value = match row.get(column)? {
                    serde_json::Value::Null => "is.null".to_owned(),
                    serde_json::Value::String(text) => format!("eq.{text}"),
                    other => format!("eq.{other}"),
                };
                Some(format!("{}={}", encode(column), encode(&value)))
            })
            .collect();
        (!filters.is_empty()).then(|| format!("{}?{}", self.request.path, filters.join("&")))
    }
}

fn shape(returning: Returning, media: Media) -> Shape {
    match returning {
        Returning::Nothing | Returning::Unshown => Shape::Nothing,
        Returning::Selected => media.shape(),
    }
}
