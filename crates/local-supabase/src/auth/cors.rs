//! GoTrue's own CORS headers. It knows no `apikey` header, so a browser needs those of the gateway in front.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
/// In lower case, as browsers ask.
const HEADERS: &[&str] = &[
    "accept",
    "authorization",
    "content-type",
    "x-client-ip",
    "x-client-info",
    "x-jwt-aud",
    "x-use-cookie",
    "x-supabase-api-version",
];

pub(super) async fn cors(request: Request, next: Next) -> Response {
    let has_origin = request.headers().contains_key(header::ORIGIN);
    if request.method() == Method::OPTIONS
        && let Some(method) = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD)
    {
        let headers = request
            .headers()
            .get(header::ACCESS_CONTROL_REQUEST_HEADERS);
        return preflight(has_origin, method, headers);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if has_origin {
        allow_origin(headers);
        let exposed = HeaderValue::from_static("X-Total-Count, Link, X-Supabase-Api-Version");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

fn allow_origin(headers: &mut axum::http::HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
}

/// Either everything that is asked for is allowed, or nothing is said at all.
fn preflight(has_origin: bool, method: &HeaderValue, asked: Option<&HeaderValue>) -> Response {
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::VARY,
        HeaderValue::from_static(
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ),
    );
    let asked = asked
        .and_then(|asked| asked.to_str().ok())
        .unwrap_or_default();
    let asked: Vec<String> = asked
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let known_method = METHODS
        .iter()
        .any(|known| known.as_bytes() == method.as_bytes());
    if !has_origin || !known_method || !asked.iter().all(|name| HEADERS.contains(&name.as_str())) {
        return response;
    }
    allow_origin(headers);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method.clone());
    let canonical: Vec<String> = asked.iter().map(|name| canonical(name)).collect();
    if let (false, Ok(allowed)) = (
        canonical.is_empty(),
        HeaderValue::try_from(canonical.join(", ")),
    ) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    response
}

/// `x-client-info` as `X-Client-Info`.
fn canonical(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}
