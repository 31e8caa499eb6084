//! Which changes the bindings of a join choose, and those that cannot be served.

use serde_json::json;

use crate::{
    client::Client,
    harness::{Person, Stack},
    shape::{recorded, shape},
};

#[tokio::test]
async fn bindings_choose_by_event_table_and_filter() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    let binding = |event: &str, filter: &str| json!({"event": event, "schema": "public", "table": "calls", "filter": filter});
    let config = json!({"postgres_changes": [
        {"event": "*", "schema": "public", "table": "calls"},
        {"event": "*", "schema": "public", "table": "calls"},
        {"event": "insert", "schema": "public", "table": "calls"},
        binding("UPDATE", "status=eq.ringing"),
        binding("UPDATE", "epoch=gte.1"),
        binding("*", "status=in.(parked,ended)"),
        binding("*", "parking_slot=neq.3"),
    ]});
    client
        .join("realtime:board", &stack.token(Person::DOUG), &config)
        .await;
    let reply = client.event("phx_reply").await;
    let listed = reply.payload["response"]["postgres_changes"]
        .as_array()
        .expect("bindings")
        .clone();
    let ids: Vec<u64> = listed
        .iter()
        .map(|binding| binding["id"].as_u64().expect("an id"))
        .collect();
    client.event("system").await;
    let mut next = async |sql: &str| {
        stack.run(sql).await;
        let ids = client.event("postgres_changes").await.payload["ids"].take();
        serde_json::from_value::<Vec<u64>>(ids).expect("ids")
    };
    // The last binding comes first, and a doubled one twice.
    assert_eq!(
        next(
            "insert into calls (twilio_call_sid, from_number, to_number) values ('CA1', '1', '2')"
        )
        .await,
        [ids[2], ids[1], ids[0]]
    );
    assert_eq!(
        next("update calls set end_reason = 'x'").await,
        [ids[3], ids[1], ids[0]]
    );
    assert_eq!(
        next("update calls set status = 'parked', parking_slot = 4").await,
        [ids[6], ids[5], ids[4], ids[1], ids[0]]
    );
    assert_eq!(
        next("update calls set status = 'ended'").await,
        [ids[5], ids[4], ids[1], ids[0]]
    );
    stack.stop().await;
}

#[tokio::test]
async fn bindings_that_cannot_be_served_are_answered_as_recorded_and_silence_the_good_ones() {
    let stack = Stack::start().await;
    let recordings = [
        "01c-bad-filter-column.json",
        "01c-bad-filter-syntax.json",
        "01c-missing-schema.json",
        "01c-missing-table.json",
        "01c-no-params.json",
        "01c-unprivileged-schema.json",
        "01c-unpublished-table.json",
        "03a-unknown-role.json",
    ];
    for name in recordings {
        let path = format!(
            "{}/tests/golden/realtime/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        let recording: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).expect("recording")).expect("json");
        let sent = recording["events"]
            .as_array()
            .expect("events")
            .iter()
            .find(|event| event["dir"] == "c>s");
        let sent: serde_json::Value =
            serde_json::from_str(sent.expect("a join")["raw"].as_str().expect("text"))
                .expect("json");
        let token = if name.starts_with("03a") {
            let claims = json!({"role": "nobody", "exp": 4_000_000_000_i64});
            stack.supabase.gateway().jwt.sign(&claims)
        } else {
            stack.token(Person::DOUG)
        };
        let mut client = stack.client("1.0.0").await;
        client
            .join("realtime:board", &token, &sent["payload"]["config"])
            .await;
        let told = [
            client.event("phx_reply").await,
            client.event("system").await,
        ];
        for (told, recorded) in told.iter().zip(recorded(name)) {
            assert_eq!(shape(&told.text), shape(&recorded), "{name}");
        }
    }
    let mut client = stack.client("1.0.0").await;
    let config = json!({"postgres_changes": [
        {"event": "*", "schema": "public", "table": "calls"}, {"event": "*", "schema": "public", "table": "nope"},
    ]});
    client
        .join("realtime:board", &stack.token(Person::DOUG), &config)
        .await;
    client.event("phx_reply").await;
    assert_eq!(client.event("system").await.payload["status"], "error");
    assert_silent_about_a_call(&stack, &mut client).await;
    stack.stop().await;
}

/// Inserts a call and waits until somebody else was told of it.
async fn assert_silent_about_a_call(stack: &Stack, client: &mut Client) {
    let mut witness = stack.client("1.0.0").await;
    witness.join_calls(&stack.token(Person::RHONDA)).await;
    stack.insert_call("witnessed").await;
    witness.event("postgres_changes").await;
    assert_eq!(client.until_heartbeat().await, []);
}
