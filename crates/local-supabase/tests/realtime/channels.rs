//! Handshakes, joins, refusals, tokens, leaving, and the ends of sockets.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use serde_json::json;
use switchboard_local_supabase::realtime::Limits;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, protocol::frame::coding::CloseCode};

use crate::{
    harness::{Client, PATIENCE, Person, Stack, calls, private_board},
    shape::{recorded, shape},
};

/// Seconds that a token lives whose end a test waits for: enough to join with it on a busy machine.
const LIFE: i64 = 10;

/// The real server's rules with waits that a test can afford.
fn short() -> Limits {
    Limits {
        refused_handshake: Duration::from_millis(20),
        refused_join: Duration::from_millis(200),
        resubscribe: Duration::from_millis(20)..=Duration::from_millis(40),
        ..Limits::default()
    }
}

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
    stack.stop().await;
}

#[tokio::test]
async fn refused_joins_are_answered_as_recorded() {
    let stack = Stack::start().await.with_limits(short()).await;
    let jwt = &stack.supabase.gateway().jwt;
    let foreign = switchboard_local_supabase::Jwt::new(
        "another-secret-that-is-as-long-as-it-should-be".into(),
    );
    let far = 4_000_000_000_i64;
    let cases = [
        ("03a-expired-token.json", stack.token_for(Person::DOUG, -30)),
        ("03a-garbage.json", "garbage".to_owned()),
        ("03a-garbage3.json", "a.b.c".to_owned()),
        (
            "03a-no-exp.json",
            jwt.sign(&json!({"role": "authenticated"})),
        ),
        ("03a-no-role.json", jwt.sign(&json!({"exp": far}))),
        (
            "03a-wrong-secret.json",
            foreign.sign(&json!({"role": "authenticated", "exp": far})),
        ),
    ];
    let mut client = stack.client("1.0.0").await;
    for (name, token) in cases {
        client.join("realtime:board", &token, &calls()).await;
        let told = client.event("phx_reply").await;
        let [reply, ..] = &recorded(name)[..] else {
            panic!("{name} has a reply")
        };
        assert_eq!(shape(&told.text), shape(reply), "{name}");
    }
    let reason = |frame: crate::harness::Frame| frame.payload["response"]["reason"].clone();
    client
        .join("realtime:", &stack.token(Person::DOUG), &calls())
        .await;
    assert_eq!(
        reason(client.event("phx_reply").await),
        "TopicNameRequired: You must provide a topic name"
    );
    client
        .push(None, "realtime:j2", "phx_join", &json!(null))
        .await;
    assert_eq!(
        reason(client.event("phx_reply").await),
        "UnknownErrorOnChannel: expected params to be a :map, got: `nil`"
    );
    client
        .join("foo:bar", &stack.token(Person::DOUG), &calls())
        .await;
    assert_eq!(reason(client.event("phx_reply").await), "unmatched topic");
    client
        .push(None, "realtime:never", "nope", &json!({}))
        .await;
    assert_eq!(reason(client.event("phx_reply").await), "unmatched topic");
    stack.stop().await;
}

#[tokio::test]
async fn a_refused_join_holds_up_its_whole_socket_and_no_other() {
    let limits = Limits {
        refused_join: Duration::from_millis(600),
        ..short()
    };
    let stack = Stack::start().await.with_limits(limits.clone()).await;
    let mut held = stack.client("1.0.0").await;
    let mut other = stack.client("1.0.0").await;
    let begun = Instant::now();
    held.join(
        "realtime:board",
        &stack.token(Person::MALLORY),
        &private_board(),
    )
    .await;
    other
        .join(
            "realtime:board",
            &stack.token(Person::DOUG),
            &private_board(),
        )
        .await;
    other.event("phx_reply").await;
    assert_eq!(other.until_heartbeat().await, []);
    let [refusal] = &held.until_heartbeat().await[..] else {
        panic!("the refusal comes before the heartbeat's answer")
    };
    assert_eq!(
        refusal.payload["response"]["reason"],
        "Unauthorized: You do not have permissions to read from this Channel topic: board"
    );
    assert!(
        begun.elapsed() >= limits.refused_join,
        "an answer before its time"
    );
    stack.stop().await;
}

