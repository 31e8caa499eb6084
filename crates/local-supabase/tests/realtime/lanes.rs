//! The streams behind the two lanes: losing the database, emulated polling, the rate limit, slow readers.

use std::time::{Duration, Instant};

use serde_json::json;
use switchboard_local_supabase::{RealtimeOptions, realtime::Limits};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{PATIENCE, Person, Stack, calls, private_board};

/// A channel with both lanes: the private board and the changes of calls.
fn both_lanes() -> serde_json::Value {
    let mut config = private_board();
    config["postgres_changes"] = calls()["postgres_changes"].take();
    config
}

#[tokio::test]
async fn one_private_channel_carries_both_lanes_and_only_for_members() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    client
        .join("realtime:board", &stack.token(Person::DOUG), &both_lanes())
        .await;
    client.event("phx_reply").await;
    client.event("system").await;
    let call = stack.insert_call("CA1").await;
    let mut lanes = [client.frame().await, client.frame().await];
    lanes.sort_by_key(|frame| frame.event.to_string());
    let [fast, slow] = lanes;
    assert_eq!(
        (&fast.event, &slow.event),
        (&json!("broadcast"), &json!("postgres_changes"))
    );
    assert_eq!(fast.payload["payload"]["record"]["id"], json!(call));
    assert_eq!(slow.payload["data"]["record"]["id"], json!(call));
    assert_eq!(
        fast.payload["payload"]["record"], slow.payload["data"]["record"],
        "both lanes tell the same row"
    );
    assert_eq!(
        client.until_heartbeat().await,
        [],
        "one message for each lane"
    );
    stack.stop().await;
}

#[tokio::test]
async fn changes_flow_again_after_the_database_cut_every_connection() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    client
        .join("realtime:board", &stack.token(Person::DOUG), &both_lanes())
        .await;
    client.event("phx_reply").await;
    client.event("system").await;
    let admin = stack.supabase.connect_admin().await.expect("admin");
    let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                where usename = 'supabase_admin' and pid <> pg_backend_pid() and backend_type in ('walsender', 'client backend')";
    let ended: i64 = admin.query_one(cut, &[]).await.expect("cut").get(0);
    assert!(ended >= 2, "the stream and the poller's connection");
    // What is committed meanwhile is lost, as on the real server; so changes are made until one arrives.
    let mut tries = 0;
    let begun = Instant::now();
    let told = loop {
        tries += 1;
        stack.insert_call(&format!("CA{tries}")).await;
        let told = client.until_heartbeat().await;
        let lanes = ["broadcast", "postgres_changes"]
            .map(|lane| told.iter().any(|frame| frame.event == lane));
        if lanes == [true, true] {
            break told;
        }
        assert!(begun.elapsed() < PATIENCE, "nothing comes back");
    };
    assert!(
        told.iter().all(|frame| frame.event != "phx_close"),
        "no word of it"
    );
    stack.stop().await;
}

fn poll_delay(delay: Duration) -> RealtimeOptions {
    RealtimeOptions {
        poll_delay: Some(delay..=delay),
        ..RealtimeOptions::default()
    }
}

#[tokio::test]
async fn with_a_poll_delay_a_change_waits_for_the_next_poll() {
    let delay = Duration::from_millis(700);
    let stack = Stack::start_with(poll_delay(delay)).await;
    let mut client = stack.client("1.0.0").await;
    client.join_calls(&stack.token(Person::DOUG)).await;
    // The first change is told by a poll, and the second by another one, a whole delay later.
    let begun = Instant::now();
    for sid in ["CA1", "CA2"] {
        stack.insert_call(sid).await;
        client.event("postgres_changes").await;
    }
    assert!(begun.elapsed() >= delay, "it did not wait");
    stack.stop().await;
}

#[tokio::test]
async fn a_broadcast_does_not_wait_for_a_poll() {
    let stack = Stack::start_with(poll_delay(Duration::from_secs(3600))).await;
    let mut client = stack.client("1.0.0").await;
    client
        .join("realtime:board", &stack.token(Person::DOUG), &both_lanes())
        .await;
    client.event("phx_reply").await;
    client.event("system").await;
    for sid in ["CA1", "CA2"] {
        stack.insert_call(sid).await;
        client.event("broadcast").await;
    }
    assert_eq!(client.until_heartbeat().await, [], "no poll was due");
    stack.stop().await;
}

#[tokio::test]
async fn above_the_rate_limit_messages_vanish_without_a_word() {
    let stack = Stack::start_with(RealtimeOptions {
        rate_limit: Some(1),
        ..RealtimeOptions::default()
    })
    .await;
    // One that hears itself: its own word comes before the acknowledgement, or it is lost.
    let mut client = stack.client("1.0.0").await;
    client
        .join(
            "realtime:board",
            &stack.token(Person::SUE),
            &private_board(),
        )
        .await;
    client.event("phx_reply").await;
    let mut heard = 0;
    loop {
        let said = json!({"type": "broadcast", "event": "e", "payload": {"n": heard}});
        client
            .push(None, "realtime:board", "broadcast", &said)
            .await;
        let frame = client.frame().await;
        if frame.event == "phx_reply" {
            assert_eq!(frame.payload["status"], "ok", "it is not told of the loss");
            break;
        }
        assert_eq!(frame.payload["payload"]["n"], heard);
        client.event("phx_reply").await;
        heard += 1;
        assert!(heard < 100_000, "nothing is lost");
    }
    assert!(heard > 5, "the first five seconds are free");
    assert_eq!(
        client.until_heartbeat().await,
        [],
        "and the socket lives on"
    );
    stack.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_and_the_others_go_on() {
    let limits = Limits {
        waiting_frames: 8,
        waiting_bytes: 1 << 20,
        ..Limits::default()
    };
    let stack = Stack::start().await.with_limits(limits).await;
    let mut slow = stack.client("1.0.0").await;
    let mut quick = stack.client("1.0.0").await;
    for client in [&mut slow, &mut quick] {
        client
            .join(
                "realtime:board",
                &stack.token(Person::DOUG),
                &private_board(),
            )
            .await;
        client.event("phx_reply").await;
    }
    // More than the kernel's buffers of a connection hold.
    for n in 0..200 {
        stack.run(&format!("select realtime.send(jsonb_build_object('n', {n}, 'pad', repeat('x', 200000)), 'e', 'board', true)")).await;
        assert_eq!(quick.event("broadcast").await.payload["payload"]["n"], n);
    }
    let cut = async {
        while let Some(Ok(message)) = futures::StreamExt::next(&mut slow.socket).await {
            assert!(!matches!(message, Message::Close(_)), "a cut, not a close");
        }
    };
    timeout(PATIENCE, cut).await.expect("it is cut");
    assert_eq!(quick.until_heartbeat().await, []);
    stack.stop().await;
}

/// The stream tells of a commit a moment before other sessions can see it, so that a question about the row that is
/// asked at once may come too early.
#[tokio::test]
async fn no_change_is_lost_by_being_told_before_it_can_be_seen() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    client.join_calls(&stack.token(Person::DOUG)).await;
    for n in 0..1000 {
        let call = stack.insert_call(&format!("CA{n}")).await;
        let told = client.event("postgres_changes").await;
        assert_eq!(
            told.payload["data"]["record"]["id"],
            json!(call),
            "change {n}"
        );
    }
    stack.stop().await;
}
