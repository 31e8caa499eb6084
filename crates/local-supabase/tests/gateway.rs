//! What the gateway in front of the services adds: API keys and CORS.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode},
};
use serde_json::Value;
use switchboard_local_supabase::{LocalSupabase, Options, Schema, keys::LOCAL_ANON_KEY};
use tower::ServiceExt;

async fn ask(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.expect("infallible")
}

async fn json(response: Response<Body>) -> Value {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("body");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).expect("request")
}

#[tokio::test]
async fn requests_need_an_api_key_in_the_header_or_the_query() {
    let stack = LocalSupabase::start(Options {
        schema: Schema::Bare,
        ..Options::default()
    })
    .await
    .expect("stack");
    let router = stack.gateway().router();
    for path in ["/rest/v1/calls", "/auth/v1/settings"] {
        let response = ask(&router, get(path)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert_eq!(
            json(response).await["message"],
            "No API key found in request"
        );
        let response = ask(&router, get(&format!("{path}?apikey=guessed"))).await;
        assert_eq!(json(response).await["message"], "Invalid API key");
    }
    let in_query = ask(
        &router,
        get(&format!("/auth/v1/settings?apikey={LOCAL_ANON_KEY}")),
    )
    .await;
    assert_eq!(in_query.status(), StatusCode::OK);
    let in_header = Request::get("/auth/v1/settings")
        .header("apikey", LOCAL_ANON_KEY)
        .body(Body::empty());
    assert_eq!(
        ask(&router, in_header.expect("request")).await.status(),
        StatusCode::OK
    );
    assert_eq!(
        ask(&router, get("/auth/v1/.well-known/jwks.json"))
            .await
            .status(),
        StatusCode::OK
    );
    stack.stop().await;
}

#[tokio::test]
async fn a_page_of_any_origin_may_sign_in() {
    let stack = LocalSupabase::start(Options {
        schema: Schema::Bare,
        ..Options::default()
    })
    .await
    .expect("stack");
    let preflight = Request::options("/auth/v1/token?grant_type=password")
        .header("origin", "http://127.0.0.1:8080")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "apikey,authorization,content-type,x-client-info",
        )
        .body(Body::empty());
    let response = ask(&stack.gateway().router(), preflight.expect("request")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert!(
        response.headers()["access-control-allow-methods"]
            .to_str()
            .expect("text")
            .contains("POST")
    );
    assert!(
        response.headers()["access-control-allow-headers"]
            .to_str()
            .expect("text")
            .contains("apikey")
    );
    stack.stop().await;
}
