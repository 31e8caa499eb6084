//! Verifying and signing HS256 tokens, in steps.
//!
//! PostgREST, Auth and Realtime each word the same fault differently and allow different clock skews. So
//! [`Jwt::decode`] checks form and signature and says exactly what was wrong, [`Claims::check_times`] checks the
//! clock, and each service puts its own words to the fault.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::Sha256;

/// Why a token was not accepted before its claims were looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not three parts joined by dots; holds the number of parts.
    #[error("token has {0} parts, not 3")]
    Parts(usize),
    /// The first part is not base64url.
    #[error("token header is not base64url")]
    HeaderEncoding,
    /// The first part is not a JSON object with a text `alg`.
    #[error("token header is not a JSON object")]
    Header,
    /// Another algorithm than HS256; holds its name as given.
    #[error("token algorithm {0} is not HS256")]
    Algorithm(String),
    /// The third part is not base64url, or is not the signature of the first two.
    #[error("token signature is invalid")]
    Signature,
    /// Rightly signed, but the second part is not a JSON object.
    #[error("token payload is not a JSON object")]
    Payload,
}

/// Why rightly signed claims are not valid now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeFault {
    /// `exp` passed this many seconds ago.
    #[error("token expired {0} s ago")]
    Expired(i64),
    /// `nbf` is in the future.
    #[error("token is not valid yet")]
    NotYetValid,
    /// `iat` is in the future.
    #[error("token was issued in the future")]
    IssuedInFuture,
    /// The named claim is there, but is not a number.
    #[error("claim {0} is not a number")]
    NotANumber(&'static str),
}

/// Signs and verifies with one secret.
#[derive(Debug, Clone)]
pub struct Jwt {
    secret: SecretString,
}

impl Jwt {
    /// A signer and verifier for `secret`, used as the raw bytes of the text.
    pub fn new(secret: SecretString) -> Self {
        Self { secret }
    }

    fn mac(&self) -> Hmac<Sha256> {
        // HMAC takes keys of any length, so this cannot fail; an empty key is only ever wrong, never unsafe here.
        Hmac::new_from_slice(self.secret.expose_secret().as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC accepts any key length"))
    }

    /// Signs `claims` (any JSON object) as HS256.
    pub fn sign(&self, claims: &Value) -> String {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let body = URL_SAFE_NO_PAD.encode(claims.to_string());
        let mut mac = self.mac();
        mac.update(format!("{head}.{body}").as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{head}.{body}.{signature}")
    }

    /// Checks form, algorithm and signature. The clock is the caller's affair: see [`Claims::check_times`].
    pub fn decode(&self, token: &str) -> Result<Claims, TokenFault> {
        let parts: Vec<&str> = token.split('.').collect();
        let [head, body, signature] = parts[..] else {
            return Err(TokenFault::Parts(parts.len()));
        };
        let header = URL_SAFE_NO_PAD
            .decode(head)
            .map_err(|_| TokenFault::HeaderEncoding)?;
        let header: Value = serde_json::from_slice(&header).map_err(|_| TokenFault::Header)?;
        match header.get("alg").and_then(Value::as_str) {
            Some("HS256") => {}
            Some(other) => return Err(TokenFault::Algorithm(other.to_owned())),
            None => return Err(TokenFault::Header),
        }
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| TokenFault::Signature)?;
        let mut mac = self.mac();
        mac.update(format!("{head}.{body}").as_bytes());
        mac.verify_slice(&signature)
            .map_err(|_| TokenFault::Signature)?;
        let payload = URL_SAFE_NO_PAD
            .decode(body)
            .map_err(|_| TokenFault::Payload)?;
        match serde_json::from_slice(&payload) {
            Ok(Value::Object(raw)) => Ok(Claims { raw }),
            _ => Err(TokenFault::Payload),
        }
    }
}

/// The claims of a rightly signed token, as they stood in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    raw: Map<String, Value>,
}

