//! Messages that callers left, for members of the team.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use switchboard_model::CallId;
use switchboard_twilio::RecordingSid;
use tracing::warn;

use crate::rows::Rows as _;
use crate::server::App;

/// What of Twilio's answer is passed on.
const PASSED: [&str; 4] = [
    "content-length",
    "content-range",
    "accept-ranges",
    "content-type",
];

/// Fetches recordings of one account.
#[derive(Clone)]
pub struct Recordings {
    http: reqwest::Client,
    base: String,
    user: String,
    password: SecretString,
    /// Between two pieces of one.
    limit: Duration,
}

impl Recordings {
    /// Of the account at that API.
    pub fn new(
        api_url: &Url,
        account_sid: &str,
        user: &str,
        password: SecretString,
        limit: Duration,
    ) -> anyhow::Result<Self> {
        let api = api_url.as_str().trim_end_matches('/');
        Ok(Self {
            // Twilio redirects to where the sound is stored; the credentials do not travel along.
            http: reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(3))
                .build()?,
            base: format!("{api}/2010-04-01/Accounts/{account_sid}/Recordings"),
            user: user.to_owned(),
            password,
            limit,
        })
    }
}

/// `GET /api/recordings/{call}`: the message of that call, or the part of it that `Range` names.
pub async fn recording(
    State(app): State<App>,
    Path(id): Path<CallId>,
    headers: HeaderMap,
) -> Response {
    if let Err(stranger) = app.people.member(&headers).await {
        return stranger.into_response();
    }
    let call = match app.store.call(id).await {
        Ok(call) => call,
        Err(error) => {
            warn!(%error, "cannot look for a message");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let sid = call.and_then(|call| RecordingSid::parse(&call.recording_sid?));
    let Some(sid) = sid else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let from = &app.recordings;
    let mut request = from
        .http
        .get(format!("{}/{sid}.wav", from.base))
        .basic_auth(&from.user, Some(from.password.expose_secret()));
    if let Some(range) = headers.get(RANGE).and_then(|value| value.to_str().ok()) {
        request = request.header("range", range);
    }
    match request.send().await {
        Ok(response) => pass_on(response, from.limit),
        Err(error) => {
            warn!(error = %error.without_url(), "Twilio does not give a message");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

/// What Twilio answers, to the browser. Who stops in the middle for longer than `limit` breaks it off: a connection that
/// nothing comes through would otherwise stay for as long as the browser does.
fn pass_on(response: reqwest::Response, limit: Duration) -> Response {
    let status = match response.status().as_u16() {
        200 => StatusCode::OK,
        206 => StatusCode::PARTIAL_CONTENT,
        416 => StatusCode::RANGE_NOT_SATISFIABLE,
        404 => StatusCode::NOT_FOUND,
        status => {
            warn!(status, "Twilio does not give a message");
            StatusCode::BAD_GATEWAY
        }
    };
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if !matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        return (status, headers).into_response();
    }
    for name in PASSED {
        let value = response.headers().get(name);
        if let (Some(value), Ok(name)) = (value, HeaderName::try_from(name))
            && let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
        {
            headers.insert(name, value);
        }
    }
    // Whatever it is, from our own address it is sound or nothing that a browser would show.
    let is_sound = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"audio/"));
    if !is_sound {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
    }
    let chunks = stream::try_unfold(response, move |mut response| async move {
        let chunk = match tokio::time::timeout(limit, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| io::Error::other(error.without_url()))?,
            Err(_) => {
                warn!("Twilio stops in the middle of a message");
                return Err(io::ErrorKind::TimedOut.into());
            }
        };
        Ok::<_, io::Error>(chunk.map(|chunk| (chunk, response)))
    });
    (status, headers, Body::from_stream(chunks)).into_response()
}

#[cfg(test)]
mod tests;
