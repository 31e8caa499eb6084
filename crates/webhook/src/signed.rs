//! Twilio's requests: bounded, signed, typed. No handler sees one that is not all three.

use axum::body::Bytes;
use axum::extract::{FromRequest, OriginalUri, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use switchboard_twilio::signature::{self, SignatureError, SignedBody};
use switchboard_twilio::{Callback, Form, MalformedCallback};
use tracing::{Span, warn};

use crate::server::App;
use crate::urls::with_query;

/// The largest body that is read. Twilio's requests have about 1 KB.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A callback that came from somebody who holds the auth token.
#[derive(Debug)]
pub struct Signed<T> {
    /// What it says.
    pub callback: T,
    /// Path and query as they came, so that the same request can be asked for again.
    pub uri: Uri,
}

/// Why a request is not one of Twilio's.
#[derive(Debug, thiserror::Error)]
pub enum NotTwilio {
    /// The signature is missing.
    #[error("there is no X-Twilio-Signature")]
    Unsigned,
    /// The signature is wrong.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Properly signed, but not a form.
    #[error("the body is not a form")]
    NotAForm,
    /// Properly signed, but not the form that belongs here.
    #[error(transparent)]
    Malformed(#[from] MalformedCallback),
}

impl IntoResponse for NotTwilio {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Unsigned | Self::Signature(_) => StatusCode::FORBIDDEN,
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
        };
        (status, self.to_string()).into_response()
    }
}

impl<T: Callback> FromRequest<App> for Signed<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let uri = request
            .extensions()
            .get::<OriginalUri>()
            .map_or_else(|| request.uri().clone(), |original| original.0.clone());
        let headers = request.headers().clone();
        // Larger bodies are refused by the router's limit, with 413.
        let body = Bytes::from_request(request, app)
            .await
            .map_err(IntoResponse::into_response)?;
        let callback = believe(app, &uri, &headers, &body).map_err(|refusal| {
            warn!(reason = %refusal, "refused a request that claims to be Twilio's; if Twilio sent it, compare \
                TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL with the console");
            refusal.into_response()
        })?;
        Ok(Self { callback, uri })
    }
}

fn believe<T: Callback>(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<T, NotTwilio> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = text(signature::HEADER).ok_or(NotTwilio::Unsigned)?;
    let is_form = text(CONTENT_TYPE.as_str()).is_some_and(is_form_type);
    let form = if is_form {
        Form::parse(body)
    } else {
        Form::default()
    };
    let signed = if is_form {
        SignedBody::Form(&form)
    } else {
        SignedBody::Raw(body)
    };
    let raw = uri
        .path_and_query()
        .map_or("/", |path_and_query| path_and_query.as_str());
    signature::verify(&app.token, &app.base, raw, signed, signature)?;
    if let Some(sid) = form.get("CallSid") {
        Span::current().record("call.sid", sid);
    }
    if !is_form {
        return Err(NotTwilio::NotAForm);
    }
    // The URL is signed as well as the body.
    Ok(T::parse(&with_query(
        &form,
        uri.query().unwrap_or_default(),
    ))?)
}

fn is_form_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
