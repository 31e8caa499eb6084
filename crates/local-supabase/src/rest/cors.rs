//! Pages of any origin may call; preflights are answered before anything else is looked at.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};

const METHODS: &str = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD";

const EXPOSED: &str = "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, \
                       Transfer-Encoding, Range-Unit";

/// The answer to a preflight; `None` if the request is none.
pub(super) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let asked_method = text("access-control-request-method")?;
    let is_offered = METHODS.split(", ").any(|offered| offered == asked_method);
    if method != Method::OPTIONS || !headers.contains_key("origin") || !is_offered {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::OK;
    let answer = response.headers_mut();
    answer.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    answer.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(METHODS),
    );
    answer.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("86400"),
    );
    if let Some(asked) = text("access-control-request-headers") {
        let asked: Vec<&str> = asked.split(',').map(str::trim).collect();
        let allowed = format!(
            "Authorization, {}, Accept, Accept-Language, Content-Language",
            asked.join(", ")
        );
        if let Ok(allowed) = HeaderValue::try_from(allowed) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        }
    }
    Some(response)
}

/// Lets the page read an answer. What answers `OPTIONS` itself says so already.
pub(super) fn expose(response: &mut Response) {
    let headers = response.headers_mut();
    if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED),
    );
}
