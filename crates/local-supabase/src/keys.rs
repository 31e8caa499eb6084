//! The keys of the stand-in: the published constants of `supabase start`, unless the environment gives others.

use secrecy::{ExposeSecret, SecretString};

use crate::Jwt;

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

/// An API key that the secret did not sign, so that nothing would accept it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name} was not signed with SUPABASE_JWT_SECRET; set all three keys of one stack, or none of them"
)]
pub struct KeyMismatch {
    name: &'static str,
}

impl Keys {
    /// Checks that the secret signed both API keys.
    pub fn check(&self) -> Result<(), KeyMismatch> {
        let jwt = Jwt::new(self.jwt_secret.clone());
        let named = [
            ("SUPABASE_ANON_KEY", self.anon.as_str()),
            (
                "SUPABASE_SERVICE_ROLE_KEY",
                self.service_role.expose_secret(),
            ),
        ];
        match named.into_iter().find(|(_, key)| jwt.decode(key).is_err()) {
            Some((name, _)) => Err(KeyMismatch { name }),
            None => Ok(()),
        }
    }

    /// Whether `key` is one of this stack's two API keys.
    pub fn is_api_key(&self, key: &str) -> bool {
        key == self.anon || key == self.service_role.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_keys_belong_together_and_mixed_ones_do_not() {
        assert!(Keys::default().check().is_ok());
        let mixed = Keys {
            jwt_secret: "another-secret-that-is-as-long-as-it-should-be".into(),
            ..Keys::default()
        };
        assert!(
            mixed
                .check()
                .expect_err("mixed")
                .to_string()
                .starts_with("SUPABASE_ANON_KEY")
        );
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        let shown = format!("{:?}", Keys::default());
        assert!(
            !shown.contains(LOCAL_JWT_SECRET) && !shown.contains(LOCAL_SERVICE_ROLE_KEY),
            "{shown}"
        );
    }
}
