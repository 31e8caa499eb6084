//! A webhook that answers from a list and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use switchboard_twilio::signature::{self, AuthToken, SignedBody};
use switchboard_twilio::{Form, PublicUrl};
use switchboard_twilio_sim::call::Setting;
use switchboard_twilio_sim::line::Line;
use switchboard_twilio_sim::stop::{Stop, Switch};
use switchboard_twilio_sim::tempo::Tempo;
use tokio::net::TcpListener;
use tokio::sync::Notify;

const TOKEN: &str = "paper";
/// How long anything may take before a test says that it does not happen: far longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// The first requests of calls.
pub(crate) fn firsts(heard: &[Heard]) -> Vec<&Heard> {
    heard
        .iter()
        .filter(|request| request.uri == "/twilio/voice")
        .collect()
}

/// The webhook of paper, on a free port.
pub(crate) struct Webhook {
    base: PublicUrl,
    desk: Arc<Desk>,
}

struct Desk {
    base: PublicUrl,
    /// TwiML, or an HTTP status; the last is repeated.
    answers: Vec<String>,
    heard: Mutex<Vec<Heard>>,
    given: Mutex<usize>,
    arrived: Notify,
}

impl Webhook {
    pub(crate) async fn answering(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = PublicUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let desk = Arc::new(Desk {
            base: base.clone(),
            answers: answers.iter().map(|&answer| answer.to_owned()).collect(),
            heard: Mutex::default(),
            given: Mutex::default(),
            arrived: Notify::new(),
        });
        let router = Router::new()
            .route("/readyz", get(|| async { "ready" }))
            .route("/twilio/{*rest}", post(answer))
            .with_state(desk.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { base, desk }
    }

    /// What a call needs, at a hundred times the speed of life.
    pub(crate) fn setting(&self) -> (Switch, Setting) {
        let (switch, stop) = Stop::new();
        (switch, setting(self.base.clone(), stop))
    }

    /// The same, where no webhook is.
    pub(crate) fn nowhere() -> Setting {
        setting(
            PublicUrl::parse("http://127.0.0.1:9").unwrap(),
            Stop::new().1,
        )
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.desk.heard.lock().unwrap().clone()
    }

    /// Waits until what was heard is enough.
    pub(crate) async fn until(&self, enough: impl Fn(&[Heard]) -> bool) {
        let listening = async {
            loop {
                let arrived = self.desk.arrived.notified();
                if enough(&self.heard()) {
                    return;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(PATIENCE, listening)
            .await
            .expect("it was never heard");
    }
}

fn setting(base: PublicUrl, stop: Stop) -> Setting {
    Setting {
        line: Line::new(base, AuthToken::new(TOKEN)).unwrap(),
        tempo: Tempo::faster(100),
        stop,
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
    signature::verify(&token, &desk.base, &uri, SignedBody::Form(&form), signature).unwrap();
    let is_end = uri == "/twilio/status";
    desk.heard.lock().unwrap().push(Heard { uri, form });
    desk.arrived.notify_waiters();
    if is_end {
        return (StatusCode::NO_CONTENT, String::new());
    }
    let mut given = desk.given.lock().unwrap();
    let answer = &desk.answers[(*given).min(desk.answers.len() - 1)];
    *given += 1;
    match answer.parse() {
        Ok(status) => (StatusCode::from_u16(status).unwrap(), String::new()),
        Err(_) => (StatusCode::OK, answer.clone()),
    }
}
