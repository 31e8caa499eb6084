//! What the service is told by its environment.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::ensure;
use clap::{Parser, ValueEnum};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use switchboard_twilio::rest::TWILIO_API_URL;
use switchboard_twilio::{ApiKey, AuthToken, PublicUrl};

use crate::timings::Timings;

/// The auth token that development uses. Everybody knows it.
pub const LOCAL_AUTH_TOKEN: &str = "local-twilio-auth-token";

/// The anonymous and the service key that every local Supabase has.
const LOCAL_ANON_KEY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0";
const LOCAL_SERVICE_ROLE_KEY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6InNlcnZpY2Vfcm9sZSIsImV4cCI6MTk4MzgxMjk5Nn0.EGIM96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU";

/// What development signs browsers' tokens and sessions with. Everybody knows them.
const LOCAL_KEY_SECRET: &str = "local-twilio-api-key-secret";
const LOCAL_JWT_SECRET: &str = "super-secret-jwt-token-with-at-least-32-characters-long";
/// Where the simulator usually is.
const LOCAL_SIM_URL: &str = "http://127.0.0.1:8081";

/// Who carries the agents' audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Voice {
    /// Nobody: the board works, and callers wait in the hold loop.
    Off,
    /// The simulator's devices.
    Sim,
    /// Twilio's devices.
    Twilio,
}

/// The service between Twilio, Supabase and the dashboard. Options can be given by the environment variables that stand
/// beside them; the defaults are those of a development machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "switchboard-webhook", version)]
pub struct Config {
    /// Where to listen.
    #[arg(long, env = "WEBHOOK_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Where Twilio and the browsers reach this service. Signatures are checked against it, never against `Host`.
    #[arg(long, env = "PUBLIC_BASE_URL", default_value = "http://127.0.0.1:8080")]
    pub public_base_url: PublicUrl,

    /// The auth token of the Twilio account.
    #[arg(long, env = "TWILIO_AUTH_TOKEN", default_value = LOCAL_AUTH_TOKEN, hide_env_values = true)]
    pub twilio_auth_token: SecretString,

    /// The Supabase project, also as the browsers reach it.
    #[arg(long, env = "SUPABASE_URL", default_value = "http://127.0.0.1:54321")]
    pub supabase_url: Url,

    /// The key that browsers may know.
    #[arg(long, env = "SUPABASE_ANON_KEY", default_value = LOCAL_ANON_KEY, hide_default_value = true)]
    pub supabase_anon_key: String,

    /// The key that only this service may know.
    #[arg(
        long,
        env = "SUPABASE_SERVICE_ROLE_KEY",
        default_value = LOCAL_SERVICE_ROLE_KEY,
        hide_default_value = true,
        hide_env_values = true
    )]
    pub supabase_service_role_key: SecretString,

    /// The built dashboard.
    #[arg(long, env = "DASHBOARD_DIR", default_value = "dist/dashboard")]
    pub dashboard_dir: PathBuf,

    /// Who carries the agents' audio: `off` (the board alone), `sim` (the simulator) or `twilio`.
    #[arg(long, env = "VOICE", default_value = "off")]
    pub voice: Voice,

    /// Where Twilio's REST API is; without it, at Twilio, or with `--voice sim` at the simulator's usual place.
    #[arg(long, env = "TWILIO_API_URL")]
    pub twilio_api_url: Option<Url>,

    /// The Twilio account.
    #[arg(
        long,
        env = "TWILIO_ACCOUNT_SID",
        default_value = "AC00000000000000000000000000000000"
    )]
    pub twilio_account_sid: String,

    /// An API key of the account: browsers' tokens are signed with it, and REST is used as it.
    #[arg(
        long,
        env = "TWILIO_API_KEY_SID",
        default_value = "SK00000000000000000000000000000000"
    )]
    pub twilio_api_key_sid: String,

    /// The key's secret.
    #[arg(long, env = "TWILIO_API_KEY_SECRET", default_value = LOCAL_KEY_SECRET, hide_env_values = true)]
    pub twilio_api_key_secret: SecretString,

    /// The TwiML App through which browsers call out; without it they can only be rung.
    #[arg(long, env = "TWILIO_TWIML_APP_SID", default_value = "")]
    pub twilio_twiml_app_sid: String,

    /// Our number, as the people see it whom agents call, in E.164. The board's settings go before.
    #[arg(long, env = "TWILIO_CALLER_ID", default_value = "")]
    pub twilio_caller_id: String,

    /// With what the project signs sessions; empty when it signs with keys that it publishes.
    #[arg(long, env = "SUPABASE_JWT_SECRET", default_value = LOCAL_JWT_SECRET, hide_env_values = true)]
    pub supabase_jwt_secret: SecretString,

    /// Who asks for the metrics must show it as a bearer token; empty: only this machine itself is answered.
    #[arg(
        long,
        env = "METRICS_TOKEN",
        default_value = "",
        hide_env_values = true
    )]
    pub metrics_token: SecretString,

    /// How long everything may take; not for people to set.
    #[arg(skip)]
    pub timings: Timings,
}

