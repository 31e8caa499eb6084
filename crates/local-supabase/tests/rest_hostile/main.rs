//! Whatever is sent, the server answers, in its own words, and goes on answering.

// The stand serves other tests too, which use more of it.
#![allow(dead_code)]

mod queries;
mod schema;
#[path = "../rest/stand.rs"]
mod stand;
#[path = "../rest/wire.rs"]
mod wire;

use std::time::Duration;

use serde_json::{Value, json};
use stand::Stand;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Longer than anything takes here, on a busy machine as well; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

async fn ask(
    stand: &Stand,
    who: &str,
    method: &str,
    path: &str,
    body: Option<&[u8]>,
) -> wire::Response {
    ask_with(stand, who, method, path, &[], body).await
}

async fn ask_with(
    stand: &Stand,
    who: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> wire::Response {
    let mut all: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    all.extend(
        stand
            .authorization(who)
            .map(|value| ("authorization".to_owned(), value)),
    );
    wire::send(stand.address, method, path, &all, body).await
}

/// The service asks how every call stands.
async fn statuses(stand: &Stand) -> wire::Response {
    ask(
        stand,
        "service",
        "GET",
        "/rest/v1/calls?select=status",
        None,
    )
    .await
}

const CALL: &[u8] = br#"{"twilio_call_sid":"CA1","from_number":"+1","to_number":"+2"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn hostile_requests_are_refused_one_by_one_and_nothing_is_lost() {
    let stand = Stand::start().await;
    let inserted = ask(&stand, "service", "POST", "/rest/v1/calls", Some(CALL)).await;
    assert_eq!(inserted.status, 201, "{}", inserted.text());

    let deep_select = format!(
        "/rest/v1/calls?select={}id{}",
        "a(".repeat(2000),
        ")".repeat(2000)
    );
    let deep_logic = format!(
        "/rest/v1/calls?or=({}id.eq.1{}",
        "and(".repeat(1000),
        ")".repeat(1001)
    );
    let long_list = format!("/rest/v1/calls?status=in.({})", "x,".repeat(5000));
    let many_filters = format!("/rest/v1/calls?{}", "status=eq.a&".repeat(2000));
    let deep_json = "[".repeat(100_000);
    let huge = vec![b' '; 11 * 1024 * 1024];
    let cases: Vec<(&str, &str, Option<&[u8]>, u16)> = vec![
        ("GET", "/rest/v1/calls?select=%", None, 400),
        ("GET", "/rest/v1/calls?status=eq.%zz%", None, 200),
        ("GET", "/rest/v1/calls?%ff%fe=eq.%ff", None, 400),
        ("GET", "/rest/v1/%ff%fe", None, 404),
        (
            "GET",
            "/rest/v1/calls?select=*;drop%20table%20calls",
            None,
            200,
        ),
        (
            "GET",
            "/rest/v1/calls?select=id::text(4);drop%20table%20calls",
            None,
            400,
        ),
        (
            "GET",
            "/rest/v1/calls?select=id::text)%3Bdrop%20table%20calls",
            None,
            200,
        ),
        (
            "GET",
            "/rest/v1/calls?order=id;delete%20from%20calls",
            None,
            200,
        ),
        (
            "GET",
            "/rest/v1/calls?%22id%22%22;%20drop%20table%20calls;--%22=eq.1",
            None,
            400,
        ),
        (
            "GET",
            "/rest/v1/calls%22;drop%20table%20calls;--",
            None,
            404,
        ),
        (
            "GET",
            "/rest/v1/calls?limit=99999999999999999999",
            None,
            200,
        ),
        (
            "GET",
            "/rest/v1/calls?limit=9223372036854775807&offset=9223372036854775807",
            None,
            200,
        ),
        ("GET", "/rest/v1/calls?offset=-5", None, 200),
        ("GET", "/rest/v1/rpc/a/b", None, 404),
        ("GET", &deep_select, None, 400),
        ("GET", &deep_logic, None, 400),
        ("GET", &long_list, None, 200),
        ("GET", &many_filters, None, 200),
        ("BREW", "/rest/v1/calls", None, 405),
        ("TRACE", "/rest/v1/calls", None, 405),
        ("POST", "/rest/v1/", Some(b"{}"), 405),
        ("POST", "/rest/v1/calls", Some(deep_json.as_bytes()), 400),
        ("POST", "/rest/v1/calls", Some(b"\xff\xfe{"), 400),
        ("POST", "/rest/v1/calls", Some(b"{\"a\":\0}"), 400),
        (
            "POST",
            "/rest/v1/calls",
            Some(br#"{"id\"; drop table calls; --": 1}"#),
            400,
        ),
        ("POST", "/rest/v1/calls?columns=id,%22;--", Some(b"{}"), 400),
        ("POST", "/rest/v1/calls", Some(&huge), 413),
        ("POST", "/rest/v1/rpc/board_size", Some(b"[1,2"), 400),
        (
            "PATCH",
            "/rest/v1/calls?limit=1",
            Some(br#"{"status":"ended"}"#),
            400,
        ),
        ("DELETE", "/rest/v1/calls", None, 400),
        ("PUT", "/rest/v1/calls?status=eq.x", Some(b"{}"), 405),
    ];
    for (method, path, body, status) in cases {
        let response = ask(&stand, "service", method, path, body).await;
        let shown: String = path.chars().take(80).collect();
        assert_eq!(
            response.status,
            status,
            "{method} {shown}: {}",
            response.text()
        );
        if status >= 400 {
            let body: Value = serde_json::from_slice(&response.body).expect("a JSON refusal");
            assert!(
                body["code"].is_string() && body["message"].is_string(),
                "{method} {shown}: {body}"
            );
        }
    }
    let left = ask(
        &stand,
        "service",
        "GET",
        "/rest/v1/calls?select=status,twilio_call_sid",
        None,
    )
    .await;
    assert_eq!(
        serde_json::from_slice::<Value>(&left.body).expect("JSON"),
        json!([{"status": "ringing", "twilio_call_sid": "CA1"}])
    );
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_ids_are_found_and_requests_sent_at_once_are_answered_in_turn() {
    let stand = Stand::start().await;
    ask(&stand, "service", "POST", "/rest/v1/calls", Some(CALL)).await;
    let ids = vec!["CA1"; 10_000].join(",");
    let path = format!("/rest/v1/calls?select=status&twilio_call_sid=in.({ids})");
    let found = ask(&stand, "service", "GET", &path, None).await;
    assert_eq!(found.text(), r#"[{"status":"ringing"}]"#);

    let authorization = stand.authorization("service").expect("a token");
    let one = |query: &str, end: &str| {
        format!(
            "GET /rest/v1/calls?select={query} HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\n{end}\r\n"
        )
    };
    let all = [
        one("status", ""),
        one("nope", ""),
        one("twilio_call_sid", "connection: close\r\n"),
    ]
    .concat();
    let mut stream = tokio::net::TcpStream::connect(stand.address)
        .await
        .expect("connect");
    stream.write_all(all.as_bytes()).await.expect("sent");
    let mut answers = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answers))
        .await
        .expect("answers")
        .expect("text");
    let places: Vec<Option<usize>> = [
        r#"{"status":"ringing"}"#,
        "calls.nope",
        r#"{"twilio_call_sid":"CA1"}"#,
    ]
    .map(|part| answers.find(part))
    .into();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{answers}"
    );

    // What is no HTTP at all is refused too, and harms nobody.
    for garbage in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET /\0 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
    ] {
        let mut stream = tokio::net::TcpStream::connect(stand.address)
            .await
            .expect("connect");
        stream.write_all(garbage).await.expect("sent");
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .expect("an answer or an end")
            .expect("bytes");
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"),
            "{answer:?}"
        );
    }
    assert_eq!(statuses(&stand).await.status, 200);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_no_transaction_open() {
    let stand = Stand::start().await;
    ask(&stand, "service", "POST", "/rest/v1/calls", Some(CALL)).await;
    stand
        .owner
        .batch_execute("create function public.slow() returns int language sql as $$ select 1 from pg_sleep(0.3) $$; notify pgrst")
        .await
        .expect("a slow function");
    let authorization = stand.authorization("service").expect("a token");
    // All connections of the pool, each abandoned in the middle of its request.
    for _ in 0..40 {
        let request = format!(
            "GET /rest/v1/rpc/slow HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\n\r\n"
        );
        let mut stream = tokio::net::TcpStream::connect(stand.address)
            .await
            .expect("connect");
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
            .await
            .expect("sent");
        drop(stream);
    }
    for _ in 0..40 {
        assert_eq!(statuses(&stand).await.text(), r#"[{"status":"ringing"}]"#);
    }
    // The server may still be reading what was abandoned; it ends, and leaves nothing.
    let open = "select count(*) from pg_stat_activity where state like 'idle in transaction%'";
    let none_is_left = async {
        while stand
            .owner
            .query_one(open, &[])
            .await
            .expect("activity")
            .get::<_, i64>(0)
            > 0
        {}
    };
    timeout(PATIENCE, none_is_left)
        .await
        .expect("a transaction stays open");
    stand.stop().await;
}
