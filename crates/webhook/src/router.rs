//! Every route, on one screen.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_response_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::error;

use crate::config_json::config_json;
use crate::dashboard::dashboard;
use crate::headers::SecurityHeaders;
use crate::health::{healthz, readyz};
use crate::hold_music::hold_music;
use crate::joining::join;
use crate::metrics::metrics;
use crate::recordings::recording;
use crate::render::hold_and_retry;
use crate::server::App;
use crate::signed::MAX_BODY_BYTES;
use crate::voice::TwimlAnswer;
use crate::voice_token::voice_token;
use crate::{trace, voice};

/// No request takes longer. Twilio gives up after 15 s.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The whole service.
pub fn router(app: App) -> Router {
    let security = app.security.clone();
    let first = app.service.urls.first();
    // A caller would hear an error read out; these routes answer TwiML even when they break.
    let callers = Router::new()
        .route("/twilio/voice", post(voice::voice))
        .route("/twilio/dial", post(voice::dial))
        .route("/twilio/recorded", post(voice::recorded))
        .route("/twilio/fallback", post(voice::fallback))
        .layer(CatchPanicLayer::custom(
            move |panic: Box<dyn Any + Send>| {
                log_panic(&*panic);
                TwimlAnswer(hold_and_retry(first.clone())).into_response()
            },
        ));
    Router::new()
        .merge(callers)
        .route("/twilio/leg", post(voice::leg))
        .route("/twilio/status", post(voice::status))
        .route("/twilio/recording", post(voice::recording))
        .route("/twilio/hold.wav", get(hold_music))
        .route("/api/voice-token", post(voice_token))
        .route("/api/join", post(join))
        .route("/api/recordings/{call}", get(recording))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .route("/config.json", get(config_json))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(dashboard)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            TIMEOUT,
        ))
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| {
            log_panic(&*panic);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
        .layer(map_response_with_state(security, add_security_headers))
        .layer(from_fn_with_state(
            app.service.metrics.clone(),
            trace::trace,
        ))
        .with_state(app)
}

async fn add_security_headers(
    axum::extract::State(security): axum::extract::State<SecurityHeaders>,
    response: Response,
) -> Response {
    security.add(response)
}

/// The message of a panic is our own words, so it may be logged.
fn log_panic(panic: &(dyn Any + Send)) {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    error!(panic = message, "a handler panicked");
}