impl Claims {
    /// The whole object, for `request.jwt.claims`.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.raw
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw.get(name).and_then(Value::as_str)
    }

    /// The database role that the token asks for.
    pub fn role(&self) -> Option<&str> {
        self.text("role")
    }

    /// The user that the token speaks for.
    pub fn subject(&self) -> Option<&str> {
        self.text("sub")
    }

    /// `exp` in whole seconds since 1970, if it is there and a number.
    pub fn expires_at(&self) -> Option<i64> {
        self.seconds("exp").ok().flatten()
    }

    fn seconds(&self, name: &'static str) -> Result<Option<i64>, TimeFault> {
        match self.raw.get(name) {
            None | Some(Value::Null) => Ok(None),
            // A NumericDate may have a fraction; seconds are enough here.
            Some(Value::Number(number)) => Ok(number
                .as_i64()
                .or_else(|| number.as_f64().map(|f| f as i64))),
            Some(_) => Err(TimeFault::NotANumber(name)),
        }
    }

    /// Checks `exp`, `nbf` and `iat` against `now` (seconds since 1970), allowing `skew` seconds either way.
    pub fn check_times(&self, now: i64, skew: i64) -> Result<(), TimeFault> {
        let (exp, nbf, iat) = (
            self.seconds("exp")?,
            self.seconds("nbf")?,
            self.seconds("iat")?,
        );
        if let Some(exp) = exp
            && now.saturating_sub(skew) >= exp
        {
            return Err(TimeFault::Expired(now.saturating_sub(exp)));
        }
        if nbf.is_some_and(|nbf| now.saturating_add(skew) < nbf) {
            return Err(TimeFault::NotYetValid);
        }
        if iat.is_some_and(|iat| now.saturating_add(skew) < iat) {
            return Err(TimeFault::IssuedInFuture);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{LOCAL_ANON_KEY, LOCAL_JWT_SECRET};
    use serde_json::json;

    fn jwt() -> Jwt {
        Jwt::new(LOCAL_JWT_SECRET.into())
    }

    #[test]
    fn the_published_anon_key_verifies() {
        let claims = jwt().decode(LOCAL_ANON_KEY).expect("published key");
        assert_eq!(claims.role(), Some("anon"));
        assert_eq!(claims.expires_at(), Some(1_983_812_996));
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let claims = json!({"sub": "someone", "role": "authenticated", "exp": 10});
        let read = jwt().decode(&jwt().sign(&claims)).expect("own token");
        assert_eq!(Value::Object(read.raw().clone()), claims);
    }

    #[test]
    fn each_fault_has_its_name() {
        let faults = [
            ("", TokenFault::Parts(1)),
            ("not-a-jwt", TokenFault::Parts(1)),
            ("abc.def", TokenFault::Parts(2)),
            ("abc.def.ghi", TokenFault::Header),
            ("a?c.def.ghi", TokenFault::HeaderEncoding),
            (
                "eyJhbGciOiJub25lIn0.e30.",
                TokenFault::Algorithm("none".to_owned()),
            ),
        ];
        for (token, fault) in faults {
            assert_eq!(jwt().decode(token), Err(fault), "{token}");
        }
        let foreign =
            Jwt::new("another-secret-that-is-as-long-as-it-should-be".into()).sign(&json!({}));
        assert_eq!(jwt().decode(&foreign), Err(TokenFault::Signature));
        assert_eq!(
            jwt().decode(&jwt().sign(&json!(["not an object"]))),
            Err(TokenFault::Payload)
        );
    }

    #[test]
    fn skew_is_allowed_both_ways_and_not_a_second_more() {
        let at = |claims: Value, now| {
            jwt()
                .decode(&jwt().sign(&claims))
                .expect("own token")
                .check_times(now, 30)
        };
        assert_eq!(at(json!({"exp": 100}), 129), Ok(()));
        assert_eq!(at(json!({"exp": 100}), 130), Err(TimeFault::Expired(30)));
        assert_eq!(at(json!({"nbf": 100}), 70), Ok(()));
        assert_eq!(at(json!({"nbf": 100}), 69), Err(TimeFault::NotYetValid));
        assert_eq!(at(json!({"iat": 100}), 69), Err(TimeFault::IssuedInFuture));
        assert_eq!(
            at(json!({"exp": "tomorrow"}), 0),
            Err(TimeFault::NotANumber("exp"))
        );
    }
}
