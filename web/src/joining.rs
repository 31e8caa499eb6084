//! Joining the team with an invitation, through the service: no browser has the key that makes accounts.

use serde_json::json;
use switchboard_model::json;

use crate::api::{Unreachable, fetch};
use crate::location::forget_invitation;
use crate::texts;

/// Makes the account that the invitation is for; the sentence says why not.
pub(crate) async fn join(secret: &str, email: &str, password: &str) -> Result<(), &'static str> {
    let application = json!({ "secret": secret, "email": email, "password": password });
    let headers = [("content-type", "application/json")];
    let body = Some(json::write(&application));
    let asked = fetch("POST", "/api/join", &headers, body).await;
    match asked.map(|reply| reply.status) {
        Ok(204) => {
            forget_invitation();
            Ok(())
        }
        Ok(400) => Err(texts::join_wants()),
        Ok(409) => Err(texts::join_taken()),
        Ok(410) => {
            forget_invitation();
            Err(texts::join_over())
        }
        Ok(429) => Err(texts::too_many_attempts()),
        Ok(_) => Err(texts::server_trouble()),
        Err(Unreachable) => Err(texts::starting_failed_rest()),
    }
}
