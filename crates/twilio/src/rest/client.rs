//! The client that sends what [`super`] describes.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{RequestBuilder, Url};

use super::{CallPage, CallResource, CallUpdate, CallsQuery, RestError, read_call, read_calls};
use crate::{ApiKey, AuthToken, CallSid};

/// A request that takes longer is given up.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read: a page of 1000 calls has about 1.5 MB.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The setting is not an address or an account that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRestSetting {
    /// Not `http://` or `https://` and a host.
    #[error("TWILIO_API_URL is not an http:// or https:// address")]
    Url,
    /// Not `AC` and letters and digits.
    #[error("the account sid is not AC and letters and digits")]
    AccountSid,
    /// The TLS stack of this machine cannot be used.
    #[error("no HTTP client can be made")]
    Client,
}

/// One account at Twilio. Cloning shares the connections. Debug prints no secret.
#[derive(Clone)]
pub struct RestClient {
    http: reqwest::Client,
    base: Url,
    account_sid: String,
    user: String,
    password: String,
}

impl std::fmt::Debug for RestClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RestClient({} at {})", self.account_sid, self.base)
    }
}

impl RestClient {
    /// As the account itself.
    pub fn with_auth_token(
        base: &str,
        account_sid: &str,
        token: &AuthToken,
    ) -> Result<Self, InvalidRestSetting> {
        Self::new(base, account_sid, account_sid, token.expose())
    }

    /// As an API key of the account, which can be revoked by itself.
    pub fn with_api_key(
        base: &str,
        account_sid: &str,
        key: &ApiKey,
    ) -> Result<Self, InvalidRestSetting> {
        Self::new(base, account_sid, key.sid(), key.expose())
    }

    fn new(
        base: &str,
        account_sid: &str,
        user: &str,
        password: &str,
    ) -> Result<Self, InvalidRestSetting> {
        let base: Url = base.parse().map_err(|_| InvalidRestSetting::Url)?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(InvalidRestSetting::Url);
        }
        let is_account = account_sid.strip_prefix("AC").is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if !is_account {
            return Err(InvalidRestSetting::AccountSid);
        }
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| InvalidRestSetting::Client)?;
        Ok(Self {
            http,
            base,
            account_sid: account_sid.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
        })
    }

    /// Changes what a call hears, or ends it.
    pub async fn update(
        &self,
        call: &CallSid,
        update: &CallUpdate,
    ) -> Result<CallResource, RestError> {
        let request = self
            .http
            .post(self.url(&super::call_path(&self.account_sid, call)))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(update.form().encode());
        let (status, retry_after, body) = self.send(request).await?;
        read_call(status, retry_after.as_deref(), &body)
    }

    /// How a call is.
    pub async fn fetch(&self, call: &CallSid) -> Result<CallResource, RestError> {
        let request = self
            .http
            .get(self.url(&super::call_path(&self.account_sid, call)));
        let (status, retry_after, body) = self.send(request).await?;
        read_call(status, retry_after.as_deref(), &body)
    }

    /// The newest calls.
    pub async fn list(&self, query: &CallsQuery) -> Result<CallPage, RestError> {
        let path = super::calls_path(&self.account_sid);
        let request = self
            .http
            .get(self.url(&format!("{path}?{}", query.form().encode())));
        self.page(request).await
    }

    /// The page after one that was listed.
    pub async fn next_page(&self, page: &CallPage) -> Result<Option<CallPage>, RestError> {
        match &page.next_page_uri {
            Some(uri) => Ok(Some(self.page(self.http.get(self.url(uri))).await?)),
            None => Ok(None),
        }
    }

    async fn page(&self, request: RequestBuilder) -> Result<CallPage, RestError> {
        let (status, retry_after, body) = self.send(request).await?;
        read_calls(status, retry_after.as_deref(), &body)
    }

    fn url(&self, path_and_query: &str) -> String {
        format!(
            "{}{path_and_query}",
            self.base.as_str().trim_end_matches('/')
        )
    }

    async fn send(
        &self,
        request: RequestBuilder,
    ) -> Result<(u16, Option<String>, Vec<u8>), RestError> {
        let lost = |error: reqwest::Error| {
            if error.is_timeout() {
                RestError::TimedOut
            } else {
                RestError::Unreachable
            }
        };
        let mut response = request
            .basic_auth(&self.user, Some(&self.password))
            .send()
            .await
            .map_err(lost)?;
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(RestError::Unreadable);
            }
            body.extend_from_slice(&chunk);
        }
        Ok((response.status().as_u16(), retry_after, body))
    }
}
