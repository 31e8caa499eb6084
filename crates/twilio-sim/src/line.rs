//! Signed requests to the webhook.

use std::time::Duration;

use reqwest::StatusCode;
use switchboard_twilio::signature::{self, AuthToken};
use switchboard_twilio::{Form, PublicUrl};

/// Twilio waits no longer for a webhook.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The way to one webhook.
#[derive(Debug, Clone)]
pub struct Line {
    client: reqwest::Client,
    token: AuthToken,
    base: PublicUrl,
}

/// Why a webhook gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Nobody there, or the connection broke: it may be restarting.
    #[error("the webhook at {0} cannot be reached")]
    Unreachable(PublicUrl),
    /// It does not believe that we are Twilio.
    #[error(
        "the webhook does not believe our signature: it must have the same TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL"
    )]
    Disbelieved,
    /// Another answer than yes.
    #[error("the webhook answers {0}")]
    Refused(StatusCode),
}

impl LineError {
    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Disbelieved => false,
            Self::Refused(status) => status.is_server_error(),
        }
    }
}

impl Line {
    /// The way to the webhook at `base`, as somebody who holds `token`.
    pub fn new(base: PublicUrl, token: AuthToken) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            client,
            token,
            base,
        })
    }

    /// Where a path of the webhook is.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.base.join(path)
    }

    /// The absolute URL of what TwiML names: it may be absolute, or a path on the webhook.
    #[must_use]
    pub fn resolve(&self, url: &str) -> String {
        if url.starts_with('/') {
            self.url(url)
        } else {
            url.to_owned()
        }
    }

    /// Posts a form as Twilio does, and returns the body of the answer. `url` is absolute, and what is signed.
    pub async fn post(&self, url: &str, form: &Form) -> Result<String, LineError> {
        let unreachable = |_| LineError::Unreachable(self.base.clone());
        let request = self
            .client
            .post(url)
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=UTF-8",
            )
            .header("user-agent", "TwilioProxy/1.1")
            .header(signature::HEADER, signature::sign(&self.token, url, form))
            .body(form.encode());
        let response = request.send().await.map_err(unreachable)?;
        match response.status() {
            status if status.is_success() => response.text().await.map_err(unreachable),
            StatusCode::FORBIDDEN => Err(LineError::Disbelieved),
            status => Err(LineError::Refused(status)),
        }
    }

    /// Whether a call would become a row now.
    pub async fn is_ready(&self) -> bool {
        let asked = self
            .client
            .get(self.url("/readyz"))
            .timeout(Duration::from_secs(3))
            .send()
            .await;
        asked.is_ok_and(|response| response.status().is_success())
    }
}
