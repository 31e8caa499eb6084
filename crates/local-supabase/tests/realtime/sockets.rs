//! Handshakes, what a socket bears, and how it ends.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::json;
use switchboard_local_supabase::realtime::Limits;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{
        Bytes, Error, Message, client::IntoClientRequest, protocol::frame::coding::CloseCode,
    },
};

use crate::harness::{PATIENCE, Person, Stack, short};

#[tokio::test]
async fn refused_handshakes_are_answered_as_recorded() {
    let stack = Stack::start().await.with_limits(short()).await;
    let jwt = &stack.supabase.gateway().jwt;
    let foreign = switchboard_local_supabase::Jwt::new(
        "another-secret-that-is-as-long-as-it-should-be".into(),
    );
    let past = json!({"role": "anon", "exp": 1000});
    let cases = [
        (
            "apikey=bad&vsn=1.0.0".to_owned(),
            401,
            r#"{"error":"The token provided is not a valid JWT"}"#,
        ),
        (
            "vsn=1.0.0".to_owned(),
            401,
            r#"{"error":"API key is missing"}"#,
        ),
        (
            "apikey=&vsn=1.0.0".to_owned(),
            401,
            r#"{"error":"The token provided is not a valid JWT"}"#,
        ),
        (
            format!("apikey={}", jwt.sign(&past)),
            401,
            r#"{"error":"Token has expired"}"#,
        ),
        (
            format!("apikey={}", foreign.sign(&past)),
            401,
            r#"{"error":"Failed to validate JWT signature"}"#,
        ),
        (
            format!("apikey={}", jwt.sign(&json!({"role": "anon"}))),
            401,
            r#"{"error":"Fields `role` and `exp` are required in JWT"}"#,
        ),
        (
            format!("apikey={}&vsn=9.9.9", stack.supabase.keys().anon),
            403,
            "",
        ),
    ];
    for (query, status, body) in cases {
        let Err(Error::Http(response)) = stack.handshake(&query).await else {
            panic!("{query} was let in")
        };
        assert_eq!(response.status().as_u16(), status, "{query}");
        assert_eq!(
            response.headers()["cache-control"],
            "max-age=0, private, must-revalidate"
        );
        assert_eq!(
            String::from_utf8_lossy(response.body().as_deref().unwrap_or_default()),
            body,
            "{query}"
        );
    }
    stack
        .handshake(&format!("apikey={}", stack.token(Person::DOUG)))
        .await
        .expect("a user's token is a key as well");
    let address = stack.realtime.replacen("http", "ws", 1);
    let mut request = format!("{address}/websocket?apikey=bad")
        .into_client_request()
        .expect("a request");
    let key = stack.supabase.keys().anon.parse().expect("a header");
    request.headers_mut().insert("x-api-key", key);
    connect_async(request)
        .await
        .expect("a header's key comes before the parameter");
    stack.stop().await;
}

#[tokio::test]
async fn what_cannot_be_understood_is_ignored() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    for text in [
        "garbage",
        "",
        "{}",
        "[]",
        "null",
        "[1,2]",
        r#"{"topic":"realtime:board"}"#,
        r#"["1","2","realtime:board"]"#,
    ] {
        client.send(text).await;
    }
    client
        .socket
        .send(Message::Binary(Bytes::from_static(&[0, 1, 2, 3])))
        .await
        .expect("sent");
    assert_eq!(client.until_heartbeat().await, []);
    client
        .send(r#"{"topic":1,"event":2,"payload":3,"ref":4}"#)
        .await;
    assert_eq!(
        client.frame().await.text,
        r#"{"ref":4,"event":"phx_reply","topic":1,"payload":{"status":"error","response":{"reason":"unmatched topic"}}}"#
    );
    stack.stop().await;
}

#[tokio::test]
async fn a_silent_client_is_closed_and_one_that_pings_is_not() {
    // Long enough that this test's own pings are in time on a busy machine.
    let idle = Duration::from_secs(8);
    let stack = Stack::start()
        .await
        .with_limits(Limits { idle, ..short() })
        .await;
    // The older socket is the first to be closed, if pings do not count.
    let mut pinging = stack.client("1.0.0").await;
    let mut silent = stack.client("1.0.0").await;
    let closed = loop {
        pinging
            .socket
            .send(Message::Ping(Bytes::new()))
            .await
            .expect("sent");
        assert!(matches!(pinging.message().await, Message::Pong(_)));
        if let Ok(code) = timeout(idle / 40, silent.closed()).await {
            break code;
        }
    };
    assert_eq!(closed, CloseCode::Normal);
    assert_eq!(pinging.until_heartbeat().await, []);
    stack.stop().await;
}

#[tokio::test]
async fn a_frame_over_the_limit_cuts_the_connection_and_one_at_it_does_not() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    client.send("k".repeat(5_000_000)).await;
    assert_eq!(client.until_heartbeat().await, []);
    // The server may cut while we still write.
    let _ = client
        .socket
        .send(Message::text("k".repeat(5_000_001)))
        .await;
    let end = timeout(PATIENCE.min(Limits::default().idle), client.socket.next())
        .await
        .expect("cut long before it is idle");
    assert!(
        matches!(end, None | Some(Err(_))),
        "a cut, not a close: {end:?}"
    );
    stack.stop().await;
}

/// The server's tasks end with its runtime, as they end with the program: what was not sent by then is never sent.
#[test]
fn a_stop_of_the_stack_closes_every_socket_as_restarting() {
    let runtime = || tokio::runtime::Runtime::new().expect("a runtime");
    let (servers, clients) = (runtime(), runtime());
    let stack = servers.block_on(Stack::start());
    let mut joined = Vec::new();
    for _ in 0..20 {
        joined.push(clients.block_on(async {
            let mut client = stack.client("1.0.0").await;
            client.join_calls(&stack.token(Person::DOUG)).await;
            client
        }));
    }
    servers.block_on(stack.stop());
    drop(servers);
    for mut client in joined {
        assert_eq!(clients.block_on(client.closed()), CloseCode::Restart);
    }
}

#[tokio::test]
async fn a_stop_waits_for_a_socket_that_is_slow_to_close() {
    let stack = Stack::start().await;
    let slow = stack.supabase.gateway().sockets.subscribe();
    let admin = stack.supabase.connect_admin().await.expect("admin");
    let address = stack.supabase.url().replacen("http://", "", 1);
    let stopping = tokio::spawn(stack.stop());
    let refuses = async { while TcpStream::connect(&address).await.is_ok() {} };
    timeout(PATIENCE, refuses).await.expect("the server stops");
    // What stops after the sockets is still there for them.
    admin.execute("select", &[]).await.expect("a database");
    assert!(!stopping.is_finished());
    drop(slow);
    stopping.await.expect("a clean stop");
}
