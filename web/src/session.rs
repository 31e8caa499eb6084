//! A signed-in person: the tokens, how long they are good, and what the server's answers about
//! them mean. Shapes and statuses are those of GoTrue v2.177.

use std::fmt;

use serde_json::{Value, json};
use switchboard_model::{UserId, json};

/// A token is renewed this long before it expires, so that a slow or sleeping tab has time.
const RENEW_BEFORE_MS: i64 = 120_000;
/// The tabs of one browser are spread over this time, so that the first one renews for all.
const SPREAD_MS: f64 = 20_000.0;
/// A token that is good for less is not sent any more.
const TOO_SHORT_MS: i64 = 10_000;
/// A token that was granted less than this ago is refused for something that another one would
/// not mend.
const JUST_GRANTED_MS: i64 = 30_000;
/// A token that is said to live for less is renewed as if it lived for this long, in seconds.
const SHORTEST_S: i64 = 4;
/// The longest wait between two attempts to renew, unless the server asks for more.
const LONGEST_WAIT_MS: u32 = 60_000;
/// What a server may ask for at most.
const LONGEST_REQUEST_S: u32 = 3_600;

/// What the browser keeps. The age of a token is the difference of two readings of the local
/// clock, so one that is minutes off does not matter; one that was set meanwhile renews early, or
/// late and then because a server refuses the token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// The JWT that goes with every request.
    pub(crate) access_token: String,
    /// Buys the next one, once.
    pub(crate) refresh_token: String,
    /// The local moment at which the JWT was asked for, in milliseconds since 1970. It was made
    /// later than that, so it is never thought good for longer than it is.
    pub(crate) asked_at_ms: i64,
    /// How long the JWT is good from the moment it was made.
    pub(crate) lifetime_ms: i64,
    /// The account.
    pub(crate) user_id: UserId,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("access_token", &"<redacted>")
            .field("refresh_token", &"<redacted>")
            .field("asked_at_ms", &self.asked_at_ms)
            .field("lifetime_ms", &self.lifetime_ms)
            .field("user_id", &self.user_id)
            .finish()
    }
}

impl Session {
    /// Reads the answer of `/auth/v1/token`, which was asked for at `asked_at_ms`.
    pub(crate) fn read(body: &str, asked_at_ms: i64) -> Option<Self> {
        let answer = json::read(body)?;
        Some(Self {
            access_token: text(&answer, "access_token")?,
            refresh_token: text(&answer, "refresh_token")?,
            asked_at_ms,
            lifetime_ms: answer.get("expires_in")?.as_i64()?.max(SHORTEST_S) * 1000,
            user_id: text(answer.get("user")?, "id")?.parse().ok()?,
        })
    }

    /// As it is kept in the browser.
    pub(crate) fn to_kept(&self) -> String {
        json::write(&json!({
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "asked_at_ms": self.asked_at_ms,
            "lifetime_ms": self.lifetime_ms,
            "user_id": self.user_id.to_string(),
        }))
    }

    /// Reads what the browser has kept.
    pub(crate) fn from_kept(kept: &str) -> Option<Self> {
        let kept = json::read(kept)?;
        Some(Self {
            access_token: text(&kept, "access_token")?,
            refresh_token: text(&kept, "refresh_token")?,
            asked_at_ms: kept.get("asked_at_ms")?.as_i64()?,
            lifetime_ms: kept.get("lifetime_ms")?.as_i64()?,
            user_id: text(&kept, "user_id")?.parse().ok()?,
        })
    }

    /// The local moment at which the JWT expires, in milliseconds since 1970.
    pub(crate) fn expires_at_ms(&self) -> i64 {
        self.asked_at_ms + self.lifetime_ms
    }

