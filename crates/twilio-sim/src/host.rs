//! The simulation with a clock, a network and its browsers: everything that [`Sim`] leaves to its driver.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchboard_twilio::PublicUrl;
use switchboard_twilio::signature::HEADER;
use switchboard_twilio::twiml::Method;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::clock::{Clock, Mode};
use crate::sim::{
    Answer, Caller, Command, Config, HttpRequest, Input, Output, RestAnswer, RestId, RestRequest,
    Sim, SocketId,
};
use crate::wire::ToPage;

/// The largest answer of a webhook that is read. Twilio takes 64 KB of TwiML.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Twilio waits no longer for a webhook. The simulation has a limit of its own, in simulated time.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How many frames a browser may be behind before it counts as gone.
const MAX_BEHIND: usize = 1024;
/// How long one step of an explicit clock waits for the webhook, in real time.
const STEP_PATIENCE: Duration = Duration::from_secs(60);

/// What a browser's connection is told.
#[derive(Debug)]
pub(crate) enum ToSocket {
    Frame(ToPage),
    /// Break, as a network does.
    Break,
}

/// A running simulation. Cloning shares it; it ends when its runtime does.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    clock: Clock,
    http: reqwest::Client,
    base: PublicUrl,
    account_sid: String,
    /// Something was put in: the next wake may be sooner.
    changed: Notify,
    /// The last line of the log.
    lines: watch::Sender<u64>,
}

struct State {
    sim: Sim,
    sockets: BTreeMap<SocketId, mpsc::Sender<ToSocket>>,
    rest: BTreeMap<RestId, oneshot::Sender<Option<RestAnswer>>>,
    made: u64,
}

