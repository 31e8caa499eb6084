//! Not there yet.

use axum::Router;

use crate::Gateway;

/// Routes under `/rest/v1`.
pub fn router(_gateway: Gateway) -> Router {
    Router::new()
}
