//! Values of many types, keys of many kinds, and what is not told at all.

use serde_json::{Value, json};

use switchboard_local_supabase::RealtimeOptions;

use crate::{
    client::Client,
    harness::{Person, Stack},
};

async fn watching(stack: &Stack, table: &str) -> Client {
    let mut client = stack.client("1.0.0").await;
    let config = json!({"postgres_changes": [{"event": "*", "schema": "public", "table": table}]});
    client
        .join("realtime:values", &stack.token(Person::DOUG), &config)
        .await;
    client.event("phx_reply").await;
    assert_eq!(client.event("system").await.payload["status"], "ok");
    client
}

async fn next(stack: &Stack, client: &mut Client, sql: &str) -> Value {
    stack.run(sql).await;
    client.event("postgres_changes").await.payload["data"].take()
}

#[tokio::test]
async fn values_are_told_as_postgres_makes_json_of_them() {
    let stack = Stack::start().await;
    stack
        .run(
            "create type mood as enum ('glad', 'so so');
             create table kinds (id int primary key, n numeric, f float8, r real, j json, b jsonb, a int[], t text[],
               raw bytea, m mood, d date, c time, s timestamp, z timestamptz, i interval, p inet, u text, e text, x text);
             grant select on kinds to authenticated;
             alter publication supabase_realtime add table kinds",
        )
        .await;
    let mut client = watching(&stack, "kinds").await;
    let data = next(
        &stack,
        &mut client,
        "insert into kinds values (1, 12345678901234567890.10, 0.1, 1.5, '{\"a\":  1}', '{\"b\": [1,null]}', '{1,null,3}',
           '{\"a b\",c}', '\\x00ff', 'so so', '2026-02-28', '23:59:59.5', '2026-02-28 01:02:03.4', '2026-02-28 01:02:03+02',
           '1 day 2 hours', '10.0.0.1', E'Ž 🙂 \" \\\\ \\n', '', null)",
    )
    .await;
    let text = |name: &str| data["record"][name].to_string();
    let told: Vec<String> = [
        "f", "r", "j", "b", "a", "t", "raw", "m", "d", "c", "s", "z", "i", "p", "e", "x",
    ]
    .map(text)
    .into();
    assert_eq!(
        told,
        [
            "0.1",
            "1.5",
            r#"{"a":1}"#,
            r#"{"b":[1,null]}"#,
            "[1,null,3]",
            r#"["a b","c"]"#,
            r#""00ff""#,
            r#""so so""#,
            r#""2026-02-28""#,
            r#""23:59:59.5""#,
            r#""2026-02-28T01:02:03.4""#,
            r#""2026-02-27T23:02:03+00:00""#,
            r#""1 day 02:00:00""#,
            r#""10.0.0.1""#,
            r#""""#,
            "null",
        ]
    );
    let types: Vec<&str> = data["columns"]
        .as_array()
        .expect("columns")
        .iter()
        .filter_map(|column| column["type"].as_str())
        .collect();
    assert_eq!(
        types[..8],
        [
            "int4", "numeric", "float8", "float4", "json", "jsonb", "_int4", "_text"
        ]
    );
    stack.stop().await;
}

