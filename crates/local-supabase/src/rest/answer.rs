//! Responses.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::Value;

use super::{database::Answer, error::ApiError};

const JSON: &str = "application/json; charset=utf-8";

/// A response in the making. Headers that hold what no header may hold are left out.
pub(crate) struct Reply {
    response: Response,
}

impl Reply {
    pub(crate) fn new(status: StatusCode) -> Self {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        Self { response }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.response.headers_mut().insert(name, value);
        }
        self
    }

    pub(crate) fn range(self, content_range: &str) -> Self {
        self.header(header::CONTENT_RANGE, content_range)
    }

    pub(crate) fn applied(self, preferences: Option<&str>) -> Self {
        match preferences {
            Some(applied) => self.header(HeaderName::from_static("preference-applied"), applied),
            None => self,
        }
    }

    pub(crate) fn body(self, content_type: &str, body: Option<String>) -> Self {
        let mut reply = self.header(header::CONTENT_TYPE, content_type);
        *reply.response.body_mut() = body.map_or_else(Body::empty, Body::from);
        reply
    }

    /// Finishes, with the status and headers that SQL asked for in `response.status` and `response.headers`.
    pub(crate) fn finish(mut self, answer: &Answer) -> Result<Response, ApiError> {
        if let Some(status) = &answer.status {
            let status = status
                .parse::<u16>()
                .ok()
                .and_then(|status| StatusCode::from_u16(status).ok())
                .filter(|status| status.as_u16() >= 200)
                .ok_or_else(|| {
                    guc_error(
                        "PGRST112",
                        "response.status guc must be a valid status code",
                    )
                })?;
            *self.response.status_mut() = status;
        }
        let Some(headers) = &answer.headers else {
            return Ok(self.response);
        };
        let invalid = || {
            guc_error(
                "PGRST111",
                "response.headers guc must be a JSON array composed of objects with a single key and a string value",
            )
        };
        let list: Vec<serde_json::Map<String, Value>> =
            serde_json::from_str(headers).map_err(|_| invalid())?;
        if list.iter().any(|header| header.len() != 1) {
            return Err(invalid());
        }
        let mut given = Vec::new();
        for (name, value) in list.iter().flatten() {
            let name = HeaderName::try_from(name).map_err(|_| invalid())?;
            let value = value
                .as_str()
                .and_then(|value| HeaderValue::from_str(value).ok());
            let value = value.ok_or_else(invalid)?;
            // The first takes the place of the server's own; what SQL gives twice is sent twice.
            if given.contains(&name) {
                self.response.headers_mut().append(name, value);
            } else {
                self.response.headers_mut().insert(name.clone(), value);
                given.push(name);
            }
        }
        Ok(self.response)
    }
}

fn guc_error(code: &str, message: &str) -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, code, message)
}

/// A refusal as a response.
pub(crate) fn refusal(error: &ApiError) -> Response {
    let mut reply = Reply::new(error.status)
        .body(JSON, Some(error.body_json().to_string()))
        .header(
            HeaderName::from_static("proxy-status"),
            &format!("PostgREST; error={}", error.code),
        );
    if let Some(challenge) = &error.challenge {
        reply = reply.header(header::WWW_AUTHENTICATE, challenge);
    }
    for (name, value) in &error.headers {
        if let Ok(name) = HeaderName::try_from(name.as_str()) {
            reply = reply.header(name, value);
        }
    }
    reply.response
}

/// A page beyond the last row: an error's body, yet a read's headers.
pub(crate) fn beyond_last_row(reply: Reply, offset: i64, total: i64) -> Response {
    let error = ApiError::range(format!(
        "An offset of {offset} was requested, but there are only {total} rows."
    ));
    let mut reply = reply.body(JSON, Some(error.body_json().to_string()));
    *reply.response.status_mut() = error.status;
    reply.response
}
