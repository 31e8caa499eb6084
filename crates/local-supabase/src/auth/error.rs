//! GoTrue's refusals, in both shapes: `{code,error_code,msg}`, and since API version 2024-01-01 `{code,message}`.

use axum::{
    Json,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

const API_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");
const ERROR_CODE: HeaderName = HeaderName::from_static("x-sb-error-code");
/// The only version besides the first one. Versions are dates and compare as text.
const VERSION_2024: &str = "2024-01-01";

/// What went wrong, until it is known which shape the caller reads.
#[derive(Debug, Clone)]
pub(super) enum AuthError {
    /// A refusal with GoTrue's own code.
    Refused {
        status: StatusCode,
        code: &'static str,
        message: String,
    },
    /// A password that is too short.
    WeakPassword { minimum: usize },
    /// The older shape of OAuth, which stays the same in every version.
    OAuth {
        error: &'static str,
        description: &'static str,
    },
    /// The database refused what GoTrue did not expect it to refuse.
    Database(Value),
}

impl AuthError {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Refused {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "validation_failed", message)
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Refused { status, .. } => *status,
            Self::WeakPassword { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::OAuth { .. } => StatusCode::BAD_REQUEST,
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::WeakPassword { .. } => Some("weak_password"),
            Self::OAuth { .. } => None,
            Self::Database(_) => Some("unexpected_failure"),
        }
    }

    fn body(&self, since_2024: bool) -> Value {
        let named = |code: &str, message: &str| {
            if since_2024 {
                json!({"code": code, "message": message})
            } else {
                json!({"code": self.status().as_u16(), "error_code": code, "msg": message})
            }
        };
        match self {
            Self::Refused { code, message, .. } => named(code, message),
            Self::WeakPassword { minimum } => {
                let mut body = named(
                    "weak_password",
                    &format!("Password should be at least {minimum} characters."),
                );
                body["weak_password"] = json!({"reasons": ["length"]});
                body
            }
            Self::OAuth { error, description } => {
                json!({"error": error, "error_description": description})
            }
            Self::Database(body) => body.clone(),
        }
    }
}

/// The error travels to [`api_version`] beside the response, because only the request says which shape is read.
impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives a refusal the shape that the request asks for.
pub(super) async fn api_version(request: Request, next: Next) -> Response {
    let asked = request
        .headers()
        .get(API_VERSION)
        .and_then(|version| version.to_str().ok());
    let since_2024 = asked.is_some_and(|version| is_date(version) && version >= VERSION_2024);
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<AuthError>() else {
        return response;
    };
    let mut response = (error.status(), Json(error.body(since_2024))).into_response();
    if let Some(code) = error.code() {
        response
            .headers_mut()
            .insert(ERROR_CODE, HeaderValue::from_static(code));
    }
    if since_2024 {
        response
            .headers_mut()
            .insert(API_VERSION, HeaderValue::from_static(VERSION_2024));
    }
    response
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        })
}

impl From<tokio_postgres::Error> for AuthError {
    fn from(error: tokio_postgres::Error) -> Self {
        tracing::warn!(
            code = error.code().map(|code| code.code()),
            "the database refused Auth"
        );
        match error.as_db_error() {
            Some(refusal) => {
                let mut body = json!({"code": refusal.code().code(), "message": refusal.message()});
                for (name, part) in [("detail", refusal.detail()), ("hint", refusal.hint())] {
                    if let Some(part) = part {
                        body[name] = part.into();
                    }
                }
                Self::Database(body)
            }
            None => Self::new(500, "unexpected_failure", "Database error"),
        }
    }
}

impl From<deadpool_postgres::PoolError> for AuthError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        tracing::warn!(%error, "no database connection for Auth");
        Self::new(500, "unexpected_failure", "Database error")
    }
}
