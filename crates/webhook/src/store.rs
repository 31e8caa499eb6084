//! The rows, through PostgREST, as the service.

mod error;

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use switchboard_model::request::{self, Method, Request};
use switchboard_model::{Call, CallId, Member, MemberId, NewCall, Status, UserId};

pub use self::error::StoreError;
use self::error::unreachable;
use crate::rows::{
    Floor, Guard, LegWord, News, Picture, Place, Release, Rendered, Rendering, Rows, Scene, Step,
    Work, arguments,
};

/// No single request waits longer than this for its answer.
const TIMEOUT: Duration = Duration::from_secs(3);

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// What every request with the service's own key carries; in no log.
pub(crate) fn key_headers(
    service_role_key: &SecretString,
) -> Result<HeaderMap, InvalidHeaderValue> {
    let key = service_role_key.expose_secret();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("apikey", key.to_owned()),
        ("authorization", format!("Bearer {key}")),
    ] {
        let mut value = HeaderValue::from_str(&value)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Reads and writes rows with the service's own key.
#[derive(Clone)]
pub struct Store {
    client: reqwest::Client,
    headers: HeaderMap,
    rest_url: String,
}

impl Store {
    /// A client of the project at `supabase_url`. Nothing is asked yet.
    pub fn new(supabase_url: &Url, service_role_key: &SecretString) -> anyhow::Result<Self> {
        // A redirect would carry the key to wherever it points.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(64)
            .build()?;
        let headers = key_headers(service_role_key)?;
        let rest_url = format!("{}/rest/v1", supabase_url.as_str().trim_end_matches('/'));
        Ok(Self {
            client,
            headers,
            rest_url,
        })
    }

    /// Whether the REST server answers and takes our key.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let mut request = get("call_audio", "rendered_epoch", 0);
        request
            .query
            .extend([("select", "call_id".to_owned()), ("limit", "0".to_owned())]);
        self.answer(&request).await.map(drop)
    }

    /// The calls of each lane: how many there are.
    pub async fn lanes(&self) -> Result<Vec<Status>, StoreError> {
        let mut request = get("calls", "status", "");
        request.query = vec![
            ("select", "status".to_owned()),
            ("status", "in.(ringing,active,parked)".to_owned()),
        ];
        let rows: Vec<Lane> = self.rows(&request).await?;
        Ok(rows.into_iter().map(|row| row.status).collect())
    }

    /// The member that an account belongs to, unless the member has left.
    pub async fn member_of(&self, user: UserId) -> Result<Option<Member>, StoreError> {
        let mut request = request::member_of(user);
        request.query.push(("retired_at", "is.null".to_owned()));
        Ok(self.rows(&request).await?.pop())
    }

    /// Whether somebody may join the team with that secret.
    pub async fn invitation_is_open(&self, secret: &SecretString) -> Result<bool, StoreError> {
        let arguments = arguments([("secret", json!(secret.expose_secret()))]);
        self.ask("rpc/invitation_is_open", arguments).await
    }

    /// The account joins the team, and the invitation is used up; `None` if it was already.
    pub async fn accept_invitation(
        &self,
        secret: &SecretString,
        account: UserId,
    ) -> Result<Option<MemberId>, StoreError> {
        let arguments = arguments([
            ("secret", json!(secret.expose_secret())),
            ("account", json!(account)),
        ]);
        self.ask("rpc/accept_invitation", arguments).await
    }

    /// Asks a function of the database.
    async fn ask<T: DeserializeOwned>(
        &self,
        function: &'static str,
        arguments: Value,
    ) -> Result<T, StoreError> {
        let request = Request {
            method: Method::Post,
            table: function,
            query: Vec::new(),
            prefer: None,
            body: Some(arguments),
        };
        let body = self.answer(&request).await?;
        // A function without a result answers nothing at all.
        let body: &[u8] = if body.is_empty() { b"null" } else { &body };
        serde_json::from_slice(body).map_err(StoreError::Unreadable)
    }

    async fn rows<T: DeserializeOwned>(&self, request: &Request) -> Result<Vec<T>, StoreError> {
        let body = self.answer(request).await?;
        serde_json::from_slice(&body).map_err(StoreError::Unreadable)
    }

    /// Sends a request, and once more when the connection broke: a server that restarts leaves dead connections in the
    /// pool. Every request here may be repeated without harm.
    async fn answer(&self, request: &Request) -> Result<Vec<u8>, StoreError> {
        let response = match self.to_http(request).send().await {
            Err(error) if error.is_request() && !error.is_timeout() && !error.is_connect() => {
                self.to_http(request).send().await
            }
            answered => answered,
        };
        let response = response.map_err(unreachable)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unreachable)?;
        if status.is_success() {
            return Ok(body.into());
        }
        let code = serde_json::from_slice::<Value>(&body)
            .ok()
            .and_then(|body| Some(body.get("code")?.as_str()?.to_owned()))
            .unwrap_or_else(|| "no code".to_owned());
        Err(StoreError::Refused { status, code })
    }

    fn to_http(&self, request: &Request) -> reqwest::RequestBuilder {
        let url = format!("{}/{}", self.rest_url, request.table);
        let table = postgrest::Builder::new(url, None, self.headers.clone(), self.client.clone());
        let body = request
            .body
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default();
        let table = match request.method {
            Method::Get => table,
            Method::Post => table.insert(body),
            Method::Patch => table.update(body),
        };
        let http = table.build().query(&request.query);
        match request.prefer {
            // Replaces the preference that `insert` and `update` set by themselves.
            Some(prefer) => http.headers(HeaderMap::from_iter([(
                PREFER,
                HeaderValue::from_static(prefer),
            )])),
            None => http,
        }
    }
}

