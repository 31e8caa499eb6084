//! Signing up.

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use serde_json::Map;

use super::{
    body::Params,
    error::AuthError,
    password::check_strength,
    session::{self, IssuedTokens, Spare},
    user::{NewUser, User, valid_email},
};
use crate::Gateway;

/// `POST /signup`: by e-mail and password, or anonymously when neither address is given.
pub(super) async fn sign_up(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<IssuedTokens>, AuthError> {
    let params = Params::parse(&headers, &body, "SignupParams")?;
    let (email, phone) = (params.text("email")?, params.text("phone")?);
    let data = params.object("data")?.unwrap_or_default();
    let anonymous = email.is_empty() && phone.is_empty();
    if anonymous && !gateway.auth.anonymous {
        return Err(AuthError::new(
            422,
            "anonymous_provider_disabled",
            "Anonymous sign-ins are disabled",
        ));
    }
    if !gateway.auth.signups {
        return Err(AuthError::new(
            422,
            "signup_disabled",
            "Signups not allowed for this instance",
        ));
    }
    let new = if anonymous {
        NewUser {
            email: None,
            password: None,
            confirmed: false,
            app_metadata: Map::new(),
            user_metadata: data,
            signs_up: true,
        }
    } else {
        let password = params.text("password")?;
        if password.is_empty() {
            return Err(AuthError::validation("Signup requires a valid password"));
        }
        check_strength(&gateway, password)?;
        if !phone.is_empty() {
            return Err(if email.is_empty() {
                AuthError::new(400, "phone_provider_disabled", "Phone signups are disabled")
            } else {
                AuthError::validation(
                    "Only an email address or phone number should be provided on signup.",
                )
            });
        }
        NewUser {
            email: Some(valid_email(email)?),
            password: Some(password.to_owned()),
            confirmed: true,
            app_metadata: Map::new(),
            user_metadata: data,
            signs_up: true,
        }
    };

    let mut client = gateway.auth_pool.get().await?;
    let transaction = client.transaction().await?;
    if let Some(email) = &new.email
        && User::by_email(&transaction, email).await?.is_some()
    {
        return Err(AuthError::new(
            422,
            "user_already_exists",
            "User already registered",
        ));
    }
    let mut user = new.insert(&transaction).await?.into_just_signed_up();
    let method = if anonymous { "anonymous" } else { "password" };
    let session = session::open(&transaction, &mut user, method, &headers).await?;
    let issued = session::issue(
        &transaction,
        &gateway,
        user,
        session,
        Spare::New { parent: None },
    )
    .await?;
    transaction.commit().await?;
    Ok(Json(issued))
}
