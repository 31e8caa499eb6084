//! One joined topic of one socket, and what its join asked for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::ws::Message;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{
    authorize::Rights,
    binding::{self, Binding, Watch},
    frame::quoted,
    hub::ChannelId,
    token::Identity,
};

/// The payload of a `phx_join`, read leniently as the real server reads it.
#[derive(Debug)]
pub(super) struct JoinRequest {
    pub(super) private: bool,
    /// Broadcasts are answered.
    pub(super) ack: bool,
    /// The sender gets its own broadcasts.
    pub(super) own: bool,
    /// Whether presence is asked for.
    pub(super) has_presence: bool,
    /// The key that presence knows this client by; drawn for a client that gave none.
    pub(super) presence_key: String,
    /// Absent where the socket's own key is to be used.
    pub(super) token: Option<String>,
    pub(super) bindings: Vec<Binding>,
}

impl JoinRequest {
    pub(super) fn read(payload: &Map<String, Value>, sub_topic: &str) -> Self {
        let config = payload.get("config").unwrap_or(&Value::Null);
        let flag = |part: &Value, name: &str| part.get(name).is_some_and(is_true);
        let (broadcast, presence) = (&config["broadcast"], &config["presence"]);
        let key = presence
            .get("key")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Self {
            private: flag(config, "private"),
            ack: flag(broadcast, "ack"),
            own: flag(broadcast, "self"),
            has_presence: flag(presence, "enabled"),
            presence_key: match key {
                "" => uuid::Uuid::new_v4().to_string(),
                key => key.to_owned(),
            },
            token: token(payload).map(str::to_owned),
            bindings: binding::asked(payload, sub_topic),
        }
    }

    /// The response of the join's reply.
    pub(super) fn response(&self) -> String {
        let bindings: Vec<String> = self.bindings.iter().map(Binding::echo).collect();
        format!(r#"{{"postgres_changes":[{}]}}"#, bindings.join(","))
    }
}

/// `true`, also as a word in any case.
fn is_true(value: &Value) -> bool {
    let is_word = |word: &str| word.eq_ignore_ascii_case("true");
    value.as_bool().or(value.as_str().map(is_word)) == Some(true)
}

/// The token of a join, which may have either name. An API key of the kind that is no JWT is none: clients without a
/// session send it.
fn token(payload: &Map<String, Value>) -> Option<&str> {
    let given = |name: &str| payload.get(name).and_then(Value::as_str);
    let (access, user) = (given("access_token"), given("user_token"));
    let is_key = access.or(user).is_some_and(|word| word.starts_with("sb_"));
    user.or(access).filter(|_| !is_key)
}

/// A joined topic.
pub(super) struct Channel {
    pub(super) id: ChannelId,
    pub(super) join_ref: Value,
    pub(super) sub_topic: String,
    pub(super) private: bool,
    pub(super) ack: bool,
    pub(super) own: bool,
    /// The name that presence knows this client by.
    pub(super) presence_key: String,
    pub(super) token: String,
    pub(super) identity: Identity,
    pub(super) rights: Rights,
    pub(super) bindings: Vec<Binding>,
    /// When `postgres_changes` is to be subscribed to (again), or the outcome of that to be told.
    pub(super) subscribe_at: Option<Instant>,
    /// What became of a subscription and is not told yet: the message of a fault.
    pub(super) outcome: Option<Result<(), String>>,
    /// Changes that came before the client was told that it is subscribed; `None` once it was.
    pub(super) held: Option<Vec<Message>>,
}

impl Channel {
    /// The bindings as understood, or the message of the first fault.
    pub(super) fn watches(&self) -> Result<Vec<Watch>, String> {
        self.bindings.iter().map(Binding::watch).collect()
    }

    /// How long the token still holds.
    pub(super) fn token_left(&self) -> Duration {
        let expires_at =
            Duration::from_secs(self.identity.expires_at.try_into().unwrap_or_default());
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        expires_at.saturating_sub(now)
    }

    /// The payload of a `system` frame on this channel.
    pub(super) fn system(&self, message: &str, status: &str, extension: &str) -> String {
        format!(
            r#"{{"message":{},"status":"{status}","extension":"{extension}","channel":{}}}"#,
            quoted(message),
            quoted(&self.sub_topic)
        )
    }

    /// Whether a frame with this `join_ref` is meant for this join. A client that gives none means the current one.
    pub(super) fn is_meant(&self, join_ref: &Value) -> bool {
        join_ref.is_null() || *join_ref == self.join_ref
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(payload: &Value) -> JoinRequest {
        JoinRequest::read(payload.as_object().expect("an object"), "board")
    }

    #[test]
    fn a_join_without_anything_is_public_and_silent() {
        let join = read(&json!({"config": null}));
        assert_eq!(
            (
                join.private,
                join.ack,
                join.own,
                join.has_presence,
                join.token.is_some()
            ),
            (false, false, false, false, false)
        );
        assert_eq!(join.response(), r#"{"postgres_changes":[]}"#);
    }

    #[test]
    fn a_flag_may_be_a_word() {
        let join = read(
            &json!({"config": {"private": "True", "broadcast": {"ack": "true", "self": "yes"}}}),
        );
        assert_eq!((join.private, join.ack, join.own), (true, true, false));
        assert!(!read(&json!({"config": {"private": 1}})).private);
    }

    #[test]
    fn a_join_without_a_session_brings_its_key_and_no_token() {
        let token = |payload: Value| read(&payload).token;
        assert_eq!(token(json!({"access_token": "sb_publishable_x"})), None);
        assert_eq!(token(json!({"access_token": null})), None);
        let named = json!({"user_token": "a", "access_token": "b"});
        assert_eq!(token(named).as_deref(), Some("a"));
        let both = json!({"user_token": "a", "access_token": "sb_publishable_x"});
        assert_eq!(token(both), None);
    }

    #[test]
    fn presence_is_for_those_who_say_true_and_nothing_else() {
        let asked = read(&json!({"config": {"presence": {"key": "a", "enabled": true}}}));
        assert_eq!(
            (asked.has_presence, asked.presence_key.as_str()),
            (true, "a")
        );
        assert!(!read(&json!({"config": {"presence": {"key": "a"}}})).has_presence);
        assert!(!read(&json!({"config": {"presence": {"enabled": "maybe"}}})).has_presence);
    }
}
