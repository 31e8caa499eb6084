//! What browsers and operators are told.

use serde_json::{Value, json};
use switchboard_webhook::Server;

use crate::app::{NOWHERE, TestApp};
use crate::supabase::Supabase;

#[tokio::test]
async fn browsers_are_told_what_they_need_and_no_secret() {
    let app = TestApp::start(&[
        "--supabase-url",
        "http://127.0.0.1:54321/",
        "--supabase-anon-key",
        "public",
    ])
    .await;
    let response = app.get("/config.json").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    let expected = json!({ "supabase_url": "http://127.0.0.1:54321", "supabase_key": "public", "voice": "off" });
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
}

#[tokio::test]
async fn a_process_without_its_database_is_healthy_but_not_ready() {
    let app = TestApp::alone().await;
    assert_eq!(app.get("/healthz").await.status(), 200);
    let response = app.get("/readyz").await;
    assert_eq!(response.status(), 503);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["postgrest"], "cannot be reached at SUPABASE_URL");
}

#[tokio::test]
async fn a_service_whose_key_is_taken_is_ready() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let response = app.get("/readyz").await;
    let status = response.status();
    assert_eq!(status, 200, "{}", response.text().await.unwrap());
}

#[tokio::test]
async fn a_service_says_that_its_dashboard_is_missing_and_serves_callers_all_the_same() {
    let supabase = Supabase::shared().await;
    let folder = tempfile::tempdir().unwrap();
    let dashboard = folder.path().to_str().unwrap();
    let options = [
        "--supabase-url",
        &supabase.url,
        "--dashboard-dir",
        dashboard,
    ];
    let app = TestApp::start(&options).await;
    let ready = async || {
        let response = app.get("/readyz").await;
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.unwrap())
    };
    let missing = json!({
        "ready": true, "postgrest": "ok", "dashboard": "is not built, or not at DASHBOARD_DIR", "waiting_ends": 0,
    });
    assert_eq!(ready().await, (200, missing));
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    let (status, body) = ready().await;
    assert_eq!((status, &body["dashboard"]), (200, &json!("ok")));
}

#[tokio::test]
async fn a_service_with_a_wrong_key_says_so() {
    let supabase = Supabase::shared().await;
    let app = TestApp::start(&[
        "--supabase-url",
        &supabase.url,
        "--supabase-service-role-key",
        "a.b.c",
    ])
    .await;
    let response = app.get("/readyz").await;
    assert_eq!(response.status(), 503);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["postgrest"], "does not take SUPABASE_SERVICE_ROLE_KEY");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::alone().await;
    for path in [
        "/",
        "/config.json",
        "/healthz",
        "/assets/missing.js",
        "/twilio/voice",
    ] {
        let response = app.get(path).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        let policy = header("content-security-policy");
        let expected = format!(
            "connect-src 'self' {NOWHERE} {};",
            NOWHERE.replace("http", "ws")
        );
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"),
            "{policy}"
        );
        assert!(
            policy.contains(&expected) && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(
            header("permissions-policy").contains("microphone=(self)"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_taken_port_is_said_with_its_remedy() {
    let app = TestApp::alone().await;
    let listen = app.address().to_string();
    let config =
        clap::Parser::try_parse_from(["switchboard-webhook", "--listen", &listen]).unwrap();
    let Err(refusal) = Server::bind(config).await else {
        panic!("two services on one port")
    };
    assert!(refusal.to_string().contains("WEBHOOK_LISTEN"), "{refusal}");
}

#[tokio::test]
async fn the_metrics_are_for_whoever_shows_the_token_and_else_for_this_machine() {
    let alone = TestApp::alone().await;
    assert_eq!(alone.get("/metrics").await.status(), 200);
    let passed_on = alone.request("GET", "/metrics");
    let passed_on = passed_on.header("x-forwarded-for", "203.0.113.9");
    assert_eq!(passed_on.send().await.unwrap().status(), 403);

    let app = TestApp::start(&["--supabase-url", NOWHERE, "--metrics-token", "s3cret"]).await;
    let refused = app.get("/metrics").await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["www-authenticate"], "Bearer");
    assert!(!refused.text().await.unwrap().contains("switchboard_"));
    for (token, status) in [("s3cret", 200), ("s3cret2", 401), ("", 401)] {
        let asked = app.request("GET", "/metrics").bearer_auth(token);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), status, "{token}");
    }
}
