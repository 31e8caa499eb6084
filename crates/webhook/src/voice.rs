//! Twilio's requests as HTTP. What they mean is in [`crate::service`]. Whatever happens, a leg that asks what to do is
//! answered with TwiML: an error would be read out to the caller.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use switchboard_twilio::{
    DialResult, RecordResult, RecordingCallback, StatusCallback, Twiml, VoiceRequest, twiml,
};

use crate::server::App;
use crate::service::Reply;
use crate::signed::Signed;
use crate::urls::About;

/// `POST /twilio/voice`: a call asks what to do, at its beginning and whenever a loop or a redirect comes round.
pub async fn voice(
    State(app): State<App>,
    Signed { callback, uri }: Signed<VoiceRequest>,
) -> TwimlAnswer {
    let next = app.service.voice(&callback, About::of(&uri));
    TwimlAnswer(app.service.or_hold(again(&app, &uri), next).await)
}

/// `POST /twilio/dial`: a `<Dial>` is over.
pub async fn dial(
    State(app): State<App>,
    Signed { callback, uri }: Signed<DialResult>,
) -> TwimlAnswer {
    let about = About::of(&uri);
    let again = app.service.urls.dial_again(about, &callback);
    let next = app.service.dial(&callback, about);
    TwimlAnswer(app.service.or_hold(again, next).await)
}

/// `POST /twilio/recorded`: a `<Record>` is over.
pub async fn recorded(
    State(app): State<App>,
    Signed { callback, uri }: Signed<RecordResult>,
) -> TwimlAnswer {
    let next = app.service.recorded(&callback, About::of(&uri));
    TwimlAnswer(app.service.or_hold(again(&app, &uri), next).await)
}

/// `POST /twilio/fallback`: Twilio could not reach us or did not like the answer.
pub async fn fallback(
    State(app): State<App>,
    Signed { callback, .. }: Signed<VoiceRequest>,
) -> TwimlAnswer {
    TwimlAnswer(app.service.fallback(&callback))
}

/// `POST /twilio/leg`: a dialled leg has changed its state.
pub async fn leg(
    State(app): State<App>,
    Signed { callback, uri }: Signed<StatusCallback>,
) -> Reply {
    app.service.leg(&callback, About::of(&uri)).await
}

/// `POST /twilio/status`: the leg of somebody who called has changed its state.
pub async fn status(
    State(app): State<App>,
    Signed { callback, .. }: Signed<StatusCallback>,
) -> Reply {
    app.service.status(callback).await
}

/// `POST /twilio/recording`: a message has changed its state.
pub async fn recording(
    State(app): State<App>,
    Signed { callback, uri }: Signed<RecordingCallback>,
) -> Reply {
    app.service.recording(&callback, About::of(&uri)).await
}

fn again(app: &App, uri: &Uri) -> String {
    let raw = uri.path_and_query().map_or("/", |raw| raw.as_str());
    app.service.urls.again(raw)
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Twiml(twiml) => TwimlAnswer(twiml).into_response(),
            Self::Done => StatusCode::NO_CONTENT.into_response(),
            Self::Later => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Self::Unknown => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

/// TwiML as an HTTP response.
#[derive(Debug)]
pub struct TwimlAnswer(pub Twiml);

impl IntoResponse for TwimlAnswer {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, twiml::CONTENT_TYPE)], self.0.to_string()).into_response()
    }
}
