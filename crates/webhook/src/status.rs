//! Legs tell how they are.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_twilio::StatusCallback;
use tracing::{debug, info};

use crate::endings::Ending;
use crate::server::App;
use crate::signed::Signed;

/// `POST /twilio/status`: the customer's leg has changed its state. Only its end matters: everything else is in the row
/// already. Order and repetition do not matter either, because an ended row stays as it is.
///
/// 204 when the end is written, 503 when it waits for the database: Twilio then asks again if the URL in its console
/// says so (`#rc=3&rp=ct,rt,5xx`), and this process tries by itself in any case.
pub async fn status(
    State(app): State<App>,
    Signed { callback, .. }: Signed<StatusCallback>,
) -> StatusCode {
    if !callback.status.is_final() {
        debug!(call.status = ?callback.status, "a leg goes on");
        return StatusCode::NO_CONTENT;
    }
    info!(call.status = ?callback.status, sequence = callback.sequence_number, "a leg is over");
    match app.endings.end(callback).await {
        Ending::Written => StatusCode::NO_CONTENT,
        Ending::Waiting => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// `POST /twilio/leg`: an agent's leg has changed its state. It never ends the customer's row.
pub async fn leg(Signed { callback, .. }: Signed<StatusCallback>) -> StatusCode {
    debug!(call.status = ?callback.status, sequence = callback.sequence_number, "an agent's leg goes on");
    StatusCode::NO_CONTENT
}
