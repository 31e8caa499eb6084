//! What the server tells every dashboard: `GET /config.json`.

use serde::Deserialize;

/// The public settings. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Config {
    /// Where Supabase is, without a trailing slash.
    pub(crate) supabase_url: String,
    /// The publishable key. Never parsed.
    pub(crate) supabase_key: String,
}

impl Config {
    /// Reads the body of `/config.json`; keys that are not known are ignored.
    pub(crate) fn read(body: &str) -> Option<Self> {
        let mut config: Self = serde_json::from_str(body).ok()?;
        let trimmed = config.supabase_url.trim_end_matches('/').len();
        config.supabase_url.truncate(trimmed);
        Some(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_and_unknown_keys_do_no_harm() {
        let body = r#"{"supabase_url":"http://127.0.0.1:54321/","supabase_key":"k","voice":"off"}"#;
        let config = Config::read(body).expect("it is complete");
        assert_eq!(config.supabase_url, "http://127.0.0.1:54321");
        assert_eq!(config.supabase_key, "k");
    }

    #[test]
    fn a_page_that_is_not_the_configuration_is_none() {
        assert_eq!(Config::read("<!doctype html>"), None);
    }
}
