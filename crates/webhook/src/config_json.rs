//! What the dashboard must know before it can sign anybody in. Never a secret.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde::Serialize;

use crate::config::{Config, Voice};
use crate::server::App;

/// The public settings.
#[derive(Clone, Debug, Serialize)]
pub struct PublicConfig {
    supabase_url: String,
    supabase_key: String,
    voice: Voice,
}

impl From<&Config> for PublicConfig {
    fn from(config: &Config) -> Self {
        Self {
            supabase_url: config
                .supabase_url
                .as_str()
                .trim_end_matches('/')
                .to_owned(),
            supabase_key: config.supabase_anon_key.clone(),
            voice: config.voice,
        }
    }
}

/// `GET /config.json`.
pub async fn config_json(State(app): State<App>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-cache")], Json((*app.public).clone()))
}
