//! The token with which a browser registers its Device: a JWT signed with an API key's secret.
//!
//! Source: Twilio, "Access tokens", and its helper libraries; npm `twilio` is the oracle of the tests.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};

use crate::{Identity, InvalidIdentity};

/// Twilio takes no token that lives longer: 24 h.
pub const MAX_LIFETIME_S: u64 = 24 * 60 * 60;

/// An API key of the account. Debug does not print the secret.
#[derive(Clone)]
pub struct ApiKey {
    sid: String,
    secret: String,
}

impl ApiKey {
    /// `SK…` and the secret that the console showed once.
    pub fn new(sid: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            sid: sid.into(),
            secret: secret.into(),
        }
    }

    /// `SK…`.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// The secret itself, for basic auth. Never for a log.
    #[cfg(feature = "rest")]
    pub(crate) fn expose(&self) -> &str {
        &self.secret
    }

    fn mac(&self, signed: &str) -> Hmac<sha2::Sha256> {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(self.secret.as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(signed.as_bytes());
        mac
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({})", self.sid)
    }
}

/// What one browser may do: be rung under its identity, and call out through one TwiML App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// `AC…`.
    pub account_sid: String,
    /// Under which name the Device registers.
    pub identity: Identity,
    /// Seconds since 1970: from when on it is good.
    pub issued_at_s: u64,
    /// For how many seconds, at most [`MAX_LIFETIME_S`].
    pub lifetime_s: u64,
    /// `AP…`: where outbound calls ask what to do. Without it the Device can only be rung.
    pub application_sid: Option<String>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64 and JSON, or without a claim that it must have.
    #[error("the text is not an access token")]
    Malformed,
    /// Signed with another secret, or not with HS256.
    #[error("the signature does not match")]
    Signature,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its identity is none.
    #[error(transparent)]
    Identity(#[from] InvalidIdentity),
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    cty: String,
}

const CONTENT_TYPE: &str = "twilio-fpa;v=1";

#[derive(Serialize, Deserialize)]
struct Claims {
    jti: String,
    iss: String,
    sub: String,
    iat: u64,
    /// Twilio's own libraries leave it out.
    nbf: Option<u64>,
    exp: u64,
    grants: Grants,
}

#[derive(Serialize, Deserialize)]
struct Grants {
    identity: String,
    voice: Voice,
}

#[derive(Serialize, Deserialize)]
struct Voice {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    incoming: Option<Incoming>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outgoing: Option<Outgoing>,
}

#[derive(Serialize, Deserialize)]
struct Incoming {
    allow: bool,
}

#[derive(Serialize, Deserialize)]
struct Outgoing {
    application_sid: String,
}

impl AccessToken {
    /// When it stops being good, in seconds since 1970.
    #[must_use]
    pub fn expires_at_s(&self) -> u64 {
        self.issued_at_s
            .saturating_add(self.lifetime_s.min(MAX_LIFETIME_S))
    }

