//! What every response tells a browser about how far to trust it.

use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::Response;
use reqwest::Url;

use crate::config::Voice;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The headers, made once.
#[derive(Clone, Debug)]
pub struct SecurityHeaders([(HeaderName, HeaderValue); 4]);

impl SecurityHeaders {
    /// The policy of a page that talks to this service, to the project at `supabase_url`, to whoever carries its audio
    /// (the simulator at `api_url`, or Twilio), and to nobody else.
    pub fn new(supabase_url: &Url, voice: Voice, api_url: &Url) -> anyhow::Result<Self> {
        let fixed = HeaderValue::from_static;
        Ok(Self([
            (
                CONTENT_SECURITY_POLICY,
                HeaderValue::try_from(content_security_policy(supabase_url, voice, api_url))?,
            ),
            (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
            (REFERRER_POLICY, fixed("no-referrer")),
            // The agent's own voice; nothing else of the machine.
            (
                PERMISSIONS_POLICY,
                fixed("microphone=(self), camera=(), geolocation=(), payment=(), usb=()"),
            ),
        ]))
    }

    /// Adds them to a response.
    pub fn add(&self, mut response: Response) -> Response {
        for (name, value) in &self.0 {
            response.headers_mut().insert(name, value.clone());
        }
        response
    }
}

/// Where Twilio's Voice SDK goes: signalling, insights, and its own sounds.
const TWILIO: &str = "wss://*.twilio.com https://*.twilio.com https://media.twiliocdn.com";

fn content_security_policy(supabase_url: &Url, voice: Voice, api_url: &Url) -> String {
    let http = supabase_url.origin().ascii_serialization();
    let ws = http.replacen("http", "ws", 1);
    let (audio, sounds) = match voice {
        Voice::Off => (String::new(), "media-src 'self' blob:"),
        // Hold music may come from anywhere; the simulator lets the browser play it.
        Voice::Sim => {
            let sim = api_url
                .origin()
                .ascii_serialization()
                .replacen("http", "ws", 1);
            (format!(" {sim}"), "media-src 'self' blob: http: https:")
        }
        Voice::Twilio => (
            format!(" {TWILIO}"),
            "media-src 'self' blob: mediastream: https://media.twiliocdn.com https://sdk.twilio.com",
        ),
    };
    [
        "default-src 'none'",
        // Compiling WebAssembly needs a permission of its own; `eval` stays forbidden.
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        &format!("connect-src 'self' {http} {ws}{audio}"),
        sounds,
        "img-src 'self' data:",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_may_talk_to_the_project_and_to_nobody_else() {
        let policy_of = |supabase: &str, voice| {
            let api = Url::parse("http://127.0.0.1:8081").unwrap();
            content_security_policy(&Url::parse(supabase).unwrap(), voice, &api)
        };
        let policy = policy_of("https://abc.supabase.co/rest/", Voice::Off);
        assert!(
            policy.contains("connect-src 'self' https://abc.supabase.co wss://abc.supabase.co;"),
            "{policy}"
        );
        let local = policy_of("http://127.0.0.1:54321", Voice::Off);
        assert!(
            local.contains("connect-src 'self' http://127.0.0.1:54321 ws://127.0.0.1:54321;"),
            "{local}"
        );
        let simulated = policy_of("http://127.0.0.1:54321", Voice::Sim);
        assert!(
            simulated.contains("connect-src 'self' http://127.0.0.1:54321 ws://127.0.0.1:54321 ws://127.0.0.1:8081;"),
            "{simulated}"
        );
        for source in ["*", "'unsafe-inline'", "'unsafe-eval'"] {
            assert!(
                !policy.split([' ', ';']).any(|word| word == source),
                "{source}"
            );
        }
    }
}
