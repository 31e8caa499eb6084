//! A simulator on a free port, and what a test does with its admin API.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use switchboard_twilio::rest::RestClient;
use switchboard_twilio::{AccessToken, ApiKey, AuthToken, Identity, PublicUrl};
use switchboard_twilio_sim::clock::Mode;
use switchboard_twilio_sim::host::Host;
use switchboard_twilio_sim::server::{Credentials, Server};
use switchboard_twilio_sim::sim::{ACCOUNT_SID, Config};

use crate::paper::{TOKEN, Webhook};

pub(crate) const KEY_SID: &str = "SK1";
pub(crate) const KEY_SECRET: &str = "the key's secret";

pub(crate) struct Simulator {
    pub(crate) host: Host,
    pub(crate) address: SocketAddr,
    http: reqwest::Client,
}

pub(crate) fn config(base: &PublicUrl) -> Config {
    Config::new(7, base.clone(), AuthToken::new(TOKEN))
}

pub(crate) fn key() -> ApiKey {
    ApiKey::new(KEY_SID, KEY_SECRET)
}

/// An access token that was good `ago` and lives an hour.
pub(crate) fn token(identity: &str, ago: Duration) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let token = AccessToken {
        account_sid: ACCOUNT_SID.to_owned(),
        identity: Identity::parse(identity).unwrap(),
        issued_at_s: (now - ago).as_secs(),
        lifetime_s: 3600,
        application_sid: None,
    };
    token.sign(&key())
}

impl Simulator {
    /// Time goes by only when the test says so.
    pub(crate) async fn explicit(webhook: &Webhook) -> Self {
        Self::start(config(&webhook.base), Mode::Explicit).await
    }

    pub(crate) async fn start(mut config: Config, mode: Mode) -> Self {
        let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = server.address();
        config.api_url = format!("http://{address}");
        let host = Host::start(config, mode).unwrap();
        let credentials = Credentials {
            auth_token: SecretString::from(TOKEN.to_owned()),
            key: key(),
            key_secret: SecretString::from(KEY_SECRET.to_owned()),
        };
        tokio::spawn(server.run(host.clone(), credentials));
        Self {
            host,
            address,
            http: reqwest::Client::new(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    /// Posts to the admin API; what is answered with 204 is null.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self
            .request(Method::POST, path)
            .json(&body)
            .send()
            .await
            .unwrap();
        let answer = answer.error_for_status().unwrap();
        match answer.status() {
            StatusCode::NO_CONTENT => Value::Null,
            _ => answer.json().await.unwrap(),
        }
    }

    pub(crate) async fn call(&self) -> String {
        let placed = self.post(
            "/admin/calls",
            json!({ "from": "+12025550101", "caller_name": "Ann & Bob" }),
        );
        placed.await["call_sid"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn advance(&self, ms: u64) {
        self.post("/admin/advance", json!({ "ms": ms })).await;
    }

    /// A leg, living or over.
    pub(crate) async fn leg(&self, sid: &str) -> Value {
        let legs = self.get("/admin/legs?all=1").await;
        let legs = legs.as_array().unwrap();
        legs.iter()
            .find(|leg| leg["call_sid"] == sid)
            .unwrap()
            .clone()
    }

    pub(crate) fn rest(&self) -> RestClient {
        let base = format!("http://{}", self.address);
        RestClient::with_auth_token(&base, ACCOUNT_SID, &AuthToken::new(TOKEN)).unwrap()
    }
}
