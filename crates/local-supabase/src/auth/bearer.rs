//! Who is asking: the bearer token of a request, and the user and session that it names.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{error::AuthError, user::User};
use crate::{
    Claims, Gateway,
    jwt::{TimeFault, TokenFault},
};

/// A token of the stack that is valid now.
pub(super) struct Token(pub(super) Claims);

/// The user that a token speaks for, and its session if the token names one.
pub(super) struct SignedIn {
    pub(super) claims: Claims,
    pub(super) user: User,
    pub(super) session: Option<Uuid>,
}

/// A token of somebody who may administer users.
pub(super) struct Admin;

impl FromRequestParts<Gateway> for Token {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, AuthError> {
        let token = bearer(&parts.headers).ok_or_else(|| {
            AuthError::new(
                401,
                "no_authorization",
                "This endpoint requires a Bearer token",
            )
        })?;
        let claims = gateway
            .jwt
            .decode(token)
            .map_err(|fault| bad_jwt(&in_go_words(&fault)))?;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        claims.check_times(now, 0).map_err(|fault| {
            bad_jwt(&match fault {
                TimeFault::Expired(_) => "token has invalid claims: token is expired".to_owned(),
                TimeFault::NotYetValid => {
                    "token has invalid claims: token is not valid yet".to_owned()
                }
                TimeFault::IssuedInFuture => {
                    "token has invalid claims: token used before issued".to_owned()
                }
                TimeFault::NotANumber(claim) => format!("token is malformed: {claim} is invalid"),
            })
        })?;
        Ok(Self(claims))
    }
}

impl FromRequestParts<Gateway> for Admin {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, AuthError> {
        let Token(claims) = Token::from_request_parts(parts, gateway).await?;
        match claims.role() {
            Some("service_role" | "supabase_admin") => Ok(Self),
            _ => Err(AuthError::new(403, "not_admin", "User not allowed")),
        }
    }
}

impl FromRequestParts<Gateway> for SignedIn {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, AuthError> {
        let Token(claims) = Token::from_request_parts(parts, gateway).await?;
        let refuse = |message: &str| AuthError::new(403, "bad_jwt", message);
        let subject = claims.subject().unwrap_or_default();
        if subject.is_empty() {
            return Err(refuse("invalid claim: missing sub claim"));
        }
        let id: Uuid = subject
            .parse()
            .map_err(|_| refuse("invalid claim: sub claim must be a UUID"))?;
        let client = gateway.auth_pool.get().await?;
        let user = User::by_id(&client, id).await?.ok_or_else(|| {
            AuthError::new(
                403,
                "user_not_found",
                "User from sub claim in JWT does not exist",
            )
        })?;
        let session = match claims.text("session_id").filter(|id| !id.is_empty()) {
            None => None,
            Some(text) => {
                let id: Uuid = text
                    .parse()
                    .map_err(|_| refuse("invalid claim: session_id claim must be a UUID"))?;
                let found = client
                    .query_opt(
                        "select 1 from auth.sessions where id = $1 and user_id = $2",
                        &[&id, &user.id],
                    )
                    .await?;
                if found.is_none() {
                    let message = "Session from session_id claim in JWT does not exist";
                    return Err(AuthError::new(403, "session_not_found", message));
                }
                Some(id)
            }
        };
        Ok(Self {
            claims,
            user,
            session,
        })
    }
}

/// What follows `Bearer ` (in any case) if it is one word.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_at_checked(7)?;
    (scheme.eq_ignore_ascii_case("bearer ")
        && !token.is_empty()
        && !token.contains(char::is_whitespace))
    .then_some(token)
}

fn bad_jwt(why: &str) -> AuthError {
    let why = format!("invalid JWT: unable to parse or verify signature, {why}");
    AuthError::new(403, "bad_jwt", why)
}

fn in_go_words(fault: &TokenFault) -> String {
    match fault {
        TokenFault::Parts(_) => {
            "token is malformed: token contains an invalid number of segments".to_owned()
        }
        TokenFault::HeaderEncoding => {
            "token is malformed: could not base64 decode header".to_owned()
        }
        TokenFault::Header => "token is malformed: could not JSON decode header".to_owned(),
        TokenFault::Algorithm(name) => {
            format!("token signature is invalid: signing method {name} is invalid")
        }
        TokenFault::Signature => "token signature is invalid: signature is invalid".to_owned(),
        TokenFault::Payload => "token is malformed: could not JSON decode claim".to_owned(),
    }
}
