//! Links that are broken on purpose: what the client sees of it, and what comes after.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use serde_json::json;
use switchboard_local_supabase::RealtimeOptions;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::{
    client::Client,
    harness::{PATIENCE, Person, Stack},
};

/// Reads until the socket ends; a close frame is none of the ends that a cut has.
async fn assert_cut(client: &mut Client) {
    let end = timeout(PATIENCE, client.socket.next())
        .await
        .expect("an end in time");
    assert!(matches!(end, None | Some(Err(_))), "no goodbye: {end:?}");
}

/// Waits until as many sockets are open as said.
async fn until_open(stack: &Stack, sockets: usize) {
    let open = async {
        while stack.supabase.realtime_links().open() != sockets {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, open).await.expect("the sockets are told");
}

#[tokio::test]
async fn dropped_sockets_end_without_a_goodbye_and_later_ones_live() {
    let stack = Stack::start().await;
    let token = stack.token(Person::DOUG);
    let mut joined = stack.client("1.0.0").await;
    joined.join_calls(&token).await;
    let mut fresh = stack.client("2.0.0").await;
    until_open(&stack, 2).await;
    stack.supabase.realtime_links().drop_all();
    assert_cut(&mut joined).await;
    assert_cut(&mut fresh).await;
    until_open(&stack, 0).await;
    let mut later = stack.client("1.0.0").await;
    later.join_calls(&token).await;
    stack.insert_call("CA1").await;
    later.event("postgres_changes").await;
    stack.stop().await;
}

#[tokio::test]
async fn a_half_open_socket_carries_nothing_until_it_is_healed_and_a_new_one_works() {
    let stack = Stack::start().await;
    let token = stack.token(Person::DOUG);
    let mut held = stack.client("1.0.0").await;
    held.join_calls(&token).await;
    stack.supabase.realtime_links().half_open();
    held.push(None, "phoenix", "heartbeat", &json!({})).await;
    held.socket
        .send(Message::Ping(Bytes::from_static(b"?")))
        .await
        .expect("sent");
    let mut witness = stack.client("1.0.0").await;
    witness.join_calls(&token).await;
    for sid in ["CA1", "CA2"] {
        stack.insert_call(sid).await;
        witness.event("postgres_changes").await;
    }
    assert_eq!(witness.until_heartbeat().await, []);
    assert!(
        futures::FutureExt::now_or_never(held.socket.next()).is_none(),
        "neither change nor answer nor pong"
    );
    stack.supabase.realtime_links().heal();
    // The pong comes when it likes: the answer to a ping is of the layer below.
    let mut texts = Vec::new();
    let mut pongs = Vec::new();
    for _ in 0..4 {
        match held.message().await {
            Message::Pong(body) => pongs.push(body),
            other => texts.push(other.into_text().expect("a text").to_string()),
        }
    }
    assert_eq!(pongs, ["?"]);
    let is_answer = |text: &String| text.contains("phx_reply");
    assert_eq!(
        texts.iter().map(is_answer).collect::<Vec<_>>(),
        [false, false, true]
    );
    assert_eq!(held.until_heartbeat().await, []);
    stack.stop().await;
}

#[tokio::test]
async fn a_stack_stops_at_once_with_a_half_open_socket() {
    let stack = Stack::start().await;
    let mut held = stack.client("1.0.0").await;
    held.join_calls(&stack.token(Person::DOUG)).await;
    stack.supabase.realtime_links().half_open();
    timeout(PATIENCE, stack.stop()).await.expect("it stops");
    assert_cut(&mut held).await;
}

#[tokio::test]
async fn a_delayed_frame_comes_late_each_way_in_order_and_without_holding_up_the_next() {
    // One after the other, these delays would take longer than a test has patience.
    let delay = Duration::from_secs(1);
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    client.join_calls(&stack.token(Person::DOUG)).await;
    stack.supabase.realtime_links().delay(delay);
    let begun = Instant::now();
    assert_eq!(client.until_heartbeat().await, []);
    assert!(begun.elapsed() >= 2 * delay, "there and back");
    let begun = Instant::now();
    let mut calls = Vec::new();
    for n in 0..100 {
        calls.push(json!(stack.insert_call(&format!("CA{n}")).await));
    }
    let all = async {
        for call in calls {
            let told = client.event("postgres_changes").await;
            assert_eq!(told.payload["data"]["record"]["id"], call);
        }
    };
    timeout(PATIENCE, all).await.expect("one delay for all");
    assert!(begun.elapsed() >= delay);
    stack
        .supabase
        .realtime_links()
        .delay(Duration::from_secs(3600));
    let pushed = client.push(None, "phoenix", "heartbeat", &json!({})).await;
    stack.supabase.realtime_links().heal();
    assert_eq!(client.event("phx_reply").await.reference, pushed.as_str());
    stack.stop().await;
}

#[tokio::test]
async fn handshakes_can_be_refused_for_a_while() {
    let stack = Stack::start().await;
    let mut open = stack.client("1.0.0").await;
    stack.supabase.realtime_links().refuse();
    let query = format!("apikey={}", stack.supabase.keys().anon);
    let Err(Error::Http(refused)) = stack.handshake(&query).await else {
        panic!("let in")
    };
    assert_eq!(refused.status().as_u16(), 503);
    assert_eq!(open.until_heartbeat().await, []);
    stack.supabase.realtime_links().heal();
    stack.handshake(&query).await.expect("let in again");
    stack.stop().await;
}

#[tokio::test]
async fn the_fault_route_is_there_only_if_asked_for_and_obeys_the_service_key_alone() {
    let ask = async |stack: &Stack, fault: &str, key: &str| {
        let url = format!("{}/local/realtime-links/{fault}", stack.supabase.url());
        let request = reqwest::Client::new().post(url).header("apikey", key);
        request.send().await.expect("an answer").status().as_u16()
    };
    let service = |stack: &Stack| {
        secrecy::ExposeSecret::expose_secret(&stack.supabase.keys().service_role).to_owned()
    };
    let plain = Stack::start().await;
    assert_eq!(ask(&plain, "drop", &service(&plain)).await, 404);
    plain.stop().await;

    let options = RealtimeOptions {
        fault_route: true,
        ..RealtimeOptions::default()
    };
    let stack = Stack::start_with(options).await;
    let key = service(&stack);
    let mut client = stack.client("1.0.0").await;
    let anon = stack.supabase.keys().anon.clone();
    assert_eq!(ask(&stack, "drop", &anon).await, 401);
    assert_eq!(ask(&stack, "burn", &key).await, 404);
    assert_eq!(ask(&stack, "delay?ms=600000", &key).await, 422);
    assert_eq!(client.until_heartbeat().await, []);
    for (fault, status) in [
        ("half-open", 204),
        ("delay?ms=1", 204),
        ("refuse", 204),
        ("heal", 204),
    ] {
        assert_eq!(ask(&stack, fault, &key).await, status, "{fault}");
    }
    assert_eq!(client.until_heartbeat().await, []);
    assert_eq!(ask(&stack, "drop", &key).await, 204);
    assert_cut(&mut client).await;
    stack.stop().await;
}
