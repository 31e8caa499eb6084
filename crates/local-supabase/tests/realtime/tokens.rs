//! The end of a channel's token, and newer tokens for it.

use serde_json::json;

use crate::{
    client::Client,
    harness::{Person, Stack, private_board, short},
};

/// Seconds that a token lives whose end a test waits for: enough to join with it on a busy machine.
const LIFE: i64 = 10;

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
