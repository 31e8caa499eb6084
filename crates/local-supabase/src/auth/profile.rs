//! What users see and change of themselves.

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use serde_json::Value;

use super::{
    bearer::SignedIn,
    body::Params,
    error::AuthError,
    password::{check_strength, password_matches, set_password},
    session,
    user::{Metadata, User, merge_metadata},
};
use crate::Gateway;

/// `GET /user`.
pub(super) async fn show(signed_in: SignedIn) -> Result<Json<User>, AuthError> {
    let audience = match signed_in.claims.raw().get("aud") {
        Some(Value::Array(all)) => all.first().and_then(Value::as_str),
        other => other.and_then(Value::as_str),
    };
    if audience != Some("authenticated") {
        return Err(AuthError::validation(
            "Token audience doesn't match request audience",
        ));
    }
    Ok(Json(signed_in.user))
}

/// `PUT /user`: password and metadata. Changing an address needs an e-mail, which the stand-in does not send.
pub(super) async fn update(
    State(gateway): State<Gateway>,
    signed_in: SignedIn,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<User>, AuthError> {
    let params = Params::parse(&headers, &body, "UserUpdateParams")?;
    let id = signed_in.user.id;
    if !params.text("email")?.is_empty() || !params.text("phone")?.is_empty() {
        return Err(AuthError::validation(
            "This stand-in cannot change an address: it sends no messages",
        ));
    }
    let mut client = gateway.auth_pool.get().await?;
    let transaction = client.transaction().await?;
    let password = params.text("password")?;
    if !password.is_empty() {
        check_strength(&gateway, password)?;
        if password_matches(&transaction, id, password).await? {
            let message = "New password should be different from the old password.";
            return Err(AuthError::new(422, "same_password", message));
        }
        set_password(&transaction, id, password).await?;
        session::close_all_but(&transaction, id, signed_in.session).await?;
    }
    if let Some(data) = params.object("data")? {
        merge_metadata(&transaction, id, Metadata::User, data).await?;
    }
    let user = User::by_id(&transaction, id).await?;
    transaction.commit().await?;
    user.map(Json)
        .ok_or_else(|| AuthError::new(404, "user_not_found", "User not found"))
}
