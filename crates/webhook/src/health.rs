//! Whether the service runs, and whether it is of use.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tracing::debug;

use crate::server::App;
use crate::store::StoreError;

const DEADLINE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process runs. Says nothing about what it depends on, so that a database that is away does not
/// get the service restarted, which would help nobody.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: 200 when calls can become rows, else 503; the JSON says it part by part:
///
/// - `ready`: whether calls can become rows;
/// - `postgrest`: `ok`, or what is wrong with the database's REST;
/// - `dashboard`: `ok`, or that the page is not where it is looked for. Callers are served without it, and browsers are
///   told what is missing, so a process is not taken out of rotation for that;
/// - `waiting_ends`: how many calls have ended whose rows do not say so yet.
pub async fn readyz(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let (fault, is_built) = tokio::join!(postgrest(&app), app.dashboard.is_built());
    let status = match fault {
        None => StatusCode::OK,
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = json!({
        "ready": fault.is_none(),
        "postgrest": fault.unwrap_or("ok"),
        "dashboard": if is_built { "ok" } else { "is not built, or not at DASHBOARD_DIR" },
        "waiting_ends": app.service.endings.waiting(),
    });
    (status, Json(body))
}

/// What is wrong with the database's REST.
async fn postgrest(app: &App) -> Option<&'static str> {
    match tokio::time::timeout(DEADLINE, app.store.ready()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            debug!(%error, "not ready");
            Some(in_words(&error))
        }
        Err(_) => Some("does not answer in time"),
    }
}

fn in_words(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unreachable(_) => "cannot be reached at SUPABASE_URL",
        StoreError::Refused { status, .. } if matches!(status.as_u16(), 401 | 403) => {
            "does not take SUPABASE_SERVICE_ROLE_KEY"
        }
        StoreError::Refused { status, .. } if status.as_u16() == 404 => {
            "does not have this project's tables"
        }
        StoreError::Refused { .. } => "answers with an error",
        StoreError::Unreadable(_) | StoreError::Vanished => "answers something else than rows",
    }
}
