//! Auth: the part of GoTrue that the dashboard and its tests use.

use axum::Router;

use crate::Gateway;

/// Routes under `/auth/v1`.
pub fn router(_gateway: Gateway) -> Router {
    Router::new()
}
