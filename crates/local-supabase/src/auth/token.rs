//! `POST /token`: a password or a refresh token for a new pair of tokens.

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::HeaderMap,
};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    body::Params,
    error::AuthError,
    password::password_matches,
    session::{self, IssuedTokens, Spare},
    user::User,
};
use crate::Gateway;

/// How long a used refresh token may be used again: two tabs can ask at the same moment.
const REUSE_INTERVAL: Duration = Duration::seconds(10);

#[derive(Debug, Deserialize)]
pub(super) struct Grant {
    #[serde(default)]
    grant_type: String,
}

pub(super) async fn grant(
    State(gateway): State<Gateway>,
    Query(Grant { grant_type }): Query<Grant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<IssuedTokens>, AuthError> {
    match grant_type.as_str() {
        "password" => by_password(&gateway, &headers, &body).await.map(Json),
        "refresh_token" => by_refresh_token(&gateway, &headers, &body).await.map(Json),
        "pkce" => Err(by_code(&headers, &body)),
        _ => Err(AuthError::new(
            400,
            "invalid_credentials",
            "unsupported_grant_type",
        )),
    }
}

/// There are no flows that end in a code, so none is known.
fn by_code(headers: &HeaderMap, body: &Bytes) -> AuthError {
    let given = Params::parse(headers, body, "PKCEGrantParams").and_then(|params| {
        Ok(!params.text("auth_code")?.is_empty() && !params.text("code_verifier")?.is_empty())
    });
    match given {
        Err(unreadable) => unreadable,
        Ok(false) => AuthError::validation(
            "invalid request: both auth code and code verifier should be non-empty",
        ),
        Ok(true) => AuthError::new(
            404,
            "flow_state_not_found",
            "invalid flow state, no valid flow state found",
        ),
    }
}

async fn by_password(
    gateway: &Gateway,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<IssuedTokens, AuthError> {
    let params = Params::parse(headers, body, "PasswordGrantParams")?;
    let (email, phone, password) = (
        params.text("email")?,
        params.text("phone")?,
        params.text("password")?,
    );
    match (email.is_empty(), phone.is_empty()) {
        (false, true) => {}
        (false, false) => {
            let message = "Only an email address or phone number should be provided on login.";
            return Err(AuthError::validation(message));
        }
        (true, false) => {
            return Err(AuthError::new(
                422,
                "phone_provider_disabled",
                "Phone logins are disabled",
            ));
        }
        (true, true) => return Err(AuthError::validation("missing email or phone")),
    }
    let wrong = || AuthError::new(400, "invalid_credentials", "Invalid login credentials");

    let mut client = gateway.auth_pool.get().await?;
    let transaction = client.transaction().await?;
    let mut user = User::by_email(&transaction, email)
        .await?
        .ok_or_else(wrong)?;
    if user.is_banned() {
        return Err(AuthError::new(400, "user_banned", "User is banned"));
    }
    if !password_matches(&transaction, user.id, password).await? {
        return Err(wrong());
    }
    if user.email_confirmed_at.is_none() {
        return Err(AuthError::new(
            400,
            "email_not_confirmed",
            "Email not confirmed",
        ));
    }
    let session = session::open(&transaction, &mut user, "password", headers).await?;
    let issued = session::issue(
        &transaction,
        gateway,
        user,
        session,
        Spare::New { parent: None },
    )
    .await?;
    transaction.commit().await?;
    Ok(issued)
}

/// A refresh token as it stands in the database.
struct Stored {
    token: String,
    revoked: bool,
    changed_at: OffsetDateTime,
    session: Uuid,
    user: Uuid,
}

async fn by_refresh_token(
    gateway: &Gateway,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<IssuedTokens, AuthError> {
    let params = Params::parse(headers, body, "RefreshTokenGrantParams")?;
    let token = params.text("refresh_token")?;
    if token.is_empty() {
        return Err(AuthError::OAuth {
            error: "invalid_request",
            description: "refresh_token required",
        });
    }
    let unknown = || {
        AuthError::new(
            400,
            "refresh_token_not_found",
            "Invalid Refresh Token: Refresh Token Not Found",
        )
    };
    let mut client = gateway.auth_pool.get().await?;
    let transaction = client.transaction().await?;
    let stored = find(&transaction, token).await?.ok_or_else(unknown)?;
    let user = User::by_id(&transaction, stored.user)
        .await?
        .ok_or_else(unknown)?;
    if user.is_banned() {
        return Err(AuthError::new(
            400,
            "user_banned",
            "Invalid Refresh Token: User Banned",
        ));
    }
    let spare = match next_token(&transaction, &stored).await? {
        Some(spare) => spare,
        None => {
            // Somebody may have stolen a token of this session: none of them is good any more.
            transaction
                .execute(
                    "update auth.refresh_tokens set revoked = true, updated_at = now() \
                     where session_id = $1 and not revoked",
                    &[&stored.session],
                )
                .await?;
            transaction.commit().await?;
            let message = "Invalid Refresh Token: Already Used";
            return Err(AuthError::new(400, "refresh_token_already_used", message));
        }
    };
    if let Spare::New { .. } = spare {
        let sql =
            "update auth.refresh_tokens set revoked = true, updated_at = now() where token = $1";
        transaction.execute(sql, &[&stored.token]).await?;
    }
    let sql = "update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now() where id = $1";
    transaction.execute(sql, &[&stored.session]).await?;
    let issued = session::issue(&transaction, gateway, user, stored.session, spare).await?;
    transaction.commit().await?;
    Ok(issued)
}

/// Finds the token and locks its session, so that two refreshes of one session take turns.
async fn find(
    transaction: &deadpool_postgres::Transaction<'_>,
    token: &str,
) -> Result<Option<Stored>, AuthError> {
    let session = transaction
        .query_opt(
            "select s.id from auth.sessions s join auth.refresh_tokens t on t.session_id = s.id \
             where t.token = $1 for update of s",
            &[&token],
        )
        .await?;
    if session.is_none() {
        return Ok(None);
    }
    let row = transaction
        .query_opt(
            "select coalesce(revoked, false), coalesce(updated_at, created_at, now()), session_id, user_id::uuid \
             from auth.refresh_tokens where token = $1",
            &[&token],
        )
        .await?;
    Ok(row.map(|row| Stored {
        token: token.to_owned(),
        revoked: row.get(0),
        changed_at: row.get(1),
        session: row.get(2),
        user: row.get(3),
    }))
}

/// What follows `stored`, or nothing if it was used too long ago.
async fn next_token(
    transaction: &deadpool_postgres::Transaction<'_>,
    stored: &Stored,
) -> Result<Option<Spare>, AuthError> {
    let fresh = Spare::New {
        parent: Some(stored.token.clone()),
    };
    if !stored.revoked {
        return Ok(Some(fresh));
    }
    let unused = transaction
        .query_opt(
            "select token, parent from auth.refresh_tokens where session_id = $1 and not revoked order by id desc limit 1",
            &[&stored.session],
        )
        .await?;
    // The answer with the child may never have arrived: its parent brings the same child again, at any time.
    if let Some(row) = unused
        && row.get::<_, Option<&str>>(1) == Some(stored.token.as_str())
    {
        return Ok(Some(Spare::Unused(row.get(0))));
    }
    let still_fine = OffsetDateTime::now_utc() <= stored.changed_at + REUSE_INTERVAL;
    Ok(still_fine.then_some(fresh))
}