#[tokio::test]
async fn the_hundred_and_first_channel_is_refused() {
    let stack = Stack::start().await.with_limits(short()).await;
    let mut client = stack.client("1.0.0").await;
    let token = stack.token(Person::DOUG);
    for n in 1..=101 {
        client
            .join(&format!("realtime:c{n}"), &token, &json!({}))
            .await;
        let reply = client.event("phx_reply").await;
        assert_eq!(
            reply.payload["status"],
            if n <= 100 { "ok" } else { "error" },
            "channel {n}"
        );
        if n > 100 {
            assert_eq!(
                reply.payload["response"]["reason"],
                "ChannelRateLimitReached: Too many channels"
            );
        }
    }
    stack.stop().await;
}

#[tokio::test]
async fn a_second_join_ends_the_first_and_says_so_after_its_own_answer() {
    let stack = Stack::start().await;
    for (name, version, topic) in [("04c-join-twice-v2.json", "2.0.0", "realtime:board2")] {
        let mut client = stack.client(version).await;
        let token = stack.token(Person::DOUG);
        let mut told = Vec::new();
        client.join(topic, &token, &calls()).await;
        told.extend([client.frame().await, client.frame().await]);
        client.join(topic, &token, &calls()).await;
        told.extend([
            client.frame().await,
            client.frame().await,
            client.frame().await,
        ]);
        for (told, recorded) in told.iter().zip(recorded(name)) {
            assert_eq!(shape(&told.text), shape(&recorded));
        }
        assert_eq!(told[3].join_ref, "1", "it is the first join that is closed");
        stack.insert_call(name).await;
        client.event("postgres_changes").await;
        assert_eq!(
            client.until_heartbeat().await,
            [],
            "the first join gets nothing any more"
        );
    }
    stack.stop().await;
}

#[tokio::test]
async fn after_leaving_nothing_comes_and_pushes_are_unmatched() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    let token = stack.token(Person::DOUG);
    let join = client.join_calls(&token).await;
    client
        .push(Some("99"), "realtime:board", "phx_leave", &json!({}))
        .await;
    assert_eq!(
        client.until_heartbeat().await,
        [],
        "a leave of another join is not answered"
    );
    client
        .push(Some(&join), "realtime:board", "phx_leave", &json!({}))
        .await;
    client.event("phx_reply").await;
    assert_eq!(client.event("phx_close").await.reference, join.as_str());
    let mut witness = stack.client("1.0.0").await;
    witness.join_calls(&token).await;
    stack.insert_call("CA1").await;
    witness.event("postgres_changes").await;
    client
        .push(
            Some(&join),
            "realtime:board",
            "access_token",
            &json!({"access_token": token}),
        )
        .await;
    assert_eq!(
        client.event("phx_reply").await.payload["response"]["reason"],
        "unmatched topic"
    );
    client
        .push(Some(&join), "realtime:board", "phx_leave", &json!({}))
        .await;
    assert_eq!(
        client.event("phx_reply").await.payload["status"],
        "ok",
        "leaving a left topic is fine"
    );
    client.join_calls(&token).await;
    stack.insert_call("CA2").await;
    client.event("postgres_changes").await;
    stack.stop().await;
}

/// The frames that end a channel; gives the reason.
async fn ended(client: &mut Client, join: &str) -> String {
    let system = client.event("system").await.payload;
    let reason = system["message"].as_str().expect("a reason").to_owned();
    assert_eq!(
        system,
        json!({"message": reason, "status": "error", "extension": "system", "channel": "board"})
    );
    assert_eq!(client.event("phx_close").await.reference, join);
    reason
}

/// How long ago a token had expired when a channel was ended for it. How long that takes is the machine's affair.
fn expired_seconds_ago(reason: &str) -> u64 {
    let seconds = reason
        .strip_prefix("Token has expired ")
        .and_then(|rest| rest.strip_suffix(" seconds ago"));
    seconds
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or_else(|| panic!("not the end of a token: {reason}"))
}

#[tokio::test]
async fn a_channel_ends_with_its_token_and_the_socket_does_not() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    let join = client
        .join_calls(&stack.token_for(Person::DOUG, LIFE))
        .await;
    client
        .join("realtime:other", &stack.token(Person::DOUG), &json!({}))
        .await;
    client.event("phx_reply").await;
    expired_seconds_ago(&ended(&mut client, &join).await);
    client.join_calls(&stack.token(Person::DOUG)).await;
    stack.insert_call("CA1").await;
    client.event("postgres_changes").await;
    stack.stop().await;
}

