//! What a caller hears next. Whatever happens here, the answer is TwiML: an error would be read out to the caller.

use std::time::Duration;

use axum::extract::State;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use switchboard_model::{Call, CallId, Member, Status};
use switchboard_twilio::{Dial, DialResult, Form, Twiml, VoiceRequest, twiml};
use tracing::{info, warn};

use crate::config::Voice;
use crate::new_call;
use crate::render::{hold_and_retry, render};
use crate::server::App;
use crate::signed::Signed;
use crate::store::StoreError;

/// A caller does not wait longer than this for the database. Twilio itself gives up after 15 s.
const DEADLINE: Duration = Duration::from_secs(3);

/// `POST /twilio/voice`: a call asks what to do, at its beginning and whenever a loop or a redirect comes round.
pub async fn voice(
    State(app): State<App>,
    Signed { callback, uri }: Signed<VoiceRequest>,
) -> TwimlAnswer {
    or_hold(&app, &uri, next(&app, &uri, &callback)).await
}

/// `POST /twilio/dial`: a `<Dial>` is over. What comes next is in the row, not in how the dial went.
pub async fn dial(
    State(app): State<App>,
    Signed { callback, uri }: Signed<DialResult>,
) -> TwimlAnswer {
    info!(dial.status = ?callback.dial_status, "a dial is over");
    let row = async {
        match call_id(&uri) {
            Some(id) => app.store.call(id).await,
            None => app.store.call_by_sid(callback.call_sid.as_str()).await,
        }
    };
    let next = async {
        match row.await? {
            Some(call) => audio(&app, &call).await,
            None => Ok(hold_and_retry(app.urls.first())),
        }
    };
    or_hold(&app, &uri, next).await
}

/// `POST /twilio/fallback`: Twilio could not reach us or did not like the answer. Start over, calmly.
pub async fn fallback(State(app): State<App>, _: Signed<VoiceRequest>) -> TwimlAnswer {
    warn!("Twilio asks for the fallback");
    TwimlAnswer(hold_and_retry(app.urls.first()))
}

/// Which call a URL is about, as we wrote it there (`c`). Anything unreadable counts as absent.
fn call_id(uri: &Uri) -> Option<CallId> {
    Form::parse(uri.query()?.as_bytes()).get("c")?.parse().ok()
}

/// The row as it is now, made if this is the first that is heard of the call, and what belongs to it.
async fn next(app: &App, uri: &Uri, request: &VoiceRequest) -> Result<Twiml, StoreError> {
    let known = match call_id(uri) {
        Some(id) => app.store.call(id).await?,
        None => None,
    };
    let call = match known {
        Some(call) => call,
        None => {
            app.store
                .insert_or_read(&new_call::from_request(request))
                .await?
        }
    };
    audio(app, &call).await
}

async fn audio(app: &App, call: &Call) -> Result<Twiml, StoreError> {
    let dialable = dialable(app, call).await?;
    app.rendered.note(call.id, call.epoch);
    Ok(render(call, &dialable, &app.urls))
}

async fn dialable(app: &App, call: &Call) -> Result<Vec<Member>, StoreError> {
    match (app.voice, call.status) {
        (Voice::Off, _) | (_, Status::Parked | Status::Ended) => Ok(Vec::new()),
        (Voice::Sim | Voice::Twilio, Status::Ringing) => {
            app.store.free_members(Dial::MAX_CLIENTS).await
        }
        (Voice::Sim | Voice::Twilio, Status::Active) => match call.assigned_to {
            Some(agent) => Ok(app.store.member(agent).await?.into_iter().collect()),
            None => Ok(Vec::new()),
        },
    }
}

/// The answer, or a few seconds of waiting and then the same request again: while the database is away the caller
/// stays, and when it is back the call becomes a row.
async fn or_hold(
    app: &App,
    uri: &Uri,
    next: impl Future<Output = Result<Twiml, StoreError>>,
) -> TwimlAnswer {
    let retry = || {
        hold_and_retry(
            app.urls
                .again(uri.path_and_query().map_or("/", |raw| raw.as_str())),
        )
    };
    TwimlAnswer(match tokio::time::timeout(DEADLINE, next).await {
        Ok(Ok(twiml)) => twiml,
        Ok(Err(error)) => {
            warn!(%error, "the caller waits for the database");
            retry()
        }
        Err(_) => {
            warn!("the caller waits for the database, which did not answer in time");
            retry()
        }
    })
}

/// TwiML as an HTTP response.
#[derive(Debug)]
pub struct TwimlAnswer(pub Twiml);

impl IntoResponse for TwimlAnswer {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, twiml::CONTENT_TYPE)], self.0.to_string()).into_response()
    }
}
