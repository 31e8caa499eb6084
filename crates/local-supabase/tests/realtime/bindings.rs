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

/// Which of the given filters a call passes that was parked with a text, a null and a slot.
#[tokio::test]
async fn every_operator_compares_as_postgres_does() {
    let cases = [
        ("parking_slot=eq.4", true),
        ("parking_slot=eq.5", false),
        ("parking_slot=not.eq.5", true),
        ("parking_slot=neq.4", false),
        ("parking_slot=lt.10", true),
        ("parking_slot=lte.4", true),
        ("parking_slot=gt.10", false),
        ("parking_slot=gte.4", true),
        ("parking_slot=in.(3,4)", true),
        ("parking_slot=not.in.(3,4)", false),
        ("caller_name=like.%ofie%", true),
        ("caller_name=like.%OFIE%", false),
        ("caller_name=ilike.%OFIE%", true),
        ("caller_name=match.^Ž", true),
        ("caller_name=imatch.FIE$", true),
        ("caller_name=eq.\"Žofie\"", true),
        ("end_reason=is.null", true),
        ("end_reason=not.is.null", false),
        ("caller_name=is.null", false),
        ("on_hold=is.false", true),
        ("end_reason=isdistinct.x", true),
        ("caller_name=isdistinct.Žofie", false),
        ("end_reason=eq.x", false),
        ("end_reason=neq.x", false),
        ("end_reason=not.eq.x", false),
        ("created_at=gt.2020-01-01", true),
        ("version=lt.9007199254740993", true),
        ("status=eq.parked,parking_slot=eq.4", true),
        ("status=eq.parked,parking_slot=eq.5", false),
        ("", true),
    ];
    let stack = Stack::start().await;
    stack
        .run("insert into calls (twilio_call_sid, from_number, to_number, caller_name) values ('CA1', '1', '2', 'Žofie')")
        .await;
    let asked: Vec<_> = cases
        .iter()
        .map(|(filter, _)| json!({"event": "UPDATE", "schema": "public", "table": "calls", "filter": filter}))
        .collect();
    let mut client = stack.client("2.0.0").await;
    let config = json!({"postgres_changes": asked});
    client
        .join("realtime:board", &stack.token(Person::DOUG), &config)
        .await;
    let reply = client.event("phx_reply").await;
    assert_eq!(client.event("system").await.payload["status"], "ok");
    stack
        .run("update calls set status = 'parked', parking_slot = 4")
        .await;
    let told = client.event("postgres_changes").await.payload["ids"].take();
    for (n, (filter, passes)) in cases.iter().enumerate() {
        let id = &reply.payload["response"]["postgres_changes"][n]["id"];
        let is_told = told.as_array().expect("ids").contains(id);
        assert_eq!(is_told, *passes, "{filter}");
    }
    stack.stop().await;
}

#[tokio::test]
async fn values_that_a_filter_cannot_compare_are_refused() {
    let stack = Stack::start().await;
    let mut client = stack.client("1.0.0").await;
    let many = (0..101)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let cases = [
        (
            "parking_slot=eq.four".to_owned(),
            r#"ERROR 22P02 (invalid_text_representation) invalid input syntax for type smallint: "four""#,
        ),
        (
            "id=eq.7".to_owned(),
            r#"ERROR 22P02 (invalid_text_representation) invalid input syntax for type uuid: "7""#,
        ),
        (
            "parking_slot=in.(1,x)".to_owned(),
            r#"ERROR 22P02 (invalid_text_representation) invalid input syntax for type smallint: "x""#,
        ),
        (
            format!("parking_slot=in.({many})"),
            "ERROR P0001 (raise_exception) too many values for `in` filter. Maximum 100",
        ),
    ];
    for (filter, exception) in cases {
        let config = json!({"postgres_changes": [{"event": "*", "schema": "public", "table": "calls", "filter": filter}]});
        client
            .join("realtime:board", &stack.token(Person::DOUG), &config)
            .await;
        loop {
            let frame = client.frame().await;
            if frame.event == "system" {
                assert_eq!(frame.payload["status"], "error");
                let message = frame.payload["message"].as_str().expect("a message");
                assert!(
                    message.ends_with(&format!(". Exception: {exception}")),
                    "{message}"
                );
                break;
            }
        }
    }
    stack.stop().await;
}
