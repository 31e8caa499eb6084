//! A signed-in person: the tokens, how long they are good, and what the server's answers about
//! them mean. Shapes and statuses are those of GoTrue v2.177.

use std::fmt;

use serde_json::{Value, json};
use switchboard_model::UserId;

/// A token is renewed this long before it expires, so that a slow or sleeping tab has time.
const RENEW_BEFORE_MS: i64 = 120_000;
/// A token that is good for less is not sent any more.
const TOO_SHORT_MS: i64 = 10_000;

/// What the browser keeps. Times are local, so that a wrong local clock does not matter.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// The JWT that goes with every request.
    pub(crate) access_token: String,
    /// Buys the next one, once.
    pub(crate) refresh_token: String,
    /// The local moment at which the JWT expires, in milliseconds since 1970.
    pub(crate) expires_at_ms: i64,
    /// The account.
    pub(crate) user_id: UserId,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("access_token", &"<redacted>")
            .field("refresh_token", &"<redacted>")
            .field("expires_at_ms", &self.expires_at_ms)
            .field("user_id", &self.user_id)
            .finish()
    }
}

impl Session {
    /// Reads the answer of `/auth/v1/token`, which arrived at `now_ms`.
    pub(crate) fn read(body: &str, now_ms: i64) -> Option<Self> {
        let answer: Value = serde_json::from_str(body).ok()?;
        Some(Self {
            access_token: text(&answer, "access_token")?,
            refresh_token: text(&answer, "refresh_token")?,
            expires_at_ms: now_ms + answer.get("expires_in")?.as_i64()?.max(0) * 1000,
            user_id: text(answer.get("user")?, "id")?.parse().ok()?,
        })
    }

    /// As it is kept in the browser.
    pub(crate) fn to_kept(&self) -> String {
        json!({
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_at_ms": self.expires_at_ms,
            "user_id": self.user_id.to_string(),
        })
        .to_string()
    }

    /// Reads what the browser has kept.
    pub(crate) fn from_kept(kept: &str) -> Option<Self> {
        let kept: Value = serde_json::from_str(kept).ok()?;
        Some(Self {
            access_token: text(&kept, "access_token")?,
            refresh_token: text(&kept, "refresh_token")?,
            expires_at_ms: kept.get("expires_at_ms")?.as_i64()?,
            user_id: text(&kept, "user_id")?.parse().ok()?,
        })
    }

    /// How long to wait until the token should be renewed; `chance` (0 to 1) spreads the tabs of
    /// one browser, so that the first one renews for all. A short-lived token is renewed halfway.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn renew_in_ms(&self, now_ms: i64, chance: f64) -> i64 {
        let left = self.expires_at_ms - now_ms;
        let spread = (chance * 20_000.0) as i64;
        (left - RENEW_BEFORE_MS + spread).max(left / 2).max(0)
    }

    /// Whether the token may still be sent.
    pub(crate) fn is_fresh(&self, now_ms: i64) -> bool {
        self.expires_at_ms - now_ms > TOO_SHORT_MS
    }
}

/// What the token endpoint said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Signed in.
    Granted(Session),
    /// The password or the refresh token is not accepted: no use in trying again.
    Refused,
    /// Too many attempts.
    TooMany,
    /// The server has trouble of its own: try again later, the session may be fine.
    Trouble,
}

impl Verdict {
    /// Reads an answer of `/auth/v1/token` that arrived at `now_ms`.
    pub(crate) fn read(status: u16, body: &str, now_ms: i64) -> Self {
        match status {
            200 => Session::read(body, now_ms).map_or(Self::Trouble, Self::Granted),
            429 => Self::TooMany,
            // What GoTrue answers about credentials. Other errors, such as a gateway's 404 or 408
            // while Auth restarts, say nothing about them.
            400 | 401 | 403 | 422 => Self::Refused,
            _ => Self::Trouble,
        }
    }
}

fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"access_token":"a.b.c","token_type":"bearer","expires_in":3600,
        "expires_at":1767000000,"refresh_token":"r1","user":{"id":"11111111-0000-4000-8000-0000000000a1",
        "email":"doug@example.com"}}"#;

    fn session(expires_at_ms: i64) -> Session {
        let mut session = Session::read(ANSWER, 0).expect("a whole answer");
        session.expires_at_ms = expires_at_ms;
        session
    }

    #[test]
    fn expiry_is_reckoned_on_the_local_clock() {
        let session = Session::read(ANSWER, 5_000).expect("a whole answer");
        assert_eq!(session.expires_at_ms, 3_605_000);
    }

    #[test]
    fn a_token_is_renewed_before_it_expires_and_a_short_one_halfway() {
        assert_eq!(session(3_600_000).renew_in_ms(0, 0.0), 3_480_000);
        assert_eq!(session(3_600_000).renew_in_ms(0, 1.0), 3_500_000);
        assert_eq!(session(60_000).renew_in_ms(0, 1.0), 30_000);
        assert_eq!(session(1_000).renew_in_ms(9_000, 0.5), 0);
    }

    #[test]
    fn a_token_about_to_expire_is_not_fresh() {
        assert!(session(60_000).is_fresh(0));
        assert!(!session(60_000).is_fresh(50_000));
    }

    #[test]
    fn refusals_sign_out_and_troubles_do_not() {
        let refused = r#"{"code":400,"error_code":"invalid_credentials","msg":"no"}"#;
        assert_eq!(Verdict::read(400, refused, 0), Verdict::Refused);
        assert_eq!(Verdict::read(401, "", 0), Verdict::Refused);
        assert_eq!(Verdict::read(429, "", 0), Verdict::TooMany);
        for status in [404, 408, 502, 503] {
            assert_eq!(Verdict::read(status, "<html>", 0), Verdict::Trouble);
        }
        assert_eq!(Verdict::read(200, "<html>", 0), Verdict::Trouble);
        assert!(matches!(Verdict::read(200, ANSWER, 0), Verdict::Granted(_)));
    }

    #[test]
    fn tokens_do_not_show_in_debug() {
        let shown = format!("{:?}", session(0));
        assert!(!shown.contains("a.b.c") && !shown.contains("r1"));
    }

    #[test]
    fn what_is_kept_reads_back() {
        let kept = session(7).to_kept();
        assert_eq!(Session::from_kept(&kept), Some(session(7)));
        assert_eq!(Session::from_kept("{}"), None);
        assert_eq!(Session::from_kept("what an older version kept"), None);
    }
}
