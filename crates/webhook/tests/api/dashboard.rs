//! The built page, as a browser fetches it.

use std::fs;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::TestApp;

const SCRIPT: &str = "/assets/dashboard-0123456789abcdef.js";
const WASM: &str = "/assets/dashboard-0123456789abcdef.wasm";

/// A built page; each file says which of its spellings it is.
fn built() -> TempDir {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("dashboard");
    fs::create_dir_all(root.join("assets")).unwrap();
    for path in ["/index.html", SCRIPT, WASM] {
        for extension in ["", ".br", ".gz"] {
            fs::write(
                root.join(format!("{}{extension}", &path[1..])),
                format!("{path}{extension}"),
            )
            .unwrap();
        }
    }
    fs::write(root.join("favicon.svg"), "<svg/>").unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    folder
}

async fn app() -> (TempDir, TestApp) {
    let folder = built();
    let app = TestApp::with_dashboard(&folder.path().join("dashboard")).await;
    (folder, app)
}

#[tokio::test]
async fn the_page_is_asked_for_each_time_and_its_hashed_files_never_again() {
    let (_folder, app) = app().await;
    for (path, caching, kind) in [
        ("/", "no-cache", "text/html"),
        ("/index.html", "no-cache", "text/html"),
        ("/favicon.svg", "no-cache", "image/svg+xml"),
        (
            SCRIPT,
            "public, max-age=31536000, immutable",
            "text/javascript",
        ),
        (
            WASM,
            "public, max-age=31536000, immutable",
            "application/wasm",
        ),
    ] {
        let response = app.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["cache-control"], caching, "{path}");
        let content_type = response.headers()["content-type"].to_str().unwrap();
        assert!(content_type.starts_with(kind), "{path}: {content_type}");
    }
}

#[tokio::test]
async fn the_best_encoding_that_the_browser_takes_is_sent() {
    let (_folder, app) = app().await;
    for path in ["/", SCRIPT] {
        let file = if path == "/" { "/index.html" } else { path };
        for (accepts, encoding, extension) in [
            ("gzip, deflate, br, zstd", "br", ".br"),
            ("gzip", "gzip", ".gz"),
            ("br;q=0.2, gzip;q=0.8", "gzip", ".gz"),
            ("br;q=0, gzip;q=0", "", ""),
            ("", "", ""),
        ] {
            let response = app
                .request("GET", path)
                .header("accept-encoding", accepts)
                .send()
                .await
                .unwrap();
            let sent = response
                .headers()
                .get("content-encoding")
                .map_or("", |value| value.to_str().unwrap());
            assert_eq!(sent, encoding, "{path} {accepts}");
            assert_eq!(response.headers()["vary"], "accept-encoding");
            assert_eq!(response.text().await.unwrap(), format!("{file}{extension}"));
        }
    }
}

#[tokio::test]
async fn a_deep_link_is_the_page() {
    let (_folder, app) = app().await;
    for path in [
        "/history",
        "/calls/22222222-0000-4000-8000-000000000001",
        "/history?q=%2B1",
    ] {
        let response = app.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["cache-control"], "no-cache", "{path}");
        assert_eq!(response.text().await.unwrap(), "/index.html");
    }
}

#[tokio::test]
async fn what_is_missing_is_missing_and_is_not_kept() {
    let (_folder, app) = app().await;
    for path in [
        "/assets/dashboard-old.js",
        "/assets/",
        "/assets",
        "/robots.txt",
        "/api/nothing",
        "/api",
        "/twilio/nothing",
    ] {
        let response = app.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(response.headers()["cache-control"], "no-cache", "{path}");
    }
}

#[tokio::test]
async fn head_tells_the_size_and_sends_nothing() {
    let (_folder, app) = app().await;
    for path in ["/", SCRIPT, "/healthz", "/config.json"] {
        let got = app.get(path).await;
        let headers = got.headers().clone();
        let head = app.request("HEAD", path).send().await.unwrap();
        assert_eq!(head.status(), 200, "{path}");
        assert_eq!(
            head.headers().get("content-type"),
            headers.get("content-type"),
            "{path}"
        );
        assert_eq!(
            head.headers().get("content-length"),
            headers.get("content-length"),
            "{path}"
        );
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
    }
}

#[tokio::test]
async fn nothing_outside_the_folder_is_ever_sent() {
    let (_folder, app) = app().await;
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt",
        "/assets//../..//secret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/assets/%00/../../secret.txt",
    ] {
        // Written by hand, because an HTTP client would tidy the path.
        let mut stream = TcpStream::connect(app.address()).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            !answer.contains("\r\n\r\nsecret") && !answer.contains("root:"),
            "{path}: {answer}"
        );
        let page = answer.starts_with("HTTP/1.1 200") && answer.ends_with("/index.html");
        assert!(
            page || answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400"),
            "{path}: {answer}"
        );
    }
}

#[tokio::test]
async fn files_are_not_posted_to() {
    let (_folder, app) = app().await;
    for path in ["/", SCRIPT, "/api/nothing"] {
        assert_eq!(
            app.request("POST", path).send().await.unwrap().status(),
            405,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_that_is_not_built_says_how_to_build_it() {
    let folder = TempDir::new().unwrap();
    let app = TestApp::with_dashboard(&folder.path().join("missing")).await;
    let response = app.get("/").await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.text().await.unwrap().contains("cargo xtask web"));
    assert_eq!(app.get(SCRIPT).await.status(), 404);

    // And it is served as soon as it is there.
    fs::create_dir(folder.path().join("missing")).unwrap();
    fs::write(folder.path().join("missing/index.html"), "built").unwrap();
    assert_eq!(app.get("/").await.text().await.unwrap(), "built");
}
