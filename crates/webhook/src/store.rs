//! The rows, through PostgREST, as the service.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use switchboard_model::request::{self, Method, Request};
use switchboard_model::{Call, CallId, EndReason, Member, MemberId, NewCall};

/// No single request waits longer than this for its answer.
const TIMEOUT: Duration = Duration::from_secs(3);

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Reads and writes rows with the service's own key.
#[derive(Clone)]
pub struct Store {
    client: reqwest::Client,
    headers: HeaderMap,
    rest_url: String,
}

/// Why a row could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No answer: nobody listens, the connection broke, or it took too long.
    #[error("no answer from the database's REST server: {0}")]
    Unreachable(String),
    /// An answer that says no. `code` is PostgREST's or PostgreSQL's own, never the message, which may quote a row.
    #[error("the database's REST server answers {status} ({code})")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// Such as `PGRST301` or `23505`.
        code: String,
    },
    /// An answer that is not what these rows look like: an older or newer schema.
    #[error("the database's REST server answers rows that cannot be read: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// A row that must be there is not.
    #[error("the row that was just written cannot be read")]
    Vanished,
}

impl StoreError {
    /// Whether the same request will be refused every time, whatever becomes of the server.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Unreadable(_) | Self::Vanished => false,
            Self::Refused { status, .. } => {
                matches!(
                    *status,
                    StatusCode::BAD_REQUEST
                        | StatusCode::CONFLICT
                        | StatusCode::UNPROCESSABLE_ENTITY
                )
            }
        }
    }
}

/// Which calls an end is for: it must not be called missed after somebody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// Only if nobody has answered it.
    No,
    /// Only if somebody has answered it.
    Yes,
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
        let mut headers = HeaderMap::new();
        let key = service_role_key.expose_secret();
        for (name, value) in [
            ("apikey", key.to_owned()),
            ("authorization", format!("Bearer {key}")),
        ] {
            let mut value = HeaderValue::from_str(&value)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let rest_url = format!("{}/rest/v1", supabase_url.as_str().trim_end_matches('/'));
        Ok(Self {
            client,
            headers,
            rest_url,
        })
    }

    /// The row of a new call, written now or already there: asking twice makes no second row.
    pub async fn insert_or_read(&self, call: &NewCall) -> Result<Call, StoreError> {
        if let Some(call) = self.rows(&request::insert_call(call)).await?.pop() {
            return Ok(call);
        }
        self.call_by_sid(&call.twilio_call_sid)
            .await?
            .ok_or(StoreError::Vanished)
    }

    /// A call, if there is one with that id.
    pub async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        Ok(self.rows(&get("calls", "id", id)).await?.pop())
    }

    /// A call, if there is one for that leg.
    pub async fn call_by_sid(&self, sid: &str) -> Result<Option<Call>, StoreError> {
        Ok(self
            .rows(&get("calls", "twilio_call_sid", sid))
            .await?
            .pop())
    }

    /// Up to `limit` members who want a call, have none, and are on the team.
    pub async fn free_members(&self, limit: usize) -> Result<Vec<Member>, StoreError> {
        let mut request = request::members();
        request.query.extend([
            ("is_available", "is.true".to_owned()),
            ("current_call_id", "is.null".to_owned()),
            ("limit", limit.to_string()),
        ]);
        self.rows(&request).await
    }

    /// A member, if there is one with that id.
    pub async fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        Ok(self.rows(&get("voip_users", "id", id)).await?.pop())
    }

    /// Ends the call of that leg, if it lives and `answered` holds. Returns whether a row was ended.
    pub async fn end(
        &self,
        sid: &str,
        answered: Answered,
        reason: EndReason,
    ) -> Result<bool, StoreError> {
        let answered_at = match answered {
            Answered::No => "is.null",
            Answered::Yes => "not.is.null",
        };
        let request = Request {
            method: Method::Patch,
            table: "calls",
            query: vec![
                ("twilio_call_sid", format!("eq.{sid}")),
                ("status", "neq.ended".to_owned()),
                ("answered_at", answered_at.to_owned()),
                ("select", "id".to_owned()),
            ],
            prefer: Some("return=representation"),
            body: Some(json!({ "status": "ended", "end_reason": reason })),
        };
        Ok(!self.rows::<Value>(&request).await?.is_empty())
    }

    /// Notes what callers hear: one row each, the later note wins.
    pub async fn note_rendered(&self, epochs: &[(CallId, i32)]) -> Result<(), StoreError> {
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

    /// Whether the REST server answers and takes our key.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let mut request = get("call_audio", "rendered_epoch", 0);
        request
            .query
            .extend([("select", "call_id".to_owned()), ("limit", "0".to_owned())]);
        self.answer(&request).await.map(drop)
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

/// What went wrong on the way, with its causes; without the URL, which names a call.
fn unreachable(error: reqwest::Error) -> StoreError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    StoreError::Unreachable(text)
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
