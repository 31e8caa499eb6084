//! What every response tells a browser about how far to trust it.

use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::Response;
use reqwest::Url;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The headers, made once.
#[derive(Clone, Debug)]
pub struct SecurityHeaders([(HeaderName, HeaderValue); 4]);

impl SecurityHeaders {
    /// The policy of a page that talks to this service and to the project at `supabase_url`, and to nobody else.
    pub fn new(supabase_url: &Url) -> anyhow::Result<Self> {
        let fixed = HeaderValue::from_static;
        Ok(Self([
            (
                CONTENT_SECURITY_POLICY,
                HeaderValue::try_from(content_security_policy(supabase_url))?,
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

fn content_security_policy(supabase_url: &Url) -> String {
    let http = supabase_url.origin().ascii_serialization();
    let ws = http.replacen("http", "ws", 1);
    [
        "default-src 'none'",
        // Compiling WebAssembly needs a permission of its own; `eval` stays forbidden.
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        &format!("connect-src 'self' {http} {ws}"),
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
        let policy = content_security_policy(&Url::parse("https://abc.supabase.co/rest/").unwrap());
        assert!(
            policy.contains("connect-src 'self' https://abc.supabase.co wss://abc.supabase.co;"),
            "{policy}"
        );
        let local = content_security_policy(&Url::parse("http://127.0.0.1:54321").unwrap());
        assert!(
            local.contains("connect-src 'self' http://127.0.0.1:54321 ws://127.0.0.1:54321;"),
            "{local}"
        );
        for source in ["*", "'unsafe-inline'", "'unsafe-eval'"] {
            assert!(
                !policy.split([' ', ';']).any(|word| word == source),
                "{source}"
            );
        }
    }
}
