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
    /// Where the simulator's Device socket is.
    #[serde(skip_serializing_if = "Option::is_none")]
    voice_url: Option<String>,
    /// Where calls can be placed: whether there is a number to call from when the board's settings name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    has_number: Option<bool>,
}

impl PublicConfig {
    /// What of the configuration browsers may know.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            supabase_url: config
                .supabase_url
                .as_str()
                .trim_end_matches('/')
                .to_owned(),
            supabase_key: config.supabase_anon_key.clone(),
            voice: config.voice,
            voice_url: config.voice_url()?,
            has_number: (config.voice != Voice::Off).then_some(!config.twilio_caller_id.is_empty()),
        })
    }
}

/// `GET /config.json`.
pub async fn config_json(State(app): State<App>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-cache")], Json((*app.public).clone()))
}