#[tokio::test]
async fn a_channel_with_a_newer_token_outlives_the_older_one() {
    let stack = Stack::start().await.with_limits(short()).await;
    let brief = stack.token_for(Person::DOUG, LIFE);
    let mut renewed = stack.client("1.0.0").await;
    let renewed_join = renewed.join_calls(&brief).await;
    let fresh = json!({"access_token": stack.token(Person::DOUG)});
    renewed
        .push(
            Some(&renewed_join),
            "realtime:board",
            "access_token",
            &fresh,
        )
        .await;
    assert_eq!(renewed.event("system").await.payload["status"], "ok");
    // Somebody else's channel shows when the older token has ended.
    let mut witness = stack.client("1.0.0").await;
    let witness_join = witness.join_calls(&brief).await;
    expired_seconds_ago(&ended(&mut witness, &witness_join).await);
    stack.insert_call("CA1").await;
    renewed.event("postgres_changes").await;
    stack.stop().await;
}

#[tokio::test]
async fn a_pushed_token_is_acknowledged_by_a_second_system_ok_and_nothing_is_lost() {
    let stack = Stack::start().await.with_limits(short()).await;
    let mut client = stack.client("1.0.0").await;
    let join = client.join_calls(&stack.token(Person::DOUG)).await;
    let fresh = json!({"access_token": stack.token_for(Person::DOUG, 3000)});
    client
        .push(Some(&join), "realtime:board", "access_token", &fresh)
        .await;
    assert_eq!(
        client.event("system").await.payload,
        json!({"message": "Subscribed to PostgreSQL", "status": "ok", "extension": "postgres_changes", "channel": "board"})
    );
    // Nonsense and the same token again change nothing and are not answered.
    for ignored in [json!({"access_token": null}), json!({"foo": 1}), fresh] {
        client
            .push(Some(&join), "realtime:board", "access_token", &ignored)
            .await;
    }
    assert_eq!(client.until_heartbeat().await, []);
    // A token of somebody without rights is taken, and then there is silence.
    let outsider = json!({"access_token": stack.token(Person::MALLORY)});
    client
        .push(Some(&join), "realtime:board", "access_token", &outsider)
        .await;
    assert_eq!(client.event("system").await.payload["status"], "ok");
    let mut witness = stack.client("1.0.0").await;
    witness.join_calls(&stack.token(Person::RHONDA)).await;
    stack.insert_call("CA1").await;
    witness.event("postgres_changes").await;
    assert_eq!(client.until_heartbeat().await, []);
    stack.stop().await;
}

#[tokio::test]
async fn a_bad_pushed_token_ends_the_channel_at_once() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    let foreign = switchboard_local_supabase::Jwt::new(
        "another-secret-that-is-as-long-as-it-should-be".into(),
    );
    let foreign = foreign.sign(&json!({"role": "anon", "exp": 4_000_000_000_i64}));
    let mut reasons = Vec::new();
    for token in [stack.token_for(Person::DOUG, -5), foreign, String::new()] {
        let join = client.join_calls(&stack.token(Person::DOUG)).await;
        client
            .push(
                Some(&join),
                "realtime:board",
                "access_token",
                &json!({"access_token": token}),
            )
            .await;
        reasons.push(ended(&mut client, &join).await);
    }
    assert!(expired_seconds_ago(&reasons[0]) >= 5);
    assert_eq!(
        reasons[1..],
        [":signature_error", "The token provided is not a valid JWT"]
    );
    // On a private channel, who may not listen any more is shut out as well.
    let join = client
        .join(
            "realtime:board",
            &stack.token(Person::DOUG),
            &private_board(),
        )
        .await;
    client.event("phx_reply").await;
    let outsider = json!({"access_token": stack.token(Person::MALLORY)});
    client
        .push(Some(&join), "realtime:board", "access_token", &outsider)
        .await;
    assert_eq!(
        ended(&mut client, &join).await,
        "You do not have permissions to read from this Channel topic: board"
    );
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
