//! `postgres_changes`: what is told, to whom, in which shape.

use serde_json::json;

use crate::{
    harness::{Person, Stack, calls},
    shape::{recorded, shape},
};

/// Does what the recording `01a-basics` did, and gives the server's frames.
async fn basics(stack: &Stack, version: &str, topic: &str, sids: [&str; 2]) -> Vec<String> {
    let mut client = stack.client(version).await;
    let mut frames = Vec::new();
    let join = client
        .join(topic, &stack.token(Person::DOUG), &calls())
        .await;
    frames.push(client.event("phx_reply").await);
    frames.push(client.event("system").await);
    client.push(None, "phoenix", "heartbeat", &json!({})).await;
    frames.push(client.event("phx_reply").await);
    let doug = Person::DOUG.user;
    let [first, second] = sids;
    let changes = [
        format!(r#"insert into calls (twilio_call_sid, from_number, to_number, caller_name) values ('{first}', '+15550100', '+15550199', E'Žofie "Q" \\ 🙂\nline2')"#),
        format!("update calls set status = 'active', assigned_to = '{doug}' where twilio_call_sid = '{first}'"),
        format!("update calls set status = 'parked', assigned_to = null, parking_slot = 7 where twilio_call_sid = '{first}'"),
        format!("insert into calls (twilio_call_sid, from_number, to_number, status, on_hold, version, end_reason, created_at, ended_at)
                 values ('{second}', '+1', '+2', 'ended', true, 9007199254740993, '', '2026-01-02 03:04:05+00', '2026-01-02 03:04:05.5+00')"),
        format!("delete from call_events using calls c where c.id = call_id and twilio_call_sid in ('{first}', '{second}');
                 delete from calls where twilio_call_sid in ('{first}', '{second}')"),
    ];
    for change in &changes {
        stack.run(change).await;
        frames.push(client.event("postgres_changes").await);
    }
    frames.push(client.event("postgres_changes").await);
    client
        .push(Some(&join), topic, "phx_leave", &json!({}))
        .await;
    frames.push(client.event("phx_reply").await);
    frames.push(client.event("phx_close").await);
    assert!(
        frames[6].text.contains(r#""version": 9007199254740993,"#),
        "an int8 keeps every digit"
    );
    frames.into_iter().map(|frame| frame.text).collect()
}

#[tokio::test]
async fn a_call_is_told_as_the_real_server_tells_it_in_both_versions() {
    let stack = Stack::start().await;
    let runs = [
        (
            "01a-basics-v1.json",
            "1.0.0",
            "realtime:board",
            ["RTmws1xc8n20840_1", "RTmws1xc8n20840_2"],
        ),
        (
            "01a-basics-v2.json",
            "2.0.0",
            "realtime:board2",
            ["RTmws1xc8n20840_4", "RTmws1xc8n20840_5"],
        ),
    ];
    for (recording, version, topic, sids) in runs {
        let told = basics(&stack, version, topic, sids).await;
        let recorded = recorded(recording);
        assert_eq!(told.len(), recorded.len());
        for (told, recorded) in told.iter().zip(&recorded) {
            assert_eq!(shape(told), shape(recorded));
        }
    }
    stack.stop().await;
}

#[tokio::test]
async fn each_subscriber_gets_what_its_rights_show() {
    let stack = Stack::start().await;
    let mut member = stack.client("1.0.0").await;
    let mut outsider = stack.client("1.0.0").await;
    let mut anonymous = stack.client("1.0.0").await;
    let mut service = stack.client("1.0.0").await;
    member.join_calls(&stack.token(Person::DOUG)).await;
    outsider.join_calls(&stack.token(Person::MALLORY)).await;
    let anon = stack.supabase.keys().anon.clone();
    anonymous.join_calls(&anon).await;
    let service_key =
        secrecy::ExposeSecret::expose_secret(&stack.supabase.keys().service_role).to_owned();
    service.join_calls(&service_key).await;

    let call = stack.insert_call("CA1").await;
    for client in [&mut member, &mut service] {
        assert_eq!(
            client.event("postgres_changes").await.payload["data"]["record"]["id"],
            json!(call)
        );
    }
    // Rights are asked of the row as it is: a member who is none any more is told no more, and gets no word of it.
    stack.run("update voip_users set user_id = (select id from auth.users where email = 'mallory@example.com') where identity = 'doug'").await;
    stack.run("update calls set end_reason = 'x'").await;
    assert_eq!(
        service.event("postgres_changes").await.payload["data"]["type"],
        "UPDATE"
    );
    assert_eq!(
        outsider.event("postgres_changes").await.payload["data"]["type"],
        "UPDATE"
    );
    assert_eq!(member.until_heartbeat().await, []);

    // A deletion reaches everybody who may select the key, and tells the key alone.
    stack
        .run("delete from call_events; delete from calls")
        .await;
    for client in [&mut member, &mut outsider, &mut service] {
        let data = &client.event("postgres_changes").await.payload["data"];
        assert_eq!(
            (&data["type"], &data["old_record"]),
            (&json!("DELETE"), &json!({"id": call}))
        );
        assert_eq!(data.get("record"), None);
    }
    assert_eq!(anonymous.until_heartbeat().await, []);
    stack.stop().await;
}

#[tokio::test]
async fn a_transaction_is_told_in_order_and_one_that_is_rolled_back_is_not() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    let config = json!({"postgres_changes": [{"event": "*", "schema": "public"}]});
    client
        .join("realtime:all", &stack.token(Person::DOUG), &config)
        .await;
    client.event("phx_reply").await;
    client.event("system").await;
    stack.run("begin; insert into calls (twilio_call_sid, from_number, to_number) values ('gone', '1', '2'); rollback").await;
    stack.insert_call("CA1").await;
    stack
        .run(&format!(
            "update calls set status = 'active', assigned_to = '{}'",
            Person::DOUG.user
        ))
        .await;
    let mut told = Vec::new();
    let mut times = Vec::new();
    for _ in 0..3 {
        let frame = client.event("postgres_changes").await;
        told.push(format!(
            "{} {}",
            frame.payload["data"]["type"], frame.payload["data"]["table"]
        ));
        times.push(frame.payload["data"]["commit_timestamp"].clone());
    }
    assert_eq!(
        told,
        [
            r#""INSERT" "calls""#,
            r#""UPDATE" "calls""#,
            r#""UPDATE" "voip_users""#
        ]
    );
    assert_eq!(times[1], times[2], "one transaction has one time");
    stack.stop().await;
}

#[tokio::test]
async fn columns_that_a_role_may_not_select_are_neither_told_nor_listed() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    let config =
        json!({"postgres_changes": [{"event": "*", "schema": "public", "table": "notices"}]});
    client
        .join("realtime:notices", &stack.token(Person::MALLORY), &config)
        .await;
    client.event("phx_reply").await;
    client.event("system").await;
    stack
        .run("insert into notices values (1, 'hello', 'hidden')")
        .await;
    let data = client.event("postgres_changes").await.payload["data"].take();
    assert_eq!(
        data["record"],
        json!({"id": 1, "text": "hello"}),
        "a table without policies is shown to all"
    );
    assert_eq!(
        data["columns"],
        json!([{"name": "id", "type": "int8"}, {"name": "text", "type": "text"}])
    );
    stack.stop().await;
}

#[tokio::test]
async fn big_rows_are_told_as_recorded() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    client.join_calls(&stack.token(Person::DOUG)).await;
    let mut next = async |sql: &str| {
        stack.run(sql).await;
        client.event("postgres_changes").await.payload["data"].take()
    };
    // Noise, because what compresses well is not stored out of line.
    let noise = "(select string_agg(md5(n::text), '') from generate_series(1, 30000) n)";
    let told = next(&format!(
        "insert into calls (twilio_call_sid, from_number, to_number, caller_name) values ('a', '1', '2', {noise})"
    ))
    .await;
    assert_eq!(
        told["record"]["caller_name"].as_str().map(str::len),
        Some(960_000)
    );
    assert_eq!(told["errors"], json!(null));

    let told = next("update calls set end_reason = 'q'").await;
    assert_eq!(
        told["record"].get("caller_name"),
        None,
        "an unchanged value out of line is not told"
    );
    assert_eq!(
        (&told["record"]["end_reason"], &told["errors"]),
        (&json!("q"), &json!(null))
    );

    let told = next(&format!(
        "insert into calls (twilio_call_sid, from_number, to_number, caller_name) values ('b', '1', '2', {noise} || {noise})"
    ))
    .await;
    assert_eq!(told["errors"], json!(["Error 413: Payload Too Large"]));
    let keys: Vec<&String> = told["record"]
        .as_object()
        .expect("a record")
        .keys()
        .collect();
    let mut recorded = vec![
        "id",
        "epoch",
        "status",
        "on_hold",
        "version",
        "direction",
        "to_number",
        "created_at",
        "from_number",
        "twilio_call_sid",
    ];
    recorded.sort_unstable();
    let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, recorded, "only short values that are not null");
    stack.stop().await;
}

#[tokio::test]
async fn a_kind_of_change_that_is_not_published_is_told_to_nobody() {
    let stack = Stack::start().await;
    stack
        .run("alter publication supabase_realtime set (publish = 'insert, update')")
        .await;
    let mut client = stack.client("1.0.0").await;
    let config =
        json!({"postgres_changes": [{"event": "*", "schema": "public", "table": "calls"}]});
    client
        .join("realtime:all", &stack.token(Person::DOUG), &config)
        .await;
    client.event("phx_reply").await;
    client.event("system").await;
    for sid in ["CA1", "CA2"] {
        stack.insert_call(sid).await;
        let data = &client.event("postgres_changes").await.payload["data"];
        assert_eq!(data["type"], "INSERT");
        assert_eq!(data["record"]["twilio_call_sid"], sid);
        stack
            .run("delete from call_events; delete from calls")
            .await;
    }
    assert_eq!(client.until_heartbeat().await, []);
    stack.stop().await;
}
