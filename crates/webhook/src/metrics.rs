//! What operators watch, in Prometheus' text.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts,
    Registry, TextEncoder,
};
use switchboard_model::Status;
use switchboard_twilio::rest::{CallResource, RestError};
use tracing::warn;

use crate::metrics_readers::Reader;
use crate::server::App;

/// Counters of one service. Nothing is global, so that two services in one process count apart.
pub struct Metrics {
    registry: Registry,
    calls: IntGaugeVec,
    behind: Histogram,
    connected: Histogram,
    requests: HistogramVec,
    twilio: IntCounterVec,
}

/// Seconds.
const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

impl Default for Metrics {
    fn default() -> Self {
        Self::new().unwrap_or_else(|error| unreachable!("the names below are good: {error}"))
    }
}

impl Metrics {
    fn new() -> prometheus::Result<Self> {
        let histogram =
            |name: &str, help: &str| HistogramOpts::new(name, help).buckets(BUCKETS.to_vec());
        let metrics = Self {
            registry: Registry::new(),
            calls: IntGaugeVec::new(
                Opts::new("switchboard_calls", "Live calls by lane."),
                &["status"],
            )?,
            behind: Histogram::with_opts(histogram(
                "switchboard_audio_behind_seconds",
                "From a change of the row to the request for new audio.",
            ))?,
            connected: Histogram::with_opts(histogram(
                "switchboard_claim_to_connected_seconds",
                "From the claim of a call to its agent's audio.",
            ))?,
            requests: HistogramVec::new(
                histogram(
                    "switchboard_webhook_seconds",
                    "How long Twilio's requests take.",
                ),
                &["path", "status"],
            )?,
            twilio: IntCounterVec::new(
                Opts::new(
                    "switchboard_twilio_updates_total",
                    "Updates of legs by outcome.",
                ),
                &["outcome"],
            )?,
        };
        for collector in [
            Box::new(metrics.calls.clone()) as Box<dyn prometheus::core::Collector>,
            Box::new(metrics.behind.clone()),
            Box::new(metrics.connected.clone()),
            Box::new(metrics.requests.clone()),
            Box::new(metrics.twilio.clone()),
        ] {
            metrics.registry.register(collector)?;
        }
        Ok(metrics)
    }

    /// The audio of a call has caught up with its row.
    pub fn audio_caught_up(&self, behind_ms: Option<i64>) {
        if let Some(ms) = behind_ms {
            self.behind
                .observe(Duration::from_millis(ms.unsigned_abs()).as_secs_f64());
        }
    }

    /// An agent has audio.
    pub fn connected_after(&self, claim: time::Duration) {
        self.connected.observe(claim.as_seconds_f64().max(0.0));
    }

    /// One of Twilio's requests was answered. `path` must be one of ours: anybody can ask for others.
    pub fn answered(&self, path: &str, status: u16, took: Duration) {
        self.requests
            .with_label_values(&[path, &status.to_string()])
            .observe(took.as_secs_f64());
    }

    /// Twilio has answered an update.
    pub fn asked(&self, answer: &Result<CallResource, RestError>) {
        let outcome = match answer {
            Ok(_) => "done",
            Err(RestError::Gone) => "gone",
            Err(RestError::NotInProgress) => "not_in_progress",
            Err(RestError::Throttled { .. }) => "throttled",
            Err(RestError::Server { .. }) => "server",
            Err(RestError::TimedOut | RestError::Unreachable) => "no_answer",
            Err(RestError::Refused { .. } | RestError::Unreadable) => "refused",
        };
        self.twilio.with_label_values(&[outcome]).inc();
    }

    fn text(&self, lanes: Option<&[Status]>) -> prometheus::Result<Vec<u8>> {
        self.calls.reset();
        if let Some(lanes) = lanes {
            for status in Status::ALL.into_iter().filter(|status| status.is_live()) {
                let count = lanes.iter().filter(|lane| **lane == status).count();
                let gauge = self.calls.with_label_values(&[status.as_str()]);
                gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// `GET /metrics`, for who may read it. While the database is away everything but the calls is there.
pub async fn metrics(_: Reader, State(app): State<App>) -> Response {
    let lanes = match tokio::time::timeout(DEADLINE, app.store.lanes()).await {
        Ok(Ok(lanes)) => Some(lanes),
        Ok(Err(error)) => {
            warn!(%error, "cannot count the calls");
            None
        }
        Err(_) => None,
    };
    match app.service.metrics.text(lanes.as_deref()) {
        Ok(text) => ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => {
            warn!(%error, "cannot write the metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

const DEADLINE: Duration = Duration::from_secs(2);
