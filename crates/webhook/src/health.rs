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

/// `GET /readyz`: calls can become rows. Names the part that is missing.
pub async fn readyz(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let fault = match tokio::time::timeout(DEADLINE, app.store.ready()).await {
        Ok(Ok(())) => {
            let endings = app.service.endings.waiting();
            return (
                StatusCode::OK,
                Json(json!({ "ready": true, "postgrest": "ok", "waiting_ends": endings })),
            );
        }
        Ok(Err(error)) => {
            debug!(%error, "not ready");
            in_words(&error)
        }
        Err(_) => "does not answer in time",
    };
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Json(json!({ "ready": false, "postgrest": fault })),
    )
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
