//! Accounts of the project, through the part of Auth that only the service's key may use.

use std::time::Duration;

use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_model::UserId;

use crate::store::key_headers;

/// No single request waits longer than this for its answer: Auth takes its time over a password.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody has it already.
    #[error("the address has an account already")]
    Taken,
    /// Auth does not take the address or the password.
    #[error("auth refuses it ({0})")]
    Refused(String),
    /// No answer, or none that can be read.
    #[error("auth does not answer as it should ({0})")]
    Trouble(String),
}

/// Makes and removes accounts.
#[derive(Clone)]
pub struct Accounts {
    client: reqwest::Client,
    users_url: String,
}

#[derive(Deserialize)]
struct Made {
    id: UserId,
}

impl Accounts {
    /// Accounts of the project at `supabase_url`. Nothing is asked yet.
    pub fn new(supabase_url: &Url, service_role_key: &SecretString) -> anyhow::Result<Self> {
        // A redirect would carry the key to wherever it points.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .default_headers(key_headers(service_role_key)?)
            .build()?;
        let root = supabase_url.as_str().trim_end_matches('/');
        Ok(Self {
            client,
            users_url: format!("{root}/auth/v1/admin/users"),
        })
    }

    /// Makes an account that may sign in at once: whoever was invited is known to somebody of the team.
    pub async fn make(&self, email: &str, password: &SecretString) -> Result<UserId, AccountError> {
        let body = json!({
            "email": email, "password": password.expose_secret(), "email_confirm": true,
        });
        let asked = self.client.post(&self.users_url).json(&body).send().await;
        let response = asked.map_err(trouble)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response.json::<Made>().await.map_err(trouble)?.id);
        }
        let said: Value = response.json().await.unwrap_or_default();
        // The message may quote the address, the code does not.
        let code = said["error_code"].as_str().unwrap_or("no code").to_owned();
        Err(match (code.as_str(), status) {
            ("email_exists" | "user_already_exists", _) => AccountError::Taken,
            (_, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) => {
                AccountError::Refused(code)
            }
            _ => AccountError::Trouble(format!("{status}, {code}")),
        })
    }

    /// Removes an account that did not join after all.
    pub async fn remove(&self, account: UserId) -> Result<(), AccountError> {
        let url = format!("{}/{account}", self.users_url);
        let response = self.client.delete(url).send().await.map_err(trouble)?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(AccountError::Trouble(status.to_string())),
        }
    }
}

/// Without the address, which may name an account.
fn trouble(error: reqwest::Error) -> AccountError {
    AccountError::Trouble(error.without_url().to_string())
}
