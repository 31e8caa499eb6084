//! The tokens with which browsers register their Device.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use switchboard_model::MemberId;
use switchboard_twilio::{AccessToken, ApiKey, Identity};
use tokio::time::Instant;
use tracing::{error, info};

use crate::config::Voice;
use crate::server::App;

/// How long a token is good. A browser asks again before.
const LIFETIME: Duration = Duration::from_secs(3600);
/// How many tokens a member gets in [`SPAN`]: for some tabs, each reloaded a few times.
const AT_MOST: usize = 20;
const SPAN: Duration = Duration::from_secs(60);

/// Makes tokens of one account.
#[derive(Clone, Debug)]
pub struct VoiceTokens {
    account_sid: String,
    key: ApiKey,
    application_sid: Option<String>,
    given: Arc<Mutex<HashMap<MemberId, Vec<Instant>>>>,
}

impl VoiceTokens {
    /// Tokens for that account, signed with its key; with an application they can also call out.
    #[must_use]
    pub fn new(account_sid: String, key: ApiKey, application_sid: Option<String>) -> Self {
        Self {
            account_sid,
            key,
            application_sid,
            given: Arc::default(),
        }
    }

    fn sign(&self, identity: Identity) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let token = AccessToken {
            account_sid: self.account_sid.clone(),
            identity,
            issued_at_s: now.unwrap_or_default().as_secs(),
            lifetime_s: LIFETIME.as_secs(),
            application_sid: self.application_sid.clone(),
        };
        token.sign(&self.key)
    }

    /// Whether the member may have one more now. Members are few, so what is kept is bounded by the team.
    fn admits(&self, member: MemberId) -> bool {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let times = given.entry(member).or_default();
        times.retain(|at| at.elapsed() < SPAN);
        let is_few = times.len() < AT_MOST;
        if is_few {
            times.push(Instant::now());
        }
        is_few
    }
}

/// `POST /api/voice-token`: a member gets a token for the own identity, and for no other.
pub async fn voice_token(State(app): State<App>, headers: HeaderMap) -> Response {
    if app.service.voice == Voice::Off {
        return said(StatusCode::NOT_FOUND, "this switchboard carries no audio");
    }
    let member = match app.people.member(&headers).await {
        Ok(member) => member,
        Err(stranger) => return stranger.into_response(),
    };
    if !app.tokens.admits(member.id) {
        let mut refused = said(
            StatusCode::TOO_MANY_REQUESTS,
            "too many tokens, wait a minute",
        );
        refused
            .headers_mut()
            .insert(RETRY_AFTER, SPAN.as_secs().into());
        return refused;
    }
    let Ok(identity) = Identity::parse(&member.identity) else {
        error!(member.id = %member.id, "the identity of a member is none that Twilio takes");
        return said(
            StatusCode::INTERNAL_SERVER_ERROR,
            "your identity cannot be used",
        );
    };
    info!(member.id = %member.id, "gave a token");
    let answer = json!({
        "token": app.tokens.sign(identity),
        "identity": member.identity,
        "expires_in": LIFETIME.as_secs(),
    });
    ([(CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn said(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
