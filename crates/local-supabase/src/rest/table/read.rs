//! GET and HEAD.

use axum::{
    http::{StatusCode, header},
    response::Response,
};

use super::{Context, work};
use crate::rest::{
    MAX_ROWS,
    answer::{self, Reply},
    database,
    error::ApiError,
    media::Shape,
    plan::ReadPlan,
    preference::{Count, Honours},
    query::Page,
    range,
    sql::{self, Total},
};

impl Context<'_> {
    pub(super) async fn read(&self, plan: &ReadPlan, page: Page) -> Result<Response, ApiError> {
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
}
