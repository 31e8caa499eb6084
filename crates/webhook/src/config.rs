//! What the service is told by its environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::ensure;
use clap::{Parser, ValueEnum};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use switchboard_twilio::{AuthToken, PublicUrl};

/// The auth token that development uses. Everybody knows it.
pub const LOCAL_AUTH_TOKEN: &str = "local-twilio-auth-token";

/// The anonymous and the service key that every local Supabase has.
const LOCAL_ANON_KEY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0";
const LOCAL_SERVICE_ROLE_KEY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6InNlcnZpY2Vfcm9sZSIsImV4cCI6MTk4MzgxMjk5Nn0.EGIM96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU";

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

    /// Who carries the agents' audio. Not in the environment: without Twilio's credentials there is no choice.
    #[arg(long, default_value = "off")]
    pub voice: Voice,
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
        Ok(())
    }

    /// The secret that signatures are made with.
    #[must_use]
    pub fn auth_token(&self) -> AuthToken {
        AuthToken::new(self.twilio_auth_token.expose_secret())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Config {
        Config::try_parse_from(["switchboard-webhook"].iter().chain(arguments)).unwrap()
    }

    #[test]
    fn a_machine_of_its_own_needs_no_settings() {
        config(&[]).check().unwrap();
    }

    #[test]
    fn the_known_token_is_refused_where_others_can_reach_it() {
        for open in [
            ["--public-base-url", "https://switchboard.example.com"],
            ["--listen", "0.0.0.0:8080"],
        ] {
            let refusal = config(&open).check().unwrap_err().to_string();
            assert!(refusal.contains("set TWILIO_AUTH_TOKEN"), "{refusal}");
            let secret = ["--twilio-auth-token", "0123456789abcdef0123456789abcdef"];
            config(&[open, secret].concat()).check().unwrap();
        }
    }

    #[test]
    fn an_empty_token_is_refused_everywhere() {
        assert!(config(&["--twilio-auth-token", ""]).check().is_err());
    }

    #[test]
    fn a_secret_key_is_not_given_to_browsers() {
        for key in [LOCAL_SERVICE_ROLE_KEY, "sb_secret_0123456789"] {
            let refusal = config(&["--supabase-anon-key", key]).check().unwrap_err();
            assert!(
                refusal.to_string().contains("SUPABASE_ANON_KEY"),
                "{refusal}"
            );
            assert!(!refusal.to_string().contains(key), "{refusal}");
        }
    }

    #[test]
    fn a_supabase_that_is_no_web_address_is_refused() {
        assert!(
            config(&["--supabase-url", "postgres://localhost"])
                .check()
                .is_err()
        );
    }

    #[test]
    fn debug_prints_no_secret() {
        let text = format!(
            "{:?}",
            config(&[
                "--twilio-auth-token",
                "hush1",
                "--supabase-service-role-key",
                "hush2"
            ])
        );
        assert!(!text.contains("hush"), "{text}");
    }
}
