//! Who a token speaks for, and how Realtime words a token's faults at the handshake, at a join and at a push.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{Jwt, TokenFault};

/// A verified token.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// Database role whose rights apply.
    pub(super) role: Arc<str>,
    /// All claims as JSON text, for `request.jwt.claims`.
    pub(super) claims: Arc<str>,
    /// Claim `sub`, or an empty text.
    pub(super) subject: Arc<str>,
    /// Seconds since 1970.
    pub(super) expires_at: i64,
}

/// Why a token was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Malformed,
    Signature,
    /// `role` or `exp` is missing.
    Claims,
    /// Seconds since its `exp`.
    Expired(i64),
}

const MALFORMED: &str = "The token provided is not a valid JWT";
const SIGNATURE: &str = "Failed to validate JWT signature";
const CLAIMS: &str = "Fields `role` and `exp` are required in JWT";

impl Fault {
    /// The `error` of a refused handshake.
    pub(super) fn at_handshake(&self) -> String {
        match self {
            Self::Malformed => MALFORMED.to_owned(),
            Self::Signature => SIGNATURE.to_owned(),
            Self::Claims => CLAIMS.to_owned(),
            Self::Expired(_) => "Token has expired".to_owned(),
        }
    }

    /// The `reason` of a refused join.
    pub(super) fn at_join(&self) -> String {
        match self {
            Self::Malformed => format!("MalformedJWT: {MALFORMED}"),
            Self::Signature => format!("JwtSignatureError: {SIGNATURE}"),
            Self::Claims => format!("InvalidJWTToken: {CLAIMS}"),
            Self::Expired(_) => format!("InvalidJWTToken: {}", self.at_push()),
        }
    }

    /// The `message` of the system frame before a channel is closed.
    pub(super) fn at_push(&self) -> String {
        match self {
            Self::Malformed => MALFORMED.to_owned(),
            Self::Signature => ":signature_error".to_owned(),
            Self::Claims => CLAIMS.to_owned(),
            Self::Expired(seconds) => format!("Token has expired {seconds} seconds ago"),
        }
    }
}

/// Verifies `token`. Realtime allows no clock skew.
pub(super) fn verify(jwt: &Jwt, token: &str) -> Result<Identity, Fault> {
    verify_at(jwt, token, now())
}

/// [`verify`] at a moment, in seconds since 1970.
fn verify_at(jwt: &Jwt, token: &str, now: i64) -> Result<Identity, Fault> {
    let claims = jwt.decode(token).map_err(|fault| match fault {
        TokenFault::Signature | TokenFault::Algorithm(_) => Fault::Signature,
        TokenFault::Parts(_)
        | TokenFault::HeaderEncoding
        | TokenFault::Header
        | TokenFault::Payload => Fault::Malformed,
    })?;
    let (Some(role), Some(expires_at)) = (claims.role(), claims.expires_at()) else {
        return Err(Fault::Claims);
    };
    let identity = Identity {
        role: role.into(),
        claims: Value::Object(claims.raw().clone()).to_string().into(),
        subject: claims.subject().unwrap_or_default().into(),
        expires_at,
    };
    identity.check_time_at(now).map(|()| identity)
}

impl Identity {
    /// Whether the token still holds.
    pub(super) fn check_time(&self) -> Result<(), Fault> {
        self.check_time_at(now())
    }

    fn check_time_at(&self, now: i64) -> Result<(), Fault> {
        let over = now.saturating_sub(self.expires_at);
        if over >= 0 {
            Err(Fault::Expired(over))
        } else {
            Ok(())
        }
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs().cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{LOCAL_ANON_KEY, LOCAL_JWT_SECRET};
    use serde_json::json;

    /// The moment of these tests, so that none of them depends on how fast it runs.
    const NOW: i64 = 1_900_000_000;

    fn verdict(claims: &Value) -> Result<Identity, Fault> {
        let jwt = Jwt::new(LOCAL_JWT_SECRET.into());
        verify_at(&jwt, &jwt.sign(claims), NOW)
    }

    #[test]
    fn the_anon_key_speaks_for_anon() {
        let identity =
            verify(&Jwt::new(LOCAL_JWT_SECRET.into()), LOCAL_ANON_KEY).expect("published key");
        assert_eq!((&*identity.role, &*identity.subject), ("anon", ""));
    }

    #[test]
    fn each_fault_is_worded_as_recorded() {
        let jwt = Jwt::new(LOCAL_JWT_SECRET.into());
        let foreign = Jwt::new("another-secret-that-is-as-long-as-it-should-be".into());
        let expired = verdict(&json!({"role": "anon", "exp": NOW - 30})).expect_err("expired");
        assert_eq!(
            expired.at_join(),
            "InvalidJWTToken: Token has expired 30 seconds ago"
        );
        assert_eq!(expired.at_handshake(), "Token has expired");
        let bare = verdict(&json!({"role": "anon"})).expect_err("no exp");
        assert_eq!(
            bare.at_join(),
            "InvalidJWTToken: Fields `role` and `exp` are required in JWT"
        );
        assert_eq!(
            verdict(&json!({"exp": NOW + 30})).expect_err("no role"),
            Fault::Claims
        );
        let wrong = verify(
            &jwt,
            &foreign.sign(&json!({"role": "anon", "exp": NOW + 30})),
        )
        .expect_err("foreign");
        assert_eq!(
            wrong.at_join(),
            "JwtSignatureError: Failed to validate JWT signature"
        );
        assert_eq!(wrong.at_push(), ":signature_error");
        for garbage in ["", "garbage", "a.b.c"] {
            let fault = verify(&jwt, garbage).expect_err(garbage);
            assert_eq!(
                fault.at_join(),
                "MalformedJWT: The token provided is not a valid JWT"
            );
        }
    }

    #[test]
    fn a_token_ends_at_its_exp_exactly() {
        assert_eq!(
            verdict(&json!({"role": "anon", "exp": NOW})).expect_err("ends now"),
            Fault::Expired(0)
        );
    }
}
