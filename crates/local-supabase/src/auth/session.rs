//! Sessions and the pairs of tokens that they hand out; signing out.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
};
use deadpool_postgres::GenericClient;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    bearer::SignedIn,
    error::AuthError,
    user::{User, random_word},
};
use crate::Gateway;

/// What a grant answers.
#[derive(Debug, Serialize)]
pub(super) struct IssuedTokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    expires_at: i64,
    refresh_token: String,
    user: User,
}

/// Which refresh token goes with a new access token.
pub(super) enum Spare {
    /// A fresh one, made from `parent` if it replaces one.
    New { parent: Option<String> },
    /// One that was handed out before and that nobody has used.
    Unused(String),
}

/// Opens a session for a user who has just proven who it is by `method`.
pub(super) async fn open(
    client: &impl GenericClient,
    user: &mut User,
    method: &str,
    headers: &HeaderMap,
) -> Result<Uuid, AuthError> {
    let id = Uuid::new_v4();
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    client
        .execute(
            "insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent) \
             values ($1, $2, now(), now(), 'aal1', $3)",
            &[&id, &user.id, &agent],
        )
        .await?;
    client
        .execute(
            "insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) \
             values (gen_random_uuid(), $1, now(), now(), $2)",
            &[&id, &method],
        )
        .await?;
    let row = client
        .query_one(
            "update auth.users set last_sign_in_at = now(), updated_at = now() where id = $1 returning last_sign_in_at",
            &[&user.id],
        )
        .await?;
    user.signed_in_at(row.get(0));
    Ok(id)
}

/// An access token for `session`, and its refresh token.
pub(super) async fn issue(
    client: &impl GenericClient,
    gateway: &Gateway,
    user: User,
    session: Uuid,
    spare: Spare,
) -> Result<IssuedTokens, AuthError> {
    let refresh_token = match spare {
        Spare::Unused(token) => token,
        Spare::New { parent } => {
            let token = random_word(12);
            client
                .execute(
                    "insert into auth.refresh_tokens \
                       (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id) \
                     values ('00000000-0000-0000-0000-000000000000', $1, $2::uuid::text, false, now(), now(), $3, $4)",
                    &[&token, &user.id, &parent, &session],
                )
                .await?;
            token
        }
    };
    let methods = client
        .query(
            "select authentication_method, extract(epoch from updated_at)::bigint from auth.mfa_amr_claims \
             where session_id = $1 order by updated_at desc",
            &[&session],
        )
        .await?;
    let methods: Vec<Value> = methods
        .iter()
        .map(|row| json!({"method": row.get::<_, &str>(0), "timestamp": row.get::<_, i64>(1)}))
        .collect();
    let expires_in = gateway.jwt_expiry.as_secs();
    let issued_at = OffsetDateTime::now_utc().unix_timestamp();
    let expires_at = issued_at.saturating_add(i64::try_from(expires_in).unwrap_or(i64::MAX));
    let access_token = gateway.jwt.sign(&json!({
        "iss": format!("{}/auth/v1", gateway.url),
        "sub": user.id,
        "aud": user.aud,
        "exp": expires_at,
        "iat": issued_at,
        "email": user.email,
        "phone": user.phone,
        "app_metadata": user.app_metadata,
        "user_metadata": user.user_metadata,
        "role": user.role,
        "aal": "aal1",
        "amr": methods,
        "session_id": session,
        "is_anonymous": user.is_anonymous,
    }));
    Ok(IssuedTokens {
        access_token,
        token_type: "bearer",
        expires_in,
        expires_at,
        refresh_token,
        user,
    })
}

/// Ends every session of `user`, except `kept`.
pub(super) async fn close_all_but(
    client: &impl GenericClient,
    user: Uuid,
    kept: Option<Uuid>,
) -> Result<(), AuthError> {
    let sql = "delete from auth.sessions where user_id = $1 and id is distinct from $2";
    client.execute(sql, &[&user, &kept]).await?;
    Ok(())
}

#[derive(Debug, Deserialize)]
pub(super) struct LogOut {
    #[serde(default)]
    scope: String,
}

/// `POST /logout`: ends this session, the others, or (the default) all of them. Refresh tokens go with their session.
pub(super) async fn log_out(
    State(gateway): State<Gateway>,
    signed_in: SignedIn,
    Query(LogOut { scope }): Query<LogOut>,
) -> Result<StatusCode, AuthError> {
    let client = gateway.auth_pool.get().await?;
    let user = signed_in.user.id;
    match (scope.as_str(), signed_in.session) {
        ("" | "global", _) | ("local" | "others", None) => {
            close_all_but(&client, user, None).await?;
        }
        ("others", session) => close_all_but(&client, user, session).await?,
        ("local", Some(session)) => {
            client
                .execute("delete from auth.sessions where id = $1", &[&session])
                .await?;
        }
        (other, _) => {
            return Err(AuthError::validation(format!(
                "Unsupported logout scope {other:?}"
            )));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