    /// The token as a browser gets it.
    #[must_use]
    pub fn sign(&self, key: &ApiKey) -> String {
        let header = Header {
            alg: "HS256".to_owned(),
            typ: "JWT".to_owned(),
            cty: CONTENT_TYPE.to_owned(),
        };
        let claims = Claims {
            jti: format!("{}-{}", key.sid, self.issued_at_s),
            iss: key.sid.clone(),
            sub: self.account_sid.clone(),
            iat: self.issued_at_s,
            nbf: Some(self.issued_at_s),
            exp: self.expires_at_s(),
            grants: Grants {
                identity: self.identity.to_string(),
                voice: Voice {
                    incoming: Some(Incoming { allow: true }),
                    outgoing: self
                        .application_sid
                        .clone()
                        .map(|application_sid| Outgoing { application_sid }),
                },
            },
        };
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = BASE64.encode(key.mac(&signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    /// Reads a token that `key` signed and that is good at `now_s`, seconds since 1970.
    pub fn verify(token: &str, key: &ApiKey, now_s: u64) -> Result<Self, TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let signature = BASE64
            .decode(signature)
            .map_err(|_| TokenError::Malformed)?;
        let header: Header = read(header)?;
        if header.alg != "HS256" || header.cty != CONTENT_TYPE {
            return Err(TokenError::Signature);
        }
        // In constant time.
        key.mac(signed)
            .verify_slice(&signature)
            .map_err(|_| TokenError::Signature)?;
        let claims: Claims = read(claims)?;
        if claims.iss != key.sid {
            return Err(TokenError::Signature);
        }
        if now_s < claims.nbf.unwrap_or(claims.iat) {
            return Err(TokenError::NotYet);
        }
        if now_s >= claims.exp {
            return Err(TokenError::Expired);
        }
        Ok(Self {
            account_sid: claims.sub,
            identity: Identity::parse(&claims.grants.identity)?,
            issued_at_s: claims.iat,
            lifetime_s: claims.exp.saturating_sub(claims.iat),
            application_sid: claims
                .grants
                .voice
                .outgoing
                .map(|outgoing| outgoing.application_sid),
        })
    }
}

fn part(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).unwrap_or_else(|_| unreachable!("plain structs are JSON"));
    BASE64.encode(json)
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, TokenError> {
    let json = BASE64.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: u64 = 1_800_000_000;

    fn token() -> AccessToken {
        AccessToken {
            account_sid: "AC1".to_owned(),
            identity: Identity::parse("agent_doug").unwrap(),
            issued_at_s: NOW_S,
            lifetime_s: 3600,
            application_sid: Some("AP1".to_owned()),
        }
    }

    fn key() -> ApiKey {
        ApiKey::new("SK1", "hush")
    }

    #[test]
    fn a_token_is_read_back_while_it_is_good() {
        let text = token().sign(&key());
        for now_s in [NOW_S, NOW_S + 3599] {
            assert_eq!(AccessToken::verify(&text, &key(), now_s), Ok(token()));
        }
        let refused = |now_s| AccessToken::verify(&text, &key(), now_s).unwrap_err();
        assert_eq!(refused(NOW_S - 1), TokenError::NotYet);
        assert_eq!(refused(NOW_S + 3600), TokenError::Expired);
    }

    #[test]
    fn another_key_signs_other_tokens() {
        let text = token().sign(&key());
        for other in [ApiKey::new("SK1", "hash"), ApiKey::new("SK2", "hush")] {
            assert_eq!(
                AccessToken::verify(&text, &other, NOW_S),
                Err(TokenError::Signature)
            );
        }
    }

    #[test]
    fn what_was_changed_after_signing_is_refused() {
        let text = token().sign(&key());
        let parts: Vec<_> = text.split('.').collect();
        let doug = String::from_utf8(BASE64.decode(parts[1]).unwrap()).unwrap();
        let sue = BASE64.encode(doug.replace("agent_doug", "supervisor_sue"));
        let none = BASE64.encode(r#"{"alg":"none","typ":"JWT","cty":"twilio-fpa;v=1"}"#);
        for forged in [
            format!("{}.{sue}.{}", parts[0], parts[2]),
            format!("{none}.{sue}."),
            format!("{none}.{}.{}", parts[1], parts[2]),
        ] {
            assert_eq!(
                AccessToken::verify(&forged, &key(), NOW_S),
                Err(TokenError::Signature),
                "{forged}"
            );
        }
        for garbage in ["", ".", "..", "a.b.c", "a.b", &text[1..]] {
            assert!(AccessToken::verify(garbage, &key(), NOW_S).is_err());
        }
    }

    #[test]
    fn no_token_lives_longer_than_twilio_allows() {
        let eternal = AccessToken {
            lifetime_s: u64::MAX,
            ..token()
        };
        assert_eq!(eternal.expires_at_s(), NOW_S + MAX_LIFETIME_S);
    }

    #[test]
    fn debug_prints_no_secret() {
        assert_eq!(format!("{:?}", key()), "ApiKey(SK1)");
    }
}