#[derive(Deserialize)]
struct Lane {
    status: Status,
}

#[derive(Deserialize)]
struct Asked {
    scene: Option<Scene>,
    floor: Floor,
}

impl Rows for Store {
    async fn insert_or_read(&self, call: &NewCall) -> Result<Call, StoreError> {
        if let Some(call) = self.rows(&request::insert_call(call)).await?.pop() {
            return Ok(call);
        }
        self.call_by_sid(&call.twilio_call_sid)
            .await?
            .ok_or(StoreError::Vanished)
    }

    async fn place(&self, call: &NewCall, agent: MemberId) -> Result<Call, StoreError> {
        if let Some(call) = self.rows(&request::place_call(call, agent)).await?.pop() {
            return Ok(call);
        }
        self.call_by_sid(&call.twilio_call_sid)
            .await?
            .ok_or(StoreError::Vanished)
    }

    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        Ok(self.rows(&get("calls", "id", id)).await?.pop())
    }

    async fn call_by_sid(&self, sid: &str) -> Result<Option<Call>, StoreError> {
        Ok(self
            .rows(&get("calls", "twilio_call_sid", sid))
            .await?
            .pop())
    }

    async fn member_by_identity(&self, identity: &str) -> Result<Option<Member>, StoreError> {
        let mut request = get("voip_users", "identity", identity);
        request.query.push(("retired_at", "is.null".to_owned()));
        Ok(self.rows(&request).await?.pop())
    }

    async fn change(&self, guard: &Guard, step: &Step) -> Result<Option<Call>, StoreError> {
        let mut query = vec![
            ("id", format!("eq.{}", guard.id)),
            ("status", format!("eq.{}", guard.status.as_str())),
            ("epoch", format!("eq.{}", guard.epoch)),
            (
                "assigned_to",
                guard
                    .assigned_to
                    .map_or_else(|| "is.null".to_owned(), |agent| format!("eq.{agent}")),
            ),
        ];
        if guard.is_unconnected {
            query.push(("connected_at", "is.null".to_owned()));
        }
        let request = Request {
            method: Method::Patch,
            table: "calls",
            query,
            prefer: Some("return=representation"),
            body: Some(step.body()),
        };
        match self.rows(&request).await {
            Ok(mut rows) => Ok(rows.pop()),
            // The rules say no: that is a state in which this change is not due any more.
            Err(StoreError::Refused { status, .. }) if status == StatusCode::CONFLICT => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn picture(&self, id: CallId) -> Result<Option<Picture>, StoreError> {
        let asked: Asked = self
            .ask("rpc/audio_of", arguments([("call", json!(id))]))
            .await?;
        let floor = asked.floor;
        Ok(asked.scene.map(|scene| Picture { scene, floor }))
    }

    async fn floor(&self) -> Result<Floor, StoreError> {
        // Of no call.
        let arguments = arguments([("call", json!(null))]);
        let asked: Asked = self.ask("rpc/audio_of", arguments).await?;
        Ok(asked.floor)
    }

    async fn note_render(&self, rendering: &Rendering) -> Result<Rendered, StoreError> {
        let arguments = arguments([
            ("call", json!(rendering.id)),
            ("epoch", json!(rendering.epoch)),
            ("dialled", json!(rendering.dialled)),
            ("round", json!(rendering.round)),
            ("lease_s", json!(rendering.lease_s)),
        ]);
        self.ask("rpc/note_render", arguments).await
    }

    async fn note_rendered(&self, epochs: &[(CallId, i32)]) -> Result<(), StoreError> {
        let row =
            |(call, epoch): &(CallId, i32)| json!({ "call_id": call, "rendered_epoch": epoch });
        let request = Request {
            method: Method::Post,
            table: "call_audio",
            query: vec![("on_conflict", "call_id".to_owned())],
            prefer: Some("resolution=merge-duplicates,return=minimal"),
            body: Some(epochs.iter().map(row).collect()),
        };
        self.answer(&request).await.map(drop)
    }

    async fn note_leg(&self, word: &LegWord) -> Result<News, StoreError> {
        let arguments = arguments([
            ("call", json!(word.id)),
            ("epoch", json!(word.place.epoch)),
            ("render", json!(word.place.render)),
            ("identity", json!(word.key)),
            ("leg_sid", json!(word.sid)),
            ("state", json!(word.state)),
            ("sequence", json!(word.sequence)),
        ]);
        self.ask("rpc/note_leg", arguments).await
    }

    async fn note_connected(&self, id: CallId, place: Place) -> Result<(), StoreError> {
        let arguments = arguments([
            ("call", json!(id)),
            ("epoch", json!(place.epoch)),
            ("render", json!(place.render)),
        ]);
        self.ask("rpc/note_connected", arguments).await
    }

    async fn note_customer(&self, id: CallId, sid: &str) -> Result<(), StoreError> {
        let arguments = arguments([("call", json!(id)), ("leg_sid", json!(sid))]);
        self.ask("rpc/note_customer", arguments).await
    }

    async fn note_over(&self, id: CallId) -> Result<(), StoreError> {
        self.ask("rpc/note_over", arguments([("call", json!(id))]))
            .await
    }

    async fn claim_work(
        &self,
        worker: &str,
        at_most: i32,
        quiet_s: i32,
    ) -> Result<Work, StoreError> {
        let arguments = arguments([
            ("worker", json!(worker)),
            ("at_most", json!(at_most)),
            ("quiet_s", json!(quiet_s)),
        ]);
        self.ask("rpc/claim_audio_work", arguments).await
    }

    async fn release_work(
        &self,
        id: CallId,
        worker: &str,
        release: Release,
    ) -> Result<(), StoreError> {
        // Longer than an hour is never meant.
        let pause_ms = release.pause.as_millis().min(3_600_000);
        let arguments = arguments([
            ("call", json!(id)),
            ("worker", json!(worker)),
            (
                "pause_ms",
                json!(u32::try_from(pause_ms).unwrap_or_default()),
            ),
            ("is_failure", json!(release.is_failure)),
            ("is_check", json!(release.is_check)),
        ]);
        self.ask("rpc/release_audio_work", arguments).await
    }
}

/// The rows of `table` whose `column` is `value`.
fn get(table: &'static str, column: &'static str, value: impl std::fmt::Display) -> Request {
    Request {
        method: Method::Get,
        table,
        query: vec![(column, format!("eq.{value}"))],
        prefer: None,
        body: None,
    }
}
