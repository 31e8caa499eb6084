//! What users see and change of themselves.

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use serde_json::Value;

use super::{
    bearer::SignedIn,
    body::Params,
    error::AuthError,
    password::{check_strength, password_matches, set_password},
    session,
    user::{EMAIL_EXISTS, Metadata, User, merge_metadata, valid_email},
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
    let email = match params.text("email")? {
        "" => None,
        email => Some(valid_email(email)?).filter(|email| *email != signed_in.user.email),
    };
    let password = params.optional_text("password")?;
    if let Some(password) = password {
        check_strength(&gateway, password)?;
    }
    if params.object("app_metadata")?.is_some() && signed_in.user.role != "service_role" {
        return Err(AuthError::new(
            403,
            "not_admin",
            "Updating app_metadata requires admin privileges",
        ));
    }
    if signed_in.user.is_anonymous && password.is_some() && email.is_none() {
        return Err(AuthError::new(
            422,
            "validation_failed",
            "Updating password of an anonymous user without an email or phone is not allowed",
        ));
    }
    let mut client = gateway.auth_pool.get().await?;
    let transaction = client.transaction().await?;
    if let Some(email) = &email
        && User::by_email(&transaction, email).await?.is_some()
    {
        return Err(AuthError::new(422, "email_exists", EMAIL_EXISTS));
    }
    if email.is_some() || !params.text("phone")?.is_empty() {
        return Err(AuthError::validation(
            "This stand-in cannot change an address: it sends no messages",
        ));
    }
    if let Some(password) = password {
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
