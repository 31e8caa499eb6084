//! Auth: the part of GoTrue that the dashboard, the webhook and their tests use.
//!
//! Wording, status codes and headers follow recordings of GoTrue v2.177. Passwords are hashed and compared by
//! pgcrypto inside the database, connected as GoTrue's own role.

mod admin;
mod bearer;
mod body;
mod cors;
mod error;
mod password;
mod profile;
mod session;
mod sign_up;
mod token;
mod user;

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use tower::Layer;

use crate::{Gateway, gateway::whole};
use error::AuthError;

/// The part of `supabase/config.toml` that changes what Auth answers.
#[derive(Debug, Clone)]
pub struct AuthOptions {
    /// Whether strangers may sign up (`enable_signup`).
    pub signups: bool,
    /// Whether somebody without an address may sign up (`enable_anonymous_sign_ins`).
    pub anonymous: bool,
    /// In characters (`minimum_password_length`).
    pub minimum_password_length: usize,
}

impl Default for AuthOptions {
    /// What this project's `supabase/config.toml` says.
    fn default() -> Self {
        Self {
            signups: false,
            anonymous: false,
            minimum_password_length: 8,
        }
    }
}

/// GoTrue's limit of a request, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// Routes under `/auth/v1`, with GoTrue's own CORS headers.
pub fn router(gateway: Gateway) -> Router {
    let routes = Router::new()
        .route("/health", get(health))
        .route("/settings", get(settings))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/signup", post(sign_up::sign_up))
        .route("/token", post(token::grant))
        .route("/user", get(profile::show).put(profile::update))
        .route("/logout", post(session::log_out))
        .route("/admin/users", get(admin::list).post(admin::create))
        .route(
            "/admin/users/{id}",
            get(admin::show).put(admin::update).delete(admin::delete),
        )
        .route("/otp", post(without_mail))
        .route("/magiclink", post(without_mail))
        .route("/recover", post(without_mail))
        .route("/resend", post(without_mail))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn(error::api_version))
        .with_state(gateway);
    whole(middleware::from_fn(cors::cors).layer(routes))
}

async fn health() -> Json<serde_json::Value> {
    Json(json!({
        "version": "v2.177.0",
        "name": "GoTrue",
        "description": "GoTrue is a user registration and authentication API",
    }))
}

/// Providers that GoTrue knows and that nobody can sign in with here.
const OTHER_PROVIDERS: [&str; 23] = [
    "apple",
    "azure",
    "bitbucket",
    "discord",
    "facebook",
    "figma",
    "fly",
    "github",
    "gitlab",
    "google",
    "kakao",
    "keycloak",
    "linkedin",
    "linkedin_oidc",
    "notion",
    "phone",
    "slack",
    "slack_oidc",
    "spotify",
    "twitch",
    "twitter",
    "workos",
    "zoom",
];

async fn settings(
    axum::extract::State(gateway): axum::extract::State<Gateway>,
) -> Json<serde_json::Value> {
    let mut external = json!({"anonymous_users": gateway.auth.anonymous, "email": true});
    for provider in OTHER_PROVIDERS {
        external[provider] = json!(false);
    }
    Json(json!({
        "external": external,
        "disable_signup": !gateway.auth.signups,
        "mailer_autoconfirm": true,
        "phone_autoconfirm": false,
        "sms_provider": "",
        "saml_enabled": false,
    }))
}

/// Empty: the key is a shared secret, which nobody may publish.
async fn jwks() -> impl IntoResponse {
    let cache = [(header::CACHE_CONTROL, "public, max-age=600")];
    (cache, Json(json!({"keys": []})))
}

/// What must send something, in a form that GoTrue's clients read as a refusal.
async fn without_mail() -> AuthError {
    AuthError::new(
        422,
        "email_provider_disabled",
        "local-supabase sends no e-mail: sign in with a password",
    )
}

async fn not_found() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (StatusCode::NOT_FOUND, headers, "404 page not found\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::AuthOptions;

    #[test]
    fn the_defaults_are_those_of_the_projects_config() {
        let config = include_str!("../../../../supabase/config.toml");
        let AuthOptions {
            signups,
            anonymous,
            minimum_password_length,
        } = AuthOptions::default();
        for line in [
            format!("enable_signup = {signups}"),
            format!("enable_anonymous_sign_ins = {anonymous}"),
            format!("minimum_password_length = {minimum_password_length}"),
        ] {
            assert!(config.lines().any(|found| found == line), "{line}");
        }
    }
}
