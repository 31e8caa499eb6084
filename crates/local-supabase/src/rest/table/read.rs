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
    range,
    sql::{self, Total},
};

impl Context<'_> {
    pub(super) async fn read(&self, plan: &ReadPlan) -> Result<Response, ApiError> {
        let media = self.media()?;
        let preferences = &self.request.preferences;
        preferences.check()?;
        let offset = plan.page.offset;
        let total = match preferences.count {
            Some(Count::Exact) => Total::Counted,
            // Counted as long as that is cheap: one more than the longest list is enough to know.
            Some(Count::Estimated) => Total::CountedTo(MAX_ROWS + 1),
            Some(Count::Planned) | None => Total::Unknown,
        };
        let shape = if self.request.is_head() {
            Shape::Nothing
        } else {
            media.shape()
        };
        let mut work = work(
            self.cache,
            self.caller,
            self.request,
            sql::read(plan, shape, total),
        );
        work.read_only = true;
        work.demands.single = media.is_single();
        let guessed = matches!(preferences.count, Some(Count::Planned | Count::Estimated));
        work.estimate = guessed.then(|| sql::count(plan));
        let answer = database::perform(&self.rest.gateway.rest_pool, work).await?;
        let total = match preferences.count {
            Some(Count::Planned) => answer.estimate,
            Some(Count::Estimated) if answer.total > Some(MAX_ROWS) => {
                answer.estimate.max(answer.total)
            }
            _ => answer.total,
        };
        let applied = preferences.applied(Honours::Read);
        let reply = |status| {
            Reply::new(status)
                .range(&range::content_range(offset, answer.rows, total))
                .header(header::CONTENT_LOCATION, &self.request.location())
                .applied(applied.as_deref())
        };
        let status = range::status(offset, answer.rows, total);
        if let (StatusCode::RANGE_NOT_SATISFIABLE, Some(total)) = (status, total) {
            return Ok(answer::beyond_last_row(reply(status), offset, total));
        }
        reply(status)
            .body(media.content_type(), answer.body.clone())
            .finish(&answer)
    }
}
