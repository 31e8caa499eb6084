//! `POST /local/realtime-links/<fault>`: breaks the links of Realtime from outside the process, for demonstrations.
//!
//! It is there only if the stack is asked for it, and answers only to the service key; Supabase has nothing like it.

use std::time::Duration;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::Gateway;

/// Path under which the route is served.
pub(crate) const PREFIX: &str = "/local/realtime-links";

/// Longest delay that may be asked for. Beyond it a link had better be half-open.
const LONGEST: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Asked {
    /// Milliseconds of a delay.
    #[serde(default)]
    ms: u64,
}

/// The route, without its prefix.
pub(crate) fn router(gateway: Gateway) -> Router {
    Router::new()
        .route("/{fault}", post(break_links))
        .with_state(gateway)
}

/// 204 if it is done, 401 without the service key, 404 for an unknown fault, 422 for a delay that is too long.
async fn break_links(
    State(gateway): State<Gateway>,
    Path(fault): Path<String>,
    Query(Asked { ms }): Query<Asked>,
    headers: HeaderMap,
) -> StatusCode {
    let key = headers.get("apikey").and_then(|key| key.to_str().ok());
    if key != Some(gateway.keys.service_role.expose_secret()) {
        return StatusCode::UNAUTHORIZED;
    }
    let (links, delay) = (&gateway.realtime_links, Duration::from_millis(ms));
    match fault.as_str() {
        "drop" => links.drop_all(),
        "half-open" => links.half_open(),
        "refuse" => links.refuse(),
        "heal" => links.heal(),
        "delay" if delay > LONGEST => return StatusCode::UNPROCESSABLE_ENTITY,
        "delay" => links.delay(delay),
        _ => return StatusCode::NOT_FOUND,
    }
    tracing::info!(fault, delay_ms = ms, "the links of Realtime were changed");
    StatusCode::NO_CONTENT
}
