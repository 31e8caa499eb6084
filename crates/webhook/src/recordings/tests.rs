//! What a browser gets of a recording when Twilio does not give it in one go.

use axum::Router;
use axum::routing::get;
use futures::StreamExt as _;

use super::*;

const PIECE: &[u8] = b"RIFF";

/// What somebody gives who says these pieces and then, perhaps, nothing any more.
async fn given(pieces: usize, stops: bool) -> reqwest::Response {
    let sound = move || async move {
        let said = stream::iter((0..pieces).map(|_| Ok::<_, io::Error>(PIECE)));
        let silence = stream::pending().take(usize::from(stops));
        let kind = [(CONTENT_TYPE, "audio/x-wav")];
        (kind, Body::from_stream(said.chain(silence)))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().route("/", get(sound));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    reqwest::get(url).await.unwrap()
}

/// All that a browser gets, or nothing if it was broken off.
async fn heard(response: Response) -> Option<Vec<u8>> {
    let body = axum::body::to_bytes(response.into_body(), 1000);
    // Far longer than the limit: a test that waits for ever says nothing.
    let whole = tokio::time::timeout(Duration::from_secs(60), body).await;
    let whole = whole.expect("the end of it");
    whole.ok().map(|bytes| bytes.to_vec())
}

#[tokio::test]
async fn a_message_that_stops_in_the_middle_is_broken_off() {
    let limit = Duration::from_millis(200);
    assert_eq!(heard(pass_on(given(2, true).await, limit)).await, None);
}

#[tokio::test]
async fn a_message_is_passed_on_whole() {
    let limit = Duration::from_secs(30);
    let response = pass_on(given(3, false).await, limit);
    assert_eq!(response.headers()[CONTENT_TYPE], "audio/x-wav");
    assert_eq!(heard(response).await.as_deref(), Some(&b"RIFFRIFFRIFF"[..]));
}