#[tokio::test]
async fn a_table_with_full_identity_tells_its_old_row_and_one_without_a_key_tells_nothing() {
    let stack = Stack::start().await;
    stack
        .run(
            "create table whole (id int primary key, word text); alter table whole replica identity full;
             create table keyless (word text); alter table keyless replica identity full;
             create table pairs (a int, b text, word text, primary key (a, b));
             grant select on whole, keyless, pairs to authenticated;
             alter publication supabase_realtime add table whole, keyless, pairs",
        )
        .await;
    let mut client = watching(&stack, "*").await;
    next(&stack, &mut client, "insert into whole values (1, 'old')").await;
    let data = next(&stack, &mut client, "update whole set word = 'new'").await;
    assert_eq!(
        (&data["record"], &data["old_record"]),
        (
            &json!({"id": 1, "word": "new"}),
            &json!({"id": 1, "word": "old"})
        )
    );
    let data = next(&stack, &mut client, "delete from whole").await;
    assert_eq!(data["old_record"], json!({"id": 1, "word": "new"}));

    next(
        &stack,
        &mut client,
        "insert into pairs values (1, 'x', 'w')",
    )
    .await;
    let data = next(&stack, &mut client, "update pairs set b = 'y'").await;
    assert_eq!(data["old_record"], json!({"a": 1, "b": "x"}));
    let data = next(&stack, &mut client, "delete from pairs").await;
    assert_eq!(data["old_record"], json!({"a": 1, "b": "y"}));

    // A truncation and a table without a key are told to nobody.
    stack
        .run("insert into keyless values ('unseen'); truncate whole")
        .await;
    let data = next(&stack, &mut client, "insert into whole values (2, 'after')").await;
    assert_eq!(data["record"]["word"], "after");
    assert_eq!(client.until_heartbeat().await, []);
    stack.stop().await;
}

#[tokio::test]
async fn several_channels_of_one_socket_get_what_each_asked_for() {
    let stack = Stack::start().await;
    let mut client = stack.client("2.0.0").await;
    let token = stack.token(Person::DOUG);
    for (topic, event) in [
        ("realtime:a", "INSERT"),
        ("realtime:b", "DELETE"),
        ("realtime:c", "UPDATE"),
    ] {
        let config =
            json!({"postgres_changes": [{"event": event, "schema": "public", "table": "calls"}]});
        client.join(topic, &token, &config).await;
    }
    // Each is answered before it is told that it is subscribed; how the channels interleave is a matter of time.
    let mut told = Vec::new();
    for _ in 0..6 {
        let frame = client.frame().await;
        assert_eq!(frame.payload["status"], "ok", "{}", frame.text);
        told.push([frame.topic, frame.event].map(|name| name.as_str().map(str::to_owned)));
    }
    told.sort_by(|one, other| one[0].cmp(&other[0]));
    let each = |topic: &str| {
        ["phx_reply", "system"].map(|event| [topic, event].map(|name| Some(name.to_owned())))
    };
    assert_eq!(
        told,
        ["realtime:a", "realtime:b", "realtime:c"]
            .map(each)
            .concat()
    );
    stack.insert_call("CA1").await;
    assert_eq!(client.event("postgres_changes").await.topic, "realtime:a");
    stack.run("update calls set end_reason = 'x'").await;
    assert_eq!(client.event("postgres_changes").await.topic, "realtime:c");
    stack
        .run("delete from call_events; delete from calls")
        .await;
    assert_eq!(client.event("postgres_changes").await.topic, "realtime:b");
    assert_eq!(client.until_heartbeat().await, []);
    stack.stop().await;
}

/// Recorded as `11b-mixed-vsn-count`: which sockets it meets is drawn at their joins.
#[tokio::test]
async fn where_versions_mix_some_sockets_get_the_other_format_if_asked_for() {
    let stack = Stack::start_with(RealtimeOptions {
        mixed_formats: true,
        ..RealtimeOptions::default()
    })
    .await;
    let token = stack.token(Person::DOUG);
    let mut clients = Vec::new();
    for n in 0..60 {
        let mut client = stack.client(["1.0.0", "2.0.0"][n % 2]).await;
        client.join_calls(&token).await;
        clients.push(client);
    }
    stack.insert_call("CA1").await;
    let mut strays = 0;
    for (n, client) in clients.iter_mut().enumerate() {
        let is_array = client.event("postgres_changes").await.text.starts_with('[');
        strays += usize::from(is_array != (n % 2 == 1));
    }
    // By chance alone none, or all, would be less likely than one in ten million.
    assert!((1..60).contains(&strays), "{strays} of 60");
    stack.stop().await;
}
