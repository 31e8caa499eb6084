//! HTTP: one function that sends, and the queries of the board over it.

use std::rc::Rc;

use futures::future::LocalBoxFuture;
use switchboard_model::{Checksum, Snapshot, json, request};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::action::Reply;
use crate::browser::{self, now_ms, parsed};
use crate::clock::ServerClock;
use crate::config::Config;
use crate::texts;

/// An answer that takes longer is given up.
const PATIENCE_MS: u32 = 10_000;

/// The server did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreachable;

/// Sends one request and reads the whole answer. Headers are name and value.
pub(crate) async fn fetch(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<String>,
) -> Result<Reply, Unreachable> {
    read(send(method, url, headers, body).await?).await
}

/// Sends one request, for somebody who wants the answer's headers.
pub(crate) async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<String>,
) -> Result<Response, Unreachable> {
    let named = Headers::new().map_err(|_| Unreachable)?;
    for (name, value) in headers {
        named.append(name, value).map_err(|_| Unreachable)?;
    }
    let options = RequestInit::new();
    options.set_method(method);
    options.set_headers(&named);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    if let Some(body) = body {
        options.set_body(&body.into());
    }
    let window = browser::window().ok_or(Unreachable)?;
    let answer = JsFuture::from(window.fetch_with_str_and_init(url, &options)).await;
    Ok(answer.map_err(|_| Unreachable)?.unchecked_into())
}

/// Reads the rest of an answer.
pub(crate) async fn read(response: Response) -> Result<Reply, Unreachable> {
    let text = response.text().map_err(|_| Unreachable)?;
    let text = JsFuture::from(text).await.map_err(|_| Unreachable)?;
    Ok(Reply {
        status: response.status(),
        body: text.as_string().ok_or(Unreachable)?,
    })
}

/// What an answer's header says, where this page may know.
pub(crate) fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok()?
}

/// The server's public settings, if it tells them.
pub(crate) async fn config() -> Option<Config> {
    let sent_ms = now_ms();
    let answer = send("GET", "/config.json", &[], None).await.ok()?;
    let mut clock = ServerClock::default();
    // The page's own server is near enough to the database's to tell when a clock is minutes off.
    if let Some(date) = header(&answer, "date").and_then(|date| parsed(&date)) {
        clock.dated(date, sent_ms, now_ms());
    }
    Config::read(&read(answer).await.ok()?.body, clock)
}

/// Who knows the token of the person who is signed in.
pub(crate) trait Tokens {
    /// A token that may be sent now, other than `spent`, which was refused. `None`: nobody is signed in, or the server could
    /// not be asked. `spent` again where a new one would help nobody.
    fn token(&self, spent: Option<String>) -> LocalBoxFuture<'static, Option<String>>;
}

/// Who knows the token who is signed in. Clones are the same.
#[derive(Clone)]
pub(crate) struct Api {
    config: Config,
    tokens: Rc<dyn Tokens>,
}

impl PartialEq for Api {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.tokens, &other.tokens)
    }
}

impl Api {
    /// An API with those tokens.
    pub(crate) fn new(config: Config, tokens: impl Tokens + 'static) -> Self {
        Self {
            config,
            tokens: Rc::new(tokens),
        }
    }

    /// Sends a request of the model. A token that the server does not accept is renewed once; an
    /// account whose session is over answers with 401.
    pub(crate) async fn send(&self, request: &request::Request) -> Result<Reply, Unreachable> {
        let token = self.tokens.token(None).await.ok_or(Unreachable)?;
        let reply = self.send_with(request, &token).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        match self.tokens.token(Some(token)).await {
            Some(token) => self.send_with(request, &token).await,
            None => Ok(reply),
        }
    }

    /// Every live call, the team and the settings.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, &'static str> {
        let (calls, members, settings) =
            (request::board(), request::members(), request::settings());
        // The three leave together: the board is only as old as the slowest of them.
        let (calls, members, settings) =
            futures::future::join3(self.send(&calls), self.send(&members), self.send(&settings))
                .await;
        let body = |reply: Result<Reply, Unreachable>| match reply {
            Ok(reply) if reply.status == 200 => Ok(reply.body),
            Ok(_) => Err(texts::server_trouble()),
            Err(Unreachable) => Err(texts::starting_failed_rest()),
        };
        Snapshot::from_json(&body(calls)?, &body(members)?, &body(settings)?)
            .map_err(|_| texts::server_trouble())
    }

    /// What the board should show, if the server says so.
    pub(crate) async fn checksum(&self) -> Option<Checksum> {
        let reply = self.send(&request::board_checksum()).await.ok()?;
        Checksum::from_json(&reply.body)
    }

    async fn send_with(&self, request: &request::Request, jwt: &str) -> Result<Reply, Unreachable> {
        let config = &self.config;
        let url = format!("{}{}", config.supabase_url, request.path_and_query());
        let bearer = format!("Bearer {jwt}");
        let mut headers: Vec<(&str, &str)> =
            vec![("apikey", &config.supabase_key), ("authorization", &bearer)];
        for (name, value) in request.headers() {
            headers.push((name, value));
        }
        let method = match request.method {
            request::Method::Get => "GET",
            request::Method::Post => "POST",
            request::Method::Patch => "PATCH",
        };
        let body = request.body.as_ref().map(json::write);
        fetch(method, &url, &headers, body).await
    }
}
