//! The built dashboard: static files, compressed when they were built.
//!
//! Everything under `/assets/` has its hash in its name and is kept for ever; all else is asked for each time. A path
//! that looks like a page is answered with the page, which does its own routing; a missing file is 404.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

use crate::server::App;

const HASHED: &str = "/assets/";
/// Paths of other things: a mistyped one must not look like a page.
const NOT_PAGES: [&str; 3] = ["/assets", "/api", "/twilio"];
const NOT_BUILT: &str = "<!doctype html><html lang=en><title>Switchboard</title>\
    <p>The dashboard is not built yet. Build it with <code>cargo xtask web</code>, or start everything with \
    <code>make run</code>, and reload this page.";

/// Where the built files are.
#[derive(Clone, Debug)]
pub struct Dashboard {
    folder: PathBuf,
    index: PathBuf,
}

impl Dashboard {
    /// Files in `folder`, which may appear, change and disappear while the service runs.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            index: folder.join("index.html"),
        }
    }

    /// Whether the page is there now.
    pub async fn is_built(&self) -> bool {
        tokio::fs::try_exists(&self.index).await.unwrap_or(false)
    }
}

/// Every `GET` and `HEAD` that no other route takes.
pub async fn dashboard(State(app): State<App>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().to_owned();
    let Dashboard { folder, index } = &*app.dashboard;
    let served = if is_page(&path) {
        if !app.dashboard.is_built().await {
            return (
                StatusCode::SERVICE_UNAVAILABLE,
                [(CACHE_CONTROL, "no-store")],
                Html(NOT_BUILT),
            )
                .into_response();
        }
        ServeFile::new(index)
            .precompressed_br()
            .precompressed_gzip()
            .oneshot(request)
            .await
    } else {
        // Folders are not served, and nobody is redirected to one.
        ServeDir::new(folder)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip()
            .oneshot(request)
            .await
    };
    // Its error type has no values.
    let mut response =
        served.map_or_else(|never| match never {}, |response| response.map(Body::new));
    let caching = if path.starts_with(HASHED) && is_found(response.status()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if response.status() == StatusCode::NOT_FOUND {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    response
}

fn is_found(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::NOT_MODIFIED
}

/// Whether a path is one of the dashboard's pages: words joined by slashes. A file has a dot in its name, and escapes
/// and dots are left to the file server, which knows how they are abused.
fn is_page(path: &str) -> bool {
    let words = path
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_'));
    let below = |prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    words && !NOT_PAGES.into_iter().any(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_from_a_file() {
        for page in [
            "/",
            "/history",
            "/calls/22222222-0000-4000-8000-000000000001",
            "/assetsmith",
        ] {
            assert!(is_page(page), "{page}");
        }
        for file in [
            "/favicon.svg",
            "/assets/dashboard-1a2b.js",
            "/assets",
            "/api/x",
            "/twilio",
            "/..",
            "/%2e%2e/x",
            "/a b",
        ] {
            assert!(!is_page(file), "{file}");
        }
    }
}