impl Host {
    /// Starts the simulation on the current runtime.
    pub fn start(config: Config, mode: Mode) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let host = Self(Arc::new(Inner {
            clock: Clock::new(mode),
            http,
            base: config.base.clone(),
            account_sid: config.account_sid.clone(),
            changed: Notify::new(),
            lines: watch::channel(0).0,
            state: Mutex::new(State {
                sim: Sim::new(config),
                sockets: BTreeMap::new(),
                rest: BTreeMap::new(),
                made: 0,
            }),
        }));
        if mode == Mode::Auto {
            tokio::spawn(host.clone().keep_time());
        }
        Ok(host)
    }

    /// Wakes the simulation when it wants to be woken.
    async fn keep_time(self) {
        loop {
            let changed = self.0.changed.notified();
            let next = self.lock().sim.next_wake();
            match next {
                Some(at) => tokio::select! {
                    () = tokio::time::sleep_until(self.0.clock.instant(at)) => self.input(Input::Wake),
                    () = changed => {}
                },
                None => changed.await,
            }
        }
    }

    /// Puts something in, now.
    pub fn input(&self, input: Input) {
        let mut state = self.lock();
        let outputs = state.sim.handle(input, self.0.clock.now());
        self.carry(&mut state, outputs);
    }

    /// Does what a person at a telephone does.
    pub fn act(&self, command: Command) {
        self.input(Input::Do(command));
    }

    /// Somebody calls; returns the name of the leg.
    pub fn place(&self, caller: Caller) -> String {
        let mut state = self.lock();
        let (sid, outputs) = state.sim.place(caller, self.0.clock.now());
        self.carry(&mut state, outputs);
        sid
    }

    /// Uses the REST API; `None` is an answer that gets lost.
    pub async fn rest(&self, request: RestRequest) -> Option<RestAnswer> {
        let (answer, answered) = oneshot::channel();
        {
            let mut state = self.lock();
            state.made += 1;
            let id = state.made;
            state.rest.insert(id, answer);
            let outputs = state
                .sim
                .handle(Input::Rest(id, request), self.0.clock.now());
            self.carry(&mut state, outputs);
        }
        answered.await.ok().flatten()
    }

    /// A browser connects with a token that is good for so long.
    pub(crate) fn open(
        &self,
        identity: String,
        token_lasts: Duration,
    ) -> (SocketId, mpsc::Receiver<ToSocket>) {
        let (sender, receiver) = mpsc::channel(MAX_BEHIND);
        let mut state = self.lock();
        state.made += 1;
        let socket = state.made;
        state.sockets.insert(socket, sender);
        let now = self.0.clock.now();
        let opened = Input::Opened {
            socket,
            identity,
            token_ends: Some(now + token_lasts),
        };
        let outputs = state.sim.handle(opened, now);
        self.carry(&mut state, outputs);
        (socket, receiver)
    }

    /// A browser has a fresh token, which is good for so long.
    pub(crate) fn renew(&self, socket: SocketId, token_lasts: Duration) {
        self.input(Input::Renewed(
            socket,
            Some(self.0.clock.now() + token_lasts),
        ));
    }

    /// A browser is gone.
    pub(crate) fn close(&self, socket: SocketId, is_clean: bool) {
        let mut state = self.lock();
        state.sockets.remove(&socket);
        let closed = Input::Closed { socket, is_clean };
        let outputs = state.sim.handle(closed, self.0.clock.now());
        self.carry(&mut state, outputs);
    }

    /// Looks at the simulation.
    pub fn look<T>(&self, look: impl FnOnce(&Sim) -> T) -> T {
        look(&self.lock().sim)
    }

    /// How time goes by.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.0.clock.mode()
    }

    /// The webhook that it calls.
    #[must_use]
    pub fn base(&self) -> &PublicUrl {
        &self.0.base
    }

    /// The account whose calls these are.
    #[must_use]
    pub fn account_sid(&self) -> &str {
        &self.0.account_sid
    }

    /// In explicit mode: lets so much time go by, one event after the other, and before each waits until the webhook
    /// has answered what it was asked. Returns the time that it came to.
    pub async fn advance(&self, by: Duration) -> Duration {
        let until = self.0.clock.now() + by;
        loop {
            self.until_answered().await;
            let next = self.lock().sim.next_wake();
            let Some(at) = next.filter(|at| *at <= until) else {
                break;
            };
            self.0.clock.set(at);
            self.input(Input::Wake);
        }
        self.0.clock.set(until);
        self.input(Input::Wake);
        self.0.clock.now()
    }

    async fn until_answered(&self) {
        let deadline = Instant::now() + STEP_PATIENCE;
        while self.look(Sim::waiting_requests) > 0 && Instant::now() < deadline {
            let changed = self.0.changed.notified();
            if self.look(Sim::waiting_requests) > 0 {
                let _ = tokio::time::timeout_at(deadline, changed).await;
            }
        }
    }

    /// The number of the last line of the log, now and at each change.
    #[must_use]
    pub fn lines(&self) -> watch::Receiver<u64> {
        self.0.lines.subscribe()
    }

    /// Whether a call would become a row now.
    pub async fn is_webhook_ready(&self) -> bool {
        let asked = self
            .0
            .http
            .get(self.0.base.join("/readyz"))
            .timeout(Duration::from_secs(3))
            .send()
            .await;
        asked.is_ok_and(|response| response.status().is_success())
    }

    fn carry(&self, state: &mut State, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Http(request) => {
                    tokio::spawn(self.clone().ask(request));
                }
                Output::Frame(socket, frame) => send(state, socket, ToSocket::Frame(frame)),
                Output::Close(socket) => {
                    send(state, socket, ToSocket::Break);
                    state.sockets.remove(&socket);
                }
                Output::Rest(id, answer) => {
                    if let Some(waiting) = state.rest.remove(&id) {
                        // Whoever asked may be gone.
                        let _ = waiting.send(answer);
                    }
                }
            }
        }
        self.0.lines.send_replace(state.sim.last_line());
        self.0.changed.notify_waiters();
        self.0.changed.notify_one();
    }

    async fn ask(self, request: HttpRequest) {
        let id = request.id;
        let answer = fetch(&self.0.http, request).await;
        self.input(Input::Answer(id, answer));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A browser that does not listen any more is told nothing; its connection notices by itself.
fn send(state: &mut State, socket: SocketId, message: ToSocket) {
    let is_gone = state
        .sockets
        .get(&socket)
        .is_some_and(|to| to.try_send(message).is_err());
    if is_gone {
        state.sockets.remove(&socket);
    }
}

/// Asks the webhook as Twilio does.
async fn fetch(http: &reqwest::Client, request: HttpRequest) -> Answer {
    let asked = match request.method {
        Method::Get => http.get(&request.url),
        Method::Post => http
            .post(&request.url)
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=UTF-8",
            )
            .body(request.form.encode()),
    };
    let asked = asked
        .header("user-agent", "TwilioProxy/1.1")
        .header(HEADER, request.signature);
    let failed = |error: reqwest::Error| {
        if error.is_timeout() {
            Answer::TimedOut
        } else {
            Answer::Unreachable
        }
    };
    let mut response = match asked.send().await {
        Ok(response) => response,
        Err(error) => return failed(error),
    };
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_ANSWER_BYTES => {
                body.extend_from_slice(&chunk);
            }
            // Too long to be TwiML: what has come is not XML either.
            Ok(Some(_)) | Ok(None) => break,
            Err(error) => return failed(error),
        }
    }
    Answer::Response {
        status: response.status().as_u16(),
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}
