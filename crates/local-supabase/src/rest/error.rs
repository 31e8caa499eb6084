//! Every refusal: its status, PostgREST's code, and the body that clients know.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
};

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::error::DbError;

use super::query::QueryFault;

/// A refusal as it goes to the client. In a box, because most answers are none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError(Box<Refusal>);

/// What a refusal holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// SQLSTATE, or PostgREST's own `PGRSTxyz`.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Value,
    pub(crate) hint: Value,
    /// `www-authenticate`, for 401.
    pub(crate) challenge: Option<String>,
    /// Headers that SQL asked for (`raise sqlstate 'PGRST'`).
    pub(crate) headers: Vec<(String, String)>,
}

impl Deref for ApiError {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl DerefMut for ApiError {
    fn deref_mut(&mut self) -> &mut Refusal {
        &mut self.0
    }
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let challenge = (status == StatusCode::UNAUTHORIZED).then(|| "Bearer".to_owned());
        Self(Box::new(Refusal {
            status,
            code: code.to_owned(),
            message: message.into(),
            details: Value::Null,
            hint: Value::Null,
            challenge,
            headers: Vec::new(),
        }))
    }

    pub(crate) fn with_details(mut self, details: impl Into<Value>) -> Self {
        self.details = details.into();
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<Value>) -> Self {
        self.hint = hint.into();
        self
    }

    /// A token that is not accepted.
    pub(crate) fn token(code: &str, message: &str) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, code, message);
        error.challenge = Some(format!(
            "Bearer error=\"invalid_token\", error_description=\"{message}\""
        ));
        error
    }

    pub(crate) fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn not_found(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// A body that is no JSON, or none of the accepted kinds.
    pub(crate) fn body(message: impl Into<String>) -> Self {
        Self::bad_request("PGRST102", message)
    }

    pub(crate) fn range(details: impl Into<Value>) -> Self {
        Self::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "PGRST103",
            "Requested range not satisfiable",
        )
        .with_details(details)
    }

    pub(crate) fn not_single(rows: i64) -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "PGRST116",
            "Cannot coerce the result to a single JSON object",
        )
        .with_details(format!("The result contains {rows} rows"))
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "PGRST002",
            "Could not query the database for the schema cache. Retrying.",
        )
    }

    /// The database cannot be reached, or hung up.
    pub(crate) fn connection() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "PGRST001",
            "Database client error. Retrying the connection.",
        )
    }

    /// The pool had no connection in time.
    pub(crate) fn pool_timeout() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "PGRST003",
            "Timed out acquiring connection from connection pool.",
        )
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "PGRSTX00", message)
    }

    /// What the database said. `anonymous`: nobody is signed in, so a missing right means 401 and not 403.
    pub(crate) fn from_database(error: &tokio_postgres::Error, anonymous: bool) -> Self {
        match error.as_db_error() {
            Some(error) => Self::from_db_error(error, anonymous),
            None if error.is_closed() => Self::connection(),
            None => {
                tracing::error!(%error, "database client failed");
                Self::connection()
            }
        }
    }

    fn from_db_error(error: &DbError, anonymous: bool) -> Self {
        let code = error.code().code();
        if code == "PGRST" {
            return raised_response(error);
        }
        let mut api = Self::new(
            status_of(code, error.message(), anonymous),
            code,
            error.message(),
        );
        api.details = error.detail().map_or(Value::Null, Value::from);
        api.hint = error.hint().map_or(Value::Null, Value::from);
        api
    }

    /// The body.
    pub(crate) fn body_json(&self) -> Value {
        json!({
            "code": self.code,
            "details": self.details,
            "hint": self.hint,
            "message": self.message,
        })
    }
}

impl From<QueryFault> for ApiError {
    fn from(fault: QueryFault) -> Self {
        Self::bad_request("PGRST100", fault.message).with_details(fault.details)
    }
}

/// PostgREST's table of SQLSTATE and status.
fn status_of(code: &str, message: &str, anonymous: bool) -> StatusCode {
    let status = match code {
        "42501" if anonymous => 401,
        "42501" => 403,
        "22023" if message.starts_with("role ") && message.ends_with("does not exist") => 401,
        "23503" | "23505" => 409,
        "25006" => 405,
        "21000" if message.ends_with("requires a WHERE clause") => 400,
        "42883" | "42P01" => 404,
        "42P17" | "21000" => 500,
        "P0001" => 400,
        "53400" => 500,
        "57P01" => 503,
        _ => match &code[..code.len().min(2)] {
            "PT" => code[2..].parse().unwrap_or(500),
            "08" | "53" => 503,
            "0L" | "0P" | "28" => 403,
            "09" | "25" | "2D" | "38" | "39" | "3B" | "40" | "54" | "55" | "57" | "58" | "F0"
            | "HV" | "P0" | "XX" => 500,
            _ => 400,
        },
    };
    // axum would take 1xx for an interim response and never finish the exchange.
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| status.as_u16() >= 200)
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// `raise sqlstate 'PGRST'`: message and detail are JSON that spell out the whole response.
fn raised_response(error: &DbError) -> ApiError {
    let unreadable = |details: String, hint: &str| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "PGRST121",
            "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
        )
        .with_details(details)
        .with_hint(hint)
    };
    let Ok(body) = serde_json::from_str::<RaisedBody>(error.message()) else {
        return unreadable(
            format!("Invalid JSON value for MESSAGE: '{}'", error.message()),
            "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
        );
    };
    let about_detail = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.";
    let Some(detail) = error.detail() else {
        return unreadable(
            "DETAIL is missing in the RAISE statement".to_owned(),
            about_detail,
        );
    };
    let Ok(head) = serde_json::from_str::<RaisedHead>(detail) else {
        return unreadable(
            format!("Invalid JSON value for DETAIL: '{detail}'"),
            about_detail,
        );
    };
    let status = StatusCode::from_u16(head.status)
        .ok()
        .filter(|status| status.as_u16() >= 200)
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut api = ApiError::new(status, &body.code, body.message);
    api.details = body.details.map_or(Value::Null, Value::from);
    api.hint = body.hint.map_or(Value::Null, Value::from);
    api.challenge = None;
    api.headers = head.headers.into_iter().collect();
    api
}

/// The message of such an error.
#[derive(Deserialize)]
struct RaisedBody {
    code: String,
    message: String,
    details: Option<String>,
    hint: Option<String>,
}

/// Its detail.
#[derive(Deserialize)]
struct RaisedHead {
    status: u16,
    headers: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::status_of;

    #[test]
    fn a_state_of_our_own_making_becomes_its_status_and_never_an_interim_one() {
        assert_eq!(status_of("PT409", "", false), 409);
        assert_eq!(status_of("PT100", "", false), 500);
        assert_eq!(status_of("PTxyz", "", false), 500);
        assert_eq!(status_of("PT999", "", false), 999);
    }

    #[test]
    fn a_missing_right_asks_strangers_to_sign_in_and_refuses_members() {
        assert_eq!(status_of("42501", "", true), 401);
        assert_eq!(status_of("42501", "", false), 403);
    }
}
