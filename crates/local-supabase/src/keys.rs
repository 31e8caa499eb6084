//! The keys of the stand-in: the published constants of `supabase start`, unless the environment gives others.

use secrecy::{ExposeSecret, SecretString};

/// JWT secret that every local Supabase stack uses.
pub const LOCAL_JWT_SECRET: &str = "super-secret-jwt-token-with-at-least-32-characters-long";
/// `{"iss":"supabase-demo","role":"anon","exp":1983812996}` signed with [`LOCAL_JWT_SECRET`].
pub const LOCAL_ANON_KEY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0";
/// `{"iss":"supabase-demo","role":"service_role","exp":1983812996}` signed with [`LOCAL_JWT_SECRET`].
pub const LOCAL_SERVICE_ROLE_KEY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6InNlcnZpY2Vfcm9sZSIsImV4cCI6MTk4MzgxMjk5Nn0.EGIM96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU";

/// The three keys of one stack.
#[derive(Debug, Clone)]
pub struct Keys {
    /// HS256 secret with which Auth signs and every service verifies.
    pub jwt_secret: SecretString,
    /// The public API key of browsers.
    pub anon: String,
    /// The API key that bypasses row level security.
    pub service_role: SecretString,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            jwt_secret: LOCAL_JWT_SECRET.into(),
            anon: LOCAL_ANON_KEY.to_owned(),
            service_role: LOCAL_SERVICE_ROLE_KEY.into(),
        }
    }
}

impl Keys {
    /// Whether `key` is one of this stack's two API keys.
    pub fn is_api_key(&self, key: &str) -> bool {
        key == self.anon || key == self.service_role.expose_secret()
    }
}