    /// How long to wait until the token should be renewed, 0 if it is time; `chance` (0 to 1)
    /// spreads the tabs. A short-lived token is renewed halfway.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn renew_in_ms(&self, now_ms: i64, chance: f64) -> i64 {
        let spread = (chance * SPREAD_MS) as i64;
        let due = (self.lifetime_ms - RENEW_BEFORE_MS + spread).max(self.lifetime_ms / 2);
        (due - self.age_ms(now_ms)).max(0)
    }

    /// Whether the token may still be sent.
    pub(crate) fn is_fresh(&self, now_ms: i64) -> bool {
        let left = self.lifetime_ms - self.age_ms(now_ms);
        left > TOO_SHORT_MS.min(self.lifetime_ms / 4)
    }

    /// Whether it is too early to ask for another one, whoever wants it.
    pub(crate) fn was_just_granted(&self, now_ms: i64) -> bool {
        self.age_ms(now_ms) < JUST_GRANTED_MS.min(self.lifetime_ms / 4)
    }

    /// A clock that was set back makes a token seem to come from the future: it is as doubtful as
    /// one that is so much too old, or else it would be good for ever.
    fn age_ms(&self, now_ms: i64) -> i64 {
        (now_ms - self.asked_at_ms).abs()
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
    /// Reads an answer of `/auth/v1/token` that was asked for at `asked_at_ms`.
    pub(crate) fn read(status: u16, body: &str, asked_at_ms: i64) -> Self {
        match status {
            200 => Session::read(body, asked_at_ms).map_or(Self::Trouble, Self::Granted),
            429 => Self::TooMany,
            // Only Auth itself can judge a token. A gateway that knows no key (401), a proxy's or
            // a hotel's page (403) and a 404 while Auth restarts say nothing about it.
            400 | 401 | 403 if is_auths_own(body) => Self::Refused,
            _ => Self::Trouble,
        }
    }
}

/// Auth's errors have an `error_code`; those of its oldest versions and of the grant itself an
/// OAuth `error`.
fn is_auths_own(body: &str) -> bool {
    json::read(body).is_some_and(|body| body.get("error_code").or(body.get("error")).is_some())
}

