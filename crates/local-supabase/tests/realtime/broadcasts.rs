//! Broadcasts from the database, from clients and over HTTP, and who may listen and speak.

use std::time::Duration;

use futures::SinkExt;
use serde_json::{Value, json};
use switchboard_local_supabase::realtime::Limits;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::{
    client::Client,
    harness::{PATIENCE, Person, Stack, private_board},
    shape::{recorded, shape},
};

async fn joined(stack: &Stack, version: &str, person: Person, config: &Value) -> Client {
    let mut client = stack.client(version).await;
    client
        .join("realtime:board", &stack.token(person), config)
        .await;
    let reply = client.event("phx_reply").await;
    assert_eq!(
        reply.payload,
        json!({"status": "ok", "response": {"postgres_changes": []}})
    );
    client
}

fn public() -> Value {
    json!({"private": false, "broadcast": {"ack": true, "self": false}})
}

#[tokio::test]
async fn a_message_of_the_database_reaches_its_own_kind_of_channel_as_recorded() {
    let stack = Stack::start().await;
    let mut listener = joined(&stack, "1.0.0", Person::DOUG, &private_board()).await;
    let mut passer_by = joined(&stack, "1.0.0", Person::MALLORY, &public()).await;
    let texts: Vec<String> = recorded("12-private-broadcast-v1.json")
        .into_iter()
        .filter(|text| text.contains(r#""event":"broadcast""#))
        .collect();
    let uuid = "22222222-0000-4000-8000-000000000001";
    stack
        .run(&format!(
            r#"select realtime.send('{{"id": "{uuid}", "table": "calls", "version": 7, "record": {{"id": "{uuid}", "status": "active"}}}}', 'changed', 'board', true)"#
        ))
        .await;
    assert_eq!(shape(&listener.frame().await.text), shape(&texts[0]));
    stack
        .run(r#"select realtime.send('{"n": 1}', 'changed', 'board', false)"#)
        .await;
    assert_eq!(shape(&passer_by.frame().await.text), shape(&texts[1]));
    for client in [&mut listener, &mut passer_by] {
        assert_eq!(client.until_heartbeat().await, []);
    }
    // What is rolled back was never said.
    stack
        .run(r#"begin; select realtime.send('{"n": 1}', 'changed', 'board', true); rollback"#)
        .await;
    stack.insert_call("CA1").await;
    let told = listener.event("broadcast").await;
    assert_eq!(
        (&told.payload["event"], &told.payload["payload"]["table"]),
        (&json!("change"), &json!("calls"))
    );
    assert_eq!(told.payload["payload"]["record"]["twilio_call_sid"], "CA1");
    stack.stop().await;
}

#[tokio::test]
async fn version_two_gets_messages_of_the_database_in_binary() {
    let stack = Stack::start().await;
    let mut listener = joined(&stack, "2.0.0", Person::DOUG, &private_board()).await;
    stack
        .run(r#"select realtime.send('{"n": 1}', 'changed', 'board', true)"#)
        .await;
    let Message::Binary(bytes) = listener.message().await else {
        panic!("a binary frame")
    };
    assert_eq!(bytes[..5], [4, 14, 7, 45, 1]);
    let (head, rest) = (&bytes[5..26], &bytes[26..]);
    assert_eq!(head, b"realtime:boardchanged");
    let meta: Value = serde_json::from_slice(&rest[..45]).expect("metadata");
    let payload: Value = serde_json::from_slice(&rest[45..]).expect("a payload");
    assert_eq!(payload, json!({"n": 1, "id": meta["id"]}));
    stack.stop().await;
}

#[tokio::test]
async fn a_client_that_may_speak_is_heard_and_one_that_may_not_is_ignored() {
    let stack = Stack::start().await;
    let mut supervisor = joined(&stack, "1.0.0", Person::SUE, &private_board()).await;
    let mut agent = joined(&stack, "1.0.0", Person::DOUG, &private_board()).await;
    let said = |n: u32| json!({"type": "broadcast", "event": "hello", "payload": {"x": n}});
    agent
        .push(Some("1"), "realtime:board", "broadcast", &said(1))
        .await;
    assert_eq!(
        agent.until_heartbeat().await,
        [],
        "an agent may listen only, and is not told so"
    );
    supervisor
        .push(Some("1"), "realtime:board", "broadcast", &said(2))
        .await;
    let texts = recorded("12-private-broadcast-v1.json");
    let own = supervisor.event("broadcast").await;
    let hello = texts
        .iter()
        .find(|text| text.contains("hello"))
        .expect("recorded");
    assert_eq!(shape(&own.text), shape(hello));
    assert_eq!(
        supervisor.event("phx_reply").await.payload,
        json!({"status": "ok", "response": {}})
    );
    assert_eq!(agent.event("broadcast").await, own);
    assert_eq!(own.payload["payload"]["x"], 2);
    stack.stop().await;
}

#[tokio::test]
async fn a_binary_push_of_version_two_reaches_both_versions() {
    let stack = Stack::start().await;
    let mut sender = joined(&stack, "2.0.0", Person::DOUG, &public()).await;
    let mut old = joined(&stack, "1.0.0", Person::RHONDA, &public()).await;
    let mut new = joined(&stack, "2.0.0", Person::MALLORY, &public()).await;
    let mut frame = vec![3, 1, 1, 14, 5, 0, 1];
    frame.extend_from_slice(b"12realtime:boardhello{\"x\":1}");
    sender
        .socket
        .send(Message::Binary(Bytes::from(frame)))
        .await
        .expect("sent");
    assert_eq!(
        sender.event("phx_reply").await.reference,
        "2",
        "acknowledged, and not sent to itself"
    );
    assert_eq!(
        old.frame().await.text,
        r#"{"ref":null,"event":"broadcast","topic":"realtime:board","payload":{"event":"hello","payload":{"x":1},"type":"broadcast"}}"#
    );
    let expected = b"\x04\x0e\x05\x00\x01realtime:boardhello{\"x\":1}";
    assert_eq!(
        new.message().await,
        Message::Binary(Bytes::from_static(expected))
    );
    stack.stop().await;
}

#[tokio::test]
async fn a_payload_over_the_limit_is_refused_by_a_text() {
    let stack = Stack::start().await;
    let mut client = joined(&stack, "1.0.0", Person::DOUG, &public()).await;
    let big = json!({"type": "broadcast", "event": "x", "payload": {"a": "k".repeat(3_500_000)}});
    client
        .push(Some("1"), "realtime:board", "broadcast", &big)
        .await;
    let reply = client.event("phx_reply").await;
    assert_eq!(
        reply.payload,
        json!({"status": "error", "response": "payload_size_exceeded"})
    );
    stack.stop().await;
}

#[tokio::test]
async fn http_broadcasts_are_accepted_and_delivered_as_far_as_the_caller_may_speak() {
    let stack = Stack::start().await;
    let mut listener = joined(&stack, "1.0.0", Person::DOUG, &private_board()).await;
    let message = |n: u32| json!({"messages": [{"topic": "board", "event": "changed", "payload": {"n": n}, "private": true}]});
    let service =
        secrecy::ExposeSecret::expose_secret(&stack.supabase.keys().service_role).to_owned();
    let anon = stack.supabase.keys().anon.clone();
    assert_eq!(stack.post_broadcast(&anon, &message(1)).await, 202);
    assert_eq!(stack.post_broadcast(&service, &message(2)).await, 202);
    let told = listener.frame().await;
    assert_eq!(
        told.text,
        r#"{"ref":null,"event":"broadcast","topic":"realtime:board","payload":{"event":"changed","payload":{"n":2},"type":"broadcast"}}"#
    );
    assert_eq!(listener.until_heartbeat().await, []);
    assert_eq!(stack.post_broadcast("nonsense", &message(3)).await, 401);
    assert_eq!(
        stack
            .post_broadcast(&service, &json!({"messages": [{}]}))
            .await,
        422
    );
    let broken = reqwest::Client::new()
        .post(format!("{}/api/broadcast", stack.realtime))
        .bearer_auth(&service)
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await
        .expect("an answer");
    assert_eq!(broken.status().as_u16(), 400);
    stack.stop().await;
}

#[tokio::test]
async fn presence_is_told_as_recorded() {
    let stack = Stack::start().await;
    let config = |key: &str| json!({"private": false, "presence": {"key": key, "enabled": true}});
    let mut first = stack.client("1.0.0").await;
    first
        .join("realtime:room1", &stack.token(Person::DOUG), &config("ka"))
        .await;
    first.event("phx_reply").await;
    assert_eq!(first.event("presence_state").await.payload, json!({}));
    let track = |n: u32| json!({"type": "presence", "event": "track", "payload": {"n": n}});
    first
        .push(Some("1"), "realtime:room1", "presence", &track(1))
        .await;
    assert_eq!(first.event("phx_reply").await.payload["status"], "ok");
    let diff = first.event("presence_diff").await.payload;
    let meta = diff["joins"]["ka"]["metas"][0].clone();
    assert_eq!((&meta["n"], &diff["leaves"]), (&json!(1), &json!({})));

    let mut second = stack.client("1.0.0").await;
    second
        .join(
            "realtime:room1",
            &stack.token(Person::RHONDA),
            &config("kb"),
        )
        .await;
    second.event("phx_reply").await;
    assert_eq!(
        second.event("presence_state").await.payload,
        json!({"ka": {"metas": [meta]}})
    );

    first
        .push(Some("1"), "realtime:room1", "presence", &track(3))
        .await;
    first.event("phx_reply").await;
    let diff = second.event("presence_diff").await.payload;
    assert_eq!(diff["leaves"], json!({"ka": {"metas": [meta]}}));
    let newer = diff["joins"]["ka"]["metas"][0].clone();
    assert_eq!(
        (&newer["n"], &newer["phx_ref_prev"]),
        (&json!(3), &meta["phx_ref"])
    );
    drop(first);
    let gone = second.event("presence_diff").await.payload;
    assert_eq!(
        gone,
        json!({"joins": {}, "leaves": {"ka": {"metas": [newer]}}})
    );
    stack.stop().await;
}

#[tokio::test]
async fn messages_older_than_three_days_are_removed_at_the_start_and_later() {
    let stack = Stack::start().await;
    let message = async |age: &str| {
        let sql = format!(
            "insert into realtime.messages (topic, extension, event, payload, inserted_at)
             values ('board', 'broadcast', '{age}', '{{}}', localtimestamp - interval '{age}')"
        );
        stack.run(&sql).await;
    };
    let kept = async || -> Vec<String> {
        let sql = "select event from realtime.messages order by inserted_at";
        let rows = stack.owner.query(sql, &[]).await.expect("messages");
        rows.iter().map(|row| row.get(0)).collect()
    };
    let until_one_is_left = async || {
        let one_is_left = async { while kept().await.len() > 1 {} };
        timeout(PATIENCE, one_is_left).await.expect("it is removed");
        assert_eq!(kept().await, ["71 hours"]);
    };
    message("73 hours").await;
    message("71 hours").await;
    let limits = Limits {
        prune_interval: Duration::from_millis(20),
        ..Limits::default()
    };
    stack.serve_with(limits).await;
    until_one_is_left().await;
    message("30 days").await;
    until_one_is_left().await;
    stack.stop().await;
}
