//! Twilio's REST API.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::stream;
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;
use switchboard_twilio::twiml;

use super::{App, Shared, tone};
use crate::sim::{RestAnswer, RestRequest};

pub(super) async fn answer(
    State(app): Shared,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !app.is_authorised(&headers) {
        let refused = RestAnswer::refusal(401, 20003, "Authenticate");
        let challenge = [(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"Twilio API\""),
        )];
        return (challenge, json(&refused)).into_response();
    }
    if let Some(sound) = recording(&app, uri.path()) {
        return ([(CONTENT_TYPE, "audio/x-wav")], sound).into_response();
    }
    let method = if method == Method::POST {
        twiml::Method::Post
    } else {
        twiml::Method::Get
    };
    let query = uri.query().unwrap_or_default();
    let request = RestRequest::read(app.host.account_sid(), method, uri.path(), query, &body);
    match request {
        None => json(&RestAnswer::refusal(
            404,
            20404,
            "The requested resource was not found",
        )),
        Some(request) => match app.host.rest(request).await {
            Some(answer) => json(&answer),
            None => broken(),
        },
    }
}

/// `…/Recordings/{RE}.wav`: a soft tone, as long as the recording.
fn recording(app: &App, path: &str) -> Option<Vec<u8>> {
    let sid = path.rsplit_once("/Recordings/")?.1.strip_suffix(".wav")?;
    app.host.look(|sim| {
        sim.recording(sid)
            .map(|recording| tone::wav(recording.duration_s))
    })
}

fn json(answer: &RestAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(&answer.body)).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// An answer whose connection breaks before its end.
fn broken() -> Response {
    let breaks = stream::iter([Err::<Bytes, _>(io::Error::other("the answer is lost"))]);
    Response::new(Body::from_stream(breaks))
}

impl App {
    /// Basic auth with the account's token or with the API key.
    fn is_authorised(&self, headers: &HeaderMap) -> bool {
        let given = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let Some(given) = given.and_then(|value| value.strip_prefix("Basic ")) else {
            return false;
        };
        let known = [
            (self.host.account_sid(), &self.credentials.auth_token),
            (self.credentials.key.sid(), &self.credentials.key_secret),
        ];
        known.iter().any(|(user, secret)| {
            let expected = BASE64.encode(format!("{user}:{}", secret.expose_secret()));
            expected.as_bytes().ct_eq(given.as_bytes()).into()
        })
    }
}