impl Config {
    /// Refuses what would run, but not safely.
    pub fn check(&self) -> anyhow::Result<()> {
        let known_token = self.twilio_auth_token.expose_secret() == LOCAL_AUTH_TOKEN;
        let reachable = !self.public_base_url.is_loopback() || !self.listen.ip().is_loopback();
        ensure!(
            !(known_token && reachable),
            "TWILIO_AUTH_TOKEN is the development token, which everybody knows, but the service can be reached from \
             other machines (PUBLIC_BASE_URL {}, WEBHOOK_LISTEN {}): set TWILIO_AUTH_TOKEN to your account's auth token",
            self.public_base_url,
            self.listen,
        );
        ensure!(
            !self.twilio_auth_token.expose_secret().is_empty(),
            "TWILIO_AUTH_TOKEN is empty, so anybody could sign: set it to your account's auth token"
        );
        let service_key = self.supabase_service_role_key.expose_secret();
        ensure!(
            self.supabase_anon_key != service_key
                && !self.supabase_anon_key.starts_with("sb_secret_"),
            "SUPABASE_ANON_KEY is a secret key, and /config.json would give it to every browser: set it to the \
             project's anon or publishable key"
        );
        ensure!(
            matches!(self.supabase_url.scheme(), "http" | "https") && self.supabase_url.has_host(),
            "SUPABASE_URL is {}, not an http:// or https:// address",
            self.supabase_url,
        );
        if self.voice != Voice::Off {
            self.check_voice(reachable)?;
        }
        Ok(())
    }

    fn check_voice(&self, reachable: bool) -> anyhow::Result<()> {
        let known_key = self.twilio_api_key_secret.expose_secret() == LOCAL_KEY_SECRET;
        ensure!(
            !(known_key && (reachable || self.voice == Voice::Twilio)),
            "TWILIO_API_KEY_SECRET is the development secret, which everybody knows, so anybody could be rung as an \
             agent: set it to the secret of an API key of your account"
        );
        let known_jwt = self.supabase_jwt_secret.expose_secret() == LOCAL_JWT_SECRET;
        ensure!(
            !(known_jwt && reachable),
            "SUPABASE_JWT_SECRET is the development secret, which everybody knows, so anybody could sign in: set it to \
             the project's, or to nothing if the project signs with keys that it publishes"
        );
        ensure!(
            !(self.voice == Voice::Twilio && self.twilio_api_url.as_ref().is_some_and(is_here)),
            "TWILIO_API_URL is on this machine, where only the simulator can be, but VOICE is twilio: leave \
             TWILIO_API_URL out"
        );
        let is_number = |text: &str| switchboard_model::PhoneNumber::parse(text).is_ok();
        ensure!(
            self.twilio_caller_id.is_empty() || is_number(&self.twilio_caller_id),
            "TWILIO_CALLER_ID is not a number such as +12025550199"
        );
        Ok(())
    }

    /// Where Twilio's REST API is.
    pub fn api_url(&self) -> anyhow::Result<Url> {
        let usual = match self.voice {
            Voice::Sim => LOCAL_SIM_URL,
            Voice::Off | Voice::Twilio => TWILIO_API_URL,
        };
        match &self.twilio_api_url {
            Some(url) => Ok(url.clone()),
            None => Ok(Url::parse(usual)?),
        }
    }

    /// Where browsers find the simulator's Device socket; `None` unless it carries the audio.
    pub fn voice_url(&self) -> anyhow::Result<Option<String>> {
        if self.voice != Voice::Sim {
            return Ok(None);
        }
        let api = self.api_url()?;
        let device = format!("{}/device", api.as_str().trim_end_matches('/'));
        Ok(Some(device.replacen("http", "ws", 1)))
    }

    /// The key with which browsers' tokens are signed.
    #[must_use]
    pub fn api_key(&self) -> ApiKey {
        ApiKey::new(
            &self.twilio_api_key_sid,
            self.twilio_api_key_secret.expose_secret(),
        )
    }

    /// The secret that signatures are made with.
    #[must_use]
    pub fn auth_token(&self) -> AuthToken {
        AuthToken::new(self.twilio_auth_token.expose_secret())
    }
}

/// Whether an address leads to this machine, however it is written. The parser has turned `127.1` into `127.0.0.1`.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let is_name = host == "localhost" || host.ends_with(".localhost");
    let address = host.trim_start_matches('[').trim_end_matches(']');
    is_name
        || address.parse::<IpAddr>().is_ok_and(|address| {
            let address = address.to_canonical();
            // Nowhere in particular is this machine as well.
            address.is_loopback() || address.is_unspecified()
        })
}

#[cfg(test)]
mod tests;
