//! Who asks: the role and the claims of the request's token.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::error::ApiError;
use crate::jwt::{Jwt, TimeFault, TokenFault};

/// PostgREST forgives clocks that differ by this many seconds.
const SKEW: i64 = 30;

const ANONYMOUS: &str = "anon";

/// Whom a request is carried out for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The database role.
    pub(crate) role: String,
    /// JSON, for `request.jwt.claims`.
    pub(crate) claims: String,
}

impl Caller {
    /// Whether nobody is signed in.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.role == ANONYMOUS
    }

    /// Checks the bearer token, if there is one. `now`: seconds since 1970.
    pub(crate) fn of(headers: &HeaderMap, jwt: &Jwt, now: i64) -> Result<Self, ApiError> {
        let authorization = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let Some(token) = authorization.and_then(bearer) else {
            return Ok(Self::with(Map::new()));
        };
        if token.is_empty() {
            return Err(ApiError::token(
                "PGRST301",
                "Empty JWT is sent in Authorization header",
            ));
        }
        let claims = jwt.decode(token).map_err(|fault| refused(&fault))?;
        claims
            .check_times(now, SKEW)
            .map_err(|fault| out_of_time(&fault))?;
        if !names_audiences(claims.raw().get("aud")) {
            return Err(ApiError::token(
                "PGRST303",
                "The JWT 'aud' claim must be a string or an array of strings",
            ));
        }
        Ok(Self::with(claims.raw().clone()))
    }

    fn with(mut claims: Map<String, Value>) -> Self {
        let role = claims
            .get("role")
            .and_then(Value::as_str)
            .unwrap_or(ANONYMOUS)
            .to_owned();
        claims.entry("role").or_insert_with(|| role.as_str().into());
        Self {
            role,
            claims: Value::Object(claims).to_string(),
        }
    }
}

/// Whether an audience is given as it must be; which one does not matter here.
fn names_audiences(audience: Option<&Value>) -> bool {
    match audience {
        None | Some(Value::Null | Value::String(_)) => true,
        Some(Value::Array(names)) => names.iter().all(Value::is_string),
        Some(_) => false,
    }
}

/// What follows `Bearer`; another scheme, or none, is no token at all.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, rest) = authorization.split_at_checked(6)?;
    let is_bearer =
        scheme.eq_ignore_ascii_case("bearer") && (rest.is_empty() || rest.starts_with(' '));
    is_bearer.then(|| rest.trim())
}

fn refused(fault: &TokenFault) -> ApiError {
    let key = || ApiError::token("PGRST301", "No suitable key or wrong key type");
    match fault {
        TokenFault::Parts(parts) => {
            ApiError::token("PGRST301", &format!("Expected 3 parts in JWT; got {parts}"))
        }
        TokenFault::HeaderEncoding | TokenFault::Header => {
            ApiError::token("PGRST301", "JWT cryptographic operation failed")
        }
        TokenFault::Algorithm(_) => {
            key().with_details("No suitable key was found to decode the JWT")
        }
        TokenFault::Signature => key().with_details("None of the keys was able to decode the JWT"),
        TokenFault::Payload => ApiError::token("PGRST303", "Parsing claims failed"),
    }
}

fn out_of_time(fault: &TimeFault) -> ApiError {
    let message = match fault {
        TimeFault::Expired(_) => "JWT expired".to_owned(),
        TimeFault::NotYetValid => "JWT not yet valid".to_owned(),
        TimeFault::IssuedInFuture => "JWT issued at future".to_owned(),
        TimeFault::NotANumber(claim) => format!("The JWT '{claim}' claim must be a number"),
    };
    ApiError::token("PGRST303", &message)
}
