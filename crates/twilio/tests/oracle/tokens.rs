//! Access tokens: what Twilio's library reads in ours, and we in its.

use serde_json::{Value, json};
use switchboard_twilio::{AccessToken, ApiKey, Identity, TokenError};

use super::ask;

const KEY_SECRET: &str = "an API key's secret";

fn access_token(application_sid: Option<&str>) -> (AccessToken, ApiKey) {
    let token = AccessToken {
        account_sid: "AC0123456789abcdef0123456789abcdef".to_owned(),
        identity: Identity::parse("agent_doug").unwrap(),
        issued_at_s: 1_800_000_000,
        lifetime_s: 3600,
        application_sid: application_sid.map(str::to_owned),
    };
    (
        token,
        ApiKey::new("SK0123456789abcdef0123456789abcdef", KEY_SECRET),
    )
}

fn read_by_twilios_library(token: &str, secret: &str, now_s: u64) -> Value {
    ask(&json!({ "ask": "readToken", "token": token, "secret": secret, "now": now_s }))
}

#[test]
fn an_access_token_of_ours_is_read_by_twilios_library() {
    for application in [Some("AP0123456789abcdef0123456789abcdef"), None] {
        let (token, key) = access_token(application);
        let text = token.sign(&key);
        let read = read_by_twilios_library(&text, KEY_SECRET, 1_800_000_001);
        assert_eq!(
            read["header"],
            json!({ "alg": "HS256", "typ": "JWT", "cty": "twilio-fpa;v=1" })
        );
        let mut voice = json!({ "incoming": { "allow": true } });
        if let Some(sid) = application {
            voice["outgoing"] = json!({ "application_sid": sid });
        }
        assert_eq!(
            read["payload"],
            json!({
                "jti": "SK0123456789abcdef0123456789abcdef-1800000000",
                "iss": key.sid(),
                "sub": token.account_sid,
                "iat": 1_800_000_000,
                "nbf": 1_800_000_000,
                "exp": 1_800_003_600,
                "grants": { "identity": "agent_doug", "voice": voice },
            })
        );
        let refused =
            |secret, now_s| read_by_twilios_library(&text, secret, now_s)["refused"].clone();
        assert_eq!(refused("another", 1_800_000_001), "JsonWebTokenError");
        assert_eq!(refused(KEY_SECRET, 1_800_003_600), "TokenExpiredError");
        assert_eq!(refused(KEY_SECRET, 1_799_999_999), "NotBeforeError");
    }
}

#[test]
fn an_access_token_of_twilios_package_is_read_by_us_and_has_the_same_claims() {
    let (ours, key) = access_token(Some("AP0123456789abcdef0123456789abcdef"));
    let text: String = ask(&json!({
        "ask": "accessToken",
        "accountSid": ours.account_sid,
        "keySid": key.sid(),
        "secret": KEY_SECRET,
        "identity": ours.identity.as_str(),
        "ttl": ours.lifetime_s,
        "applicationSid": ours.application_sid,
    }));
    let now_s = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let read = AccessToken::verify(&text, &key, now_s + 1).unwrap();
    let ours = AccessToken {
        issued_at_s: read.issued_at_s,
        ..ours
    };
    assert_eq!(read, ours);
    assert_eq!(
        AccessToken::verify(&text, &key, now_s + 3700),
        Err(TokenError::Expired)
    );
    // Claim by claim, except for `nbf`, which Twilio's package leaves out and its servers take.
    let payload =
        |text: &str| read_by_twilios_library(text, KEY_SECRET, now_s + 1)["payload"].clone();
    let mut mine = payload(&ours.sign(&key));
    mine.as_object_mut().unwrap().remove("nbf");
    let mut theirs = payload(&text);
    theirs.as_object_mut().unwrap().remove("nbf");
    assert_eq!(mine, theirs);
}
