//! One span for each request. No numbers, tokens or bodies: a path, a call's sid, how it went and how long it took.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::Empty;
use tracing::{Instrument as _, debug, error, info, info_span};

use crate::metrics::Metrics;

/// Twilio's paths. Only these are counted: anybody can ask for others.
const CALLBACKS: [&str; 7] = [
    "/twilio/voice",
    "/twilio/dial",
    "/twilio/leg",
    "/twilio/status",
    "/twilio/recorded",
    "/twilio/recording",
    "/twilio/fallback",
];

/// Runs the request inside its span and says at the end how it went.
pub async fn trace(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let ours = CALLBACKS
        .into_iter()
        .find(|path| *path == request.uri().path());
    let is_twilio = request.uri().path().starts_with("/twilio/");
    // The query is left out: it may be anybody's.
    let span = info_span!(
        "request",
        http.method = %request.method(),
        http.path = request.uri().path(),
        call.sid = Empty,
    );
    async move {
        let started = Instant::now();
        let response = next.run(request).await;
        let status = response.status().as_u16();
        if let Some(path) = ours {
            metrics.answered(path, status, started.elapsed());
        }
        let duration_ms = started.elapsed().as_millis();
        if response.status().is_server_error() && status != 503 {
            error!(http.status = status, duration_ms, "failed");
        } else if is_twilio {
            info!(http.status = status, duration_ms, "answered");
        } else {
            debug!(http.status = status, duration_ms, "answered");
        }
        response
    }
    .instrument(span)
    .await
}
