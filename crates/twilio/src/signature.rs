//! `X-Twilio-Signature`: base64(HMAC-SHA1(auth token, URL and sorted POST parameters)).
//!
//! Source: Twilio, "Webhooks security"; the vectors in the tests are Twilio's own.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Digest as _;
use subtle::ConstantTimeEq as _;

use crate::{Form, PublicUrl};

/// The request header that carries the signature.
pub const HEADER: &str = "X-Twilio-Signature";

/// The account's secret, shared with Twilio alone. Debug does not print it.
#[derive(Clone)]
pub struct AuthToken(String);

impl AuthToken {
    /// Takes the token as the console shows it.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, for basic auth. Never for a log.
    #[cfg(feature = "rest")]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthToken(…)")
    }
}

/// What of a request is signed besides its URL.
#[derive(Debug, Clone, Copy)]
pub enum SignedBody<'a> {
    /// A form post: its parameters are signed with the URL. A GET has an empty form.
    Form(&'a Form),
    /// Any other body: its SHA-256 stands in the URL's `bodySHA256`, and only the URL is signed.
    Raw(&'a [u8]),
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The signature is not that of this URL and body under our token.
    #[error("the signature does not match")]
    Mismatch,
    /// The body is not the one whose hash stands in the signed URL.
    #[error("the body does not match bodySHA256")]
    BodyMismatch,
}

/// The signature of `url` and `form`, as Twilio would send it. An empty form signs the URL alone.
#[must_use]
pub fn sign(token: &AuthToken, url: &str, form: &Form) -> String {
    BASE64.encode(mac(token, url, form))
}

/// Checks `signature` over the request that came in as `raw_uri` (path and query exactly as received) at `base`.
///
/// All comparisons are in constant time, and both spellings of the standard port are always computed.
pub fn verify(
    token: &AuthToken,
    base: &PublicUrl,
    raw_uri: &str,
    body: SignedBody<'_>,
    signature: &str,
) -> Result<(), SignatureError> {
    let empty = Form::default();
    let form = match body {
        SignedBody::Form(form) => form,
        SignedBody::Raw(_) => &empty,
    };
    // Compared as text: two base64 spellings of the same bytes are not both Twilio's.
    let [one, other] = base.signed_spellings(raw_uri).map(|url| {
        sign(token, &url, form)
            .as_bytes()
            .ct_eq(signature.as_bytes())
    });
    if !bool::from(one | other) {
        return Err(SignatureError::Mismatch);
    }
    match body {
        SignedBody::Form(_) => Ok(()),
        SignedBody::Raw(bytes) => verify_body_hash(raw_uri, bytes),
    }
}

/// Whether two secrets are the same. How long that takes says nothing about where they differ.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn verify_body_hash(raw_uri: &str, body: &[u8]) -> Result<(), SignatureError> {
    let query = raw_uri.split_once('?').map_or("", |(_, query)| query);
    let claimed = Form::parse(query.as_bytes());
    let claimed = claimed.get("bodySHA256").unwrap_or_default();
    let actual = hex(&sha2::Sha256::digest(body));
    if actual.as_bytes().ct_eq(claimed.as_bytes()).into() {
        Ok(())
    } else {
        Err(SignatureError::BodyMismatch)
    }
}

fn mac(token: &AuthToken, url: &str, form: &Form) -> Vec<u8> {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(token.0.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(url.as_bytes());
    for (key, value) in signed_order(form) {
        mac.update(key.as_bytes());
        mac.update(value.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

/// Pairs by key, then value, each pair once. Twilio's servers and its npm package compare UTF-16 code units, which
/// differs from the order of UTF-8 bytes for characters outside the basic plane.
fn signed_order(form: &Form) -> Vec<(&str, &str)> {
    let mut pairs: Vec<_> = form.pairs().collect();
    pairs.sort_by(|(ak, av), (bk, bv)| {
        let keys = ak.encode_utf16().cmp(bk.encode_utf16());
        keys.then_with(|| av.encode_utf16().cmp(bv.encode_utf16()))
    });
    pairs.dedup();
    pairs
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
