//! Joining and leaving, and every refusal.

use std::time::{Duration, Instant};

use serde_json::json;
use switchboard_local_supabase::realtime::Limits;

use crate::{
    client::Frame,
    harness::{Person, Stack, calls, private_board, short},
    shape::{recorded, shape},
};

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
    let reason = |frame: Frame| frame.payload["response"]["reason"].clone();
    client
        .join("realtime:", &stack.token(Person::DOUG), &calls())
        .await;
    assert_eq!(
        reason(client.event("phx_reply").await),
        "TopicNameRequired: You must provide a topic name"
    );
    for (payload, printed) in [
        (json!(null), "nil"),
        (json!("x"), r#""x""#),
        (json!(false), "false"),
        (json!([null, {"a": 1}]), r#"[nil, %{"a" => 1}]"#),
    ] {
        client.push(None, "realtime:j2", "phx_join", &payload).await;
        assert_eq!(
            reason(client.event("phx_reply").await),
            format!("UnknownErrorOnChannel: expected params to be a :map, got: `{printed}`")
        );
    }
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
