//! Who is asking: a Supabase session becomes a member of the team.

mod keys;

use axum::Json;
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use switchboard_model::{Member, UserId};
use tracing::warn;

use self::keys::{KEYS_AGAIN, Keys, Unread};
use crate::store::{Store, StoreError};

/// No token is longer: Supabase's have about 1 KB.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Checks sessions of the project.
#[derive(Clone)]
pub struct People {
    store: Store,
    secret: Option<DecodingKey>,
    keys: Keys,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Stranger {
    /// No session, or one that is not good.
    #[error("sign in first")]
    NoSession,
    /// A good session of somebody else.
    #[error("this account is not on the team")]
    NotOnTheTeam,
    /// Whether it is good cannot be found out now.
    #[error("the database does not answer")]
    Unknown,
    /// With what it is signed cannot be found out now.
    #[error("the project's sign-in does not answer, try again in a few seconds")]
    Unread,
}

impl IntoResponse for Stranger {
    fn into_response(self) -> Response {
        let message = Json(json!({ "message": self.to_string() }));
        let status = match self {
            Self::NoSession => StatusCode::UNAUTHORIZED,
            Self::NotOnTheTeam => StatusCode::FORBIDDEN,
            Self::Unknown | Self::Unread => {
                let again = [(RETRY_AFTER, KEYS_AGAIN.as_secs().to_string())];
                return (StatusCode::SERVICE_UNAVAILABLE, again, message).into_response();
            }
        };
        (status, message).into_response()
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: UserId,
}

impl People {
    /// Sessions of the project at `supabase_url`, signed with `secret` or with one of the keys that the project
    /// publishes. An empty secret is none.
    pub fn new(supabase_url: &Url, secret: &SecretString, store: Store) -> anyhow::Result<Self> {
        let secret = secret.expose_secret();
        Ok(Self {
            store,
            secret: (!secret.is_empty()).then(|| DecodingKey::from_secret(secret.as_bytes())),
            keys: Keys::new(supabase_url)?,
        })
    }

    /// The member whose session this is.
    pub async fn member(&self, headers: &HeaderMap) -> Result<Member, Stranger> {
        let token = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .filter(|token| token.len() <= MAX_TOKEN_BYTES)
            .ok_or(Stranger::NoSession)?;
        let user = self.user(token).await?;
        match self.store.member_of(user).await {
            Ok(member) => member.ok_or(Stranger::NotOnTheTeam),
            Err(error) => Err(unknown(&error)),
        }
    }

    async fn user(&self, token: &str) -> Result<UserId, Stranger> {
        let header = decode_header(token).map_err(|_| Stranger::NoSession)?;
        let key = match header.alg {
            Algorithm::HS256 => self.secret.clone(),
            Algorithm::ES256 | Algorithm::RS256 | Algorithm::EdDSA => {
                self.published(&header.kid.ok_or(Stranger::NoSession)?, header.alg)
                    .await?
            }
            _ => None,
        };
        let key = key.ok_or(Stranger::NoSession)?;
        // The algorithm is one that fits the key: a public key is never taken for a secret.
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&["authenticated"]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        validation.validate_nbf = true;
        let claims = decode::<Claims>(token, &key, &validation);
        claims
            .map(|claims| claims.claims.sub)
            .map_err(|_| Stranger::NoSession)
    }

    /// The project's public key of that name, if it is one for that algorithm.
    async fn published(
        &self,
        kid: &str,
        algorithm: Algorithm,
    ) -> Result<Option<DecodingKey>, Stranger> {
        let key = self
            .keys
            .named(kid)
            .await
            .map_err(|Unread| Stranger::Unread)?;
        let Some(key) = key else { return Ok(None) };
        let is_for = key.common.key_algorithm.map(|named| named.to_string());
        if is_for.is_some_and(|named| named != format!("{algorithm:?}")) {
            return Ok(None);
        }
        Ok(DecodingKey::from_jwk(&key).ok())
    }
}

fn unknown(error: &StoreError) -> Stranger {
    warn!(%error, "cannot find out who is asking");
    Stranger::Unknown
}

#[cfg(test)]
mod tests;
