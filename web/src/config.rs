//! What the server tells every dashboard: `GET /config.json`.

use switchboard_model::json;
use switchboard_softphone::Carrier;

use crate::clock::ServerClock;

/// The public settings. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where Supabase is, without a trailing slash.
    pub(crate) supabase_url: String,
    /// The publishable key. Never parsed.
    pub(crate) supabase_key: String,
    /// Who carries the audio.
    pub(crate) carrier: Carrier,
    /// Where the simulator's devices connect; empty without one.
    pub(crate) voice_url: String,
    /// The server's clock, as far as the answer's own date tells.
    pub(crate) clock: ServerClock,
}

impl Config {
    /// Reads the body of `/config.json`; keys that are not known are ignored.
    pub(crate) fn read(body: &str, clock: ServerClock) -> Option<Self> {
        let body = json::read(body)?;
        let text = |key: &str| body.get(key)?.as_str();
        Some(Self {
            supabase_url: text("supabase_url")?.trim_end_matches('/').to_owned(),
            supabase_key: text("supabase_key")?.to_owned(),
            carrier: text("voice").map(Carrier::named).unwrap_or_default(),
            voice_url: text("voice_url").unwrap_or_default().to_owned(),
            clock,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_and_unknown_keys_do_no_harm() {
        let body = r#"{"supabase_url":"http://127.0.0.1:54321/","supabase_key":"k","voice":"off"}"#;
        let config = Config::read(body, ServerClock::default()).expect("it is complete");
        assert_eq!(config.supabase_url, "http://127.0.0.1:54321");
        assert_eq!(config.supabase_key, "k");
        assert_eq!(config.carrier, Carrier::Off);
    }

    #[test]
    fn the_carrier_of_the_audio_is_told() {
        let body = r#"{"supabase_url":"u","supabase_key":"k","voice":"sim","voice_url":"ws://127.0.0.1:8081"}"#;
        let config = Config::read(body, ServerClock::default()).expect("it is complete");
        assert_eq!(config.carrier, Carrier::Simulator);
        assert_eq!(config.voice_url, "ws://127.0.0.1:8081");
    }

    #[test]
    fn a_page_that_is_not_the_configuration_is_none() {
        assert_eq!(
            Config::read("<!doctype html>", ServerClock::default()),
            None
        );
    }
}