/// How long to wait after the `failures`-th failure in a row (from 1): a second, doubled each time
/// up to a minute, half of it left to `chance` (0 to 1), so that the boards of a team do not come
/// back in step. `asked_s` is the server's own `Retry-After`, in seconds.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn retry_in_ms(failures: u32, asked_s: Option<u32>, chance: f64) -> u32 {
    let whole = LONGEST_WAIT_MS.min(1_000 << failures.min(6));
    let wait = whole / 2 + (f64::from(whole / 2) * chance) as u32;
    asked_s.map_or(0, |s| s.min(LONGEST_REQUEST_S) * 1000) + wait
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

    fn session(lifetime_ms: i64) -> Session {
        let mut session = Session::read(ANSWER, 0).expect("a whole answer");
        session.lifetime_ms = lifetime_ms;
        session
    }

    #[test]
    fn expiry_is_reckoned_on_the_local_clock_from_the_moment_of_asking() {
        let session = Session::read(ANSWER, 5_000).expect("a whole answer");
        assert_eq!(session.expires_at_ms(), 3_605_000);
    }

    #[test]
    fn a_token_is_renewed_before_it_expires_and_a_short_one_halfway() {
        assert_eq!(session(3_600_000).renew_in_ms(0, 0.0), 3_480_000);
        assert_eq!(session(3_600_000).renew_in_ms(0, 1.0), 3_500_000);
        assert_eq!(session(60_000).renew_in_ms(0, 1.0), 30_000);
        assert_eq!(session(60_000).renew_in_ms(20_000, 1.0), 10_000);
        assert_eq!(session(1_000).renew_in_ms(9_000, 0.5), 0);
    }

    #[test]
    fn a_token_about_to_expire_is_not_fresh() {
        assert!(session(60_000).is_fresh(0));
        assert!(!session(60_000).is_fresh(50_000));
    }

    #[test]
    fn a_token_that_never_lives_for_long_is_fresh_for_most_of_its_life() {
        assert!(session(8_000).is_fresh(5_999));
        assert!(!session(8_000).is_fresh(6_000));
    }

    #[test]
    fn a_clock_that_is_ten_minutes_off_changes_nothing() {
        for off in [-600_000, 600_000] {
            let session = Session::read(ANSWER, off).expect("a whole answer");
            assert_eq!(session.renew_in_ms(off, 0.0), 3_480_000);
            assert!(session.is_fresh(off + 3_500_000));
            assert!(!session.is_fresh(off + 3_595_000));
        }
    }

    #[test]
    fn a_clock_that_was_set_back_far_makes_no_token_eternal() {
        let session = Session::read(ANSWER, 900_000_000).expect("a whole answer");
        assert!(!session.is_fresh(0));
        assert_eq!(session.renew_in_ms(0, 0.0), 0);
        let renewed = Session::read(ANSWER, 0).expect("a whole answer");
        assert!(renewed.is_fresh(0), "and one renewal mends it");
    }

    #[test]
    fn a_token_that_is_born_dead_is_not_renewed_without_pause() {
        let body = ANSWER.replace("3600", "0");
        let session = Session::read(&body, 0).expect("a whole answer");
        assert_eq!(session.renew_in_ms(0, 0.0), 2_000);
        assert!(session.was_just_granted(500));
    }

    #[test]
    fn a_token_is_not_replaced_right_after_it_was_granted() {
        assert!(session(3_600_000).was_just_granted(29_999));
        assert!(!session(3_600_000).was_just_granted(30_000));
        assert!(!session(8_000).was_just_granted(2_000));
    }

    #[test]
    fn refusals_sign_out_and_troubles_do_not() {
        for (status, code) in [
            (400, "refresh_token_not_found"),
            (400, "refresh_token_already_used"),
            (400, "invalid_credentials"),
            (401, "session_expired"),
            (403, "user_banned"),
        ] {
            let body = json!({"code": status, "error_code": code, "msg": "no"}).to_string();
            assert_eq!(Verdict::read(status, &body, 0), Verdict::Refused, "{code}");
        }
        let oauth = r#"{"error":"invalid_grant","error_description":"Invalid Refresh Token"}"#;
        assert_eq!(Verdict::read(400, oauth, 0), Verdict::Refused);
        assert_eq!(Verdict::read(429, "", 0), Verdict::TooMany);
        for status in [404, 408, 409, 422, 500, 502, 503, 504] {
            assert_eq!(Verdict::read(status, "<html>", 0), Verdict::Trouble);
            assert_eq!(Verdict::read(status, oauth, 0), Verdict::Trouble);
        }
        assert_eq!(Verdict::read(200, "<html>", 0), Verdict::Trouble);
        assert!(matches!(Verdict::read(200, ANSWER, 0), Verdict::Granted(_)));
    }

    #[test]
    fn who_is_not_auth_cannot_sign_anybody_out() {
        let gateway = r#"{"message":"Invalid API key","hint":"Double check your key."}"#;
        for body in ["", "<html>", gateway, "[]", "null"] {
            for status in [400, 401, 403, 422] {
                let verdict = Verdict::read(status, body, 0);
                assert_eq!(verdict, Verdict::Trouble, "{status} {body}");
            }
        }
    }

    #[test]
    fn attempts_become_rare_and_differ_between_boards() {
        assert_eq!(retry_in_ms(1, None, 0.0), 1_000);
        assert_eq!(retry_in_ms(1, None, 1.0), 2_000);
        assert_eq!(retry_in_ms(3, None, 0.0), 4_000);
        assert_eq!(retry_in_ms(6, None, 0.0), 30_000);
        assert_eq!(retry_in_ms(6, None, 1.0), 60_000);
        assert_eq!(retry_in_ms(u32::MAX, None, 1.0), 60_000);
    }

    #[test]
    fn the_server_may_ask_for_a_longer_wait_but_not_for_ever() {
        assert_eq!(retry_in_ms(1, Some(120), 0.0), 121_000);
        assert_eq!(retry_in_ms(1, Some(u32::MAX), 0.0), 3_601_000);
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
