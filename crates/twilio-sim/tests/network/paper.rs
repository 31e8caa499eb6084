//! A webhook that answers by path, checks every signature and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use switchboard_twilio::signature::{self, AuthToken, SignedBody};
use switchboard_twilio::{Form, PublicUrl};
use tokio::net::TcpListener;
use tokio::sync::Notify;

pub(crate) const TOKEN: &str = "paper";
/// How long anything may take before a test says that it does not happen: far longer than it ever does.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const HOLD: &str = "<Response><Say>Please wait</Say><Pause length='10'/><Redirect>/twilio/voice?c=1&amp;e=0</Redirect></Response>";
pub(crate) const END: &str = "<Response><Hangup/></Response>";
pub(crate) const DIAL: &str = "<Response><Dial answerOnBridge='true' timeout='15' action='/twilio/dial'>\
    <Client statusCallback='/twilio/leg' statusCallbackEvent='answered completed'><Identity>agent_doug</Identity>\
    <Parameter name='call_id' value='1'/></Client></Dial></Response>";

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) uri: String,
    form: Form,
}

impl Heard {
    pub(crate) fn get(&self, key: &str) -> String {
        self.form.get(key).unwrap_or_default().to_owned()
    }
}

/// The webhook of paper, on a free port.
pub(crate) struct Webhook {
    pub(crate) base: PublicUrl,
    desk: Arc<Desk>,
}

struct Desk {
    base: PublicUrl,
    /// TwiML, or an HTTP status, by the beginning of the path; the longest counts.
    answers: Mutex<BTreeMap<&'static str, &'static str>>,
    later: Mutex<Option<(&'static str, usize, &'static str)>>,
    heard: Mutex<Vec<Heard>>,
    arrived: Notify,
}

impl Webhook {
    pub(crate) async fn answering(answers: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = PublicUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let desk = Arc::new(Desk {
            base: base.clone(),
            answers: Mutex::new(answers.iter().copied().collect()),
            later: Mutex::default(),
            heard: Mutex::default(),
            arrived: Notify::new(),
        });
        let router = Router::new()
            .route("/readyz", get(|| async { "ready" }))
            .route("/twilio/{*rest}", post(answer))
            .with_state(desk.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { base, desk }
    }

    /// From the `times`-th request at paths that begin like this, it answers something else.
    pub(crate) fn answer_after(&self, path: &'static str, times: usize, answer: &'static str) {
        *self.desk.later.lock().unwrap() = Some((path, times, answer));
    }

    /// What it was asked at paths that begin like this.
    pub(crate) fn heard(&self, path: &str) -> Vec<Heard> {
        let heard = self.desk.heard.lock().unwrap();
        heard
            .iter()
            .filter(|heard| heard.uri.starts_with(path))
            .cloned()
            .collect()
    }

    /// Waits until what was heard is enough.
    pub(crate) async fn until(&self, path: &str, enough: impl Fn(&[Heard]) -> bool) {
        let listening = async {
            loop {
                let arrived = self.desk.arrived.notified();
                if enough(&self.heard(path)) {
                    return;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(PATIENCE, listening)
            .await
            .unwrap_or_else(|_| panic!("it was never heard at {path}: {:?}", self.heard("")));
    }
}

async fn answer(
    State(desk): State<Arc<Desk>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let form = Form::parse(&body);
    let uri = uri.to_string();
    let signature = headers[signature::HEADER].to_str().unwrap();
    let token = AuthToken::new(TOKEN);
    let signed = SignedBody::Form(&form);
    if signature::verify(&token, &desk.base, &uri, signed, signature).is_err() {
        return (StatusCode::FORBIDDEN, String::new());
    }
    let later = desk.later.lock().unwrap().filter(|(path, times, _)| {
        let heard = desk.heard.lock().unwrap();
        uri.starts_with(path)
            && heard
                .iter()
                .filter(|heard| heard.uri.starts_with(path))
                .count()
                >= *times
    });
    let answer = if let Some((_, _, answer)) = later {
        answer
    } else {
        let answers = desk.answers.lock().unwrap();
        let found = answers
            .iter()
            .rev()
            .find(|(path, _)| uri.starts_with(**path));
        found.map_or("204", |(_, answer)| *answer)
    };
    desk.heard.lock().unwrap().push(Heard { uri, form });
    desk.arrived.notify_waiters();
    match answer.parse() {
        Ok(status) => (StatusCode::from_u16(status).unwrap(), String::new()),
        Err(_) => (StatusCode::OK, answer.to_owned()),
    }
}
