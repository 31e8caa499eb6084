//! Queries put together at random from pieces of good ones and of broken ones.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;

use super::{CALL, ask, ask_with, stand::Stand, statuses};

/// Pieces that queries are made of, whole ones and broken ones.
const WORDS: [&str; 64] = [
    "id",
    "status",
    "version",
    "caller_name",
    "on_hold",
    "assigned_to",
    "created_at",
    "nope",
    "*",
    "agent",
    "voip_users",
    "call_events",
    "calls",
    "!assigned_to",
    "!inner",
    "!left",
    "!current_call_id",
    "...",
    "(",
    ")",
    "(*)",
    "()",
    ":",
    "::",
    "::text",
    "::int",
    ",",
    ".",
    "-%3E",
    "-%3E%3E",
    "=",
    "&",
    "eq.",
    "not.",
    "is.",
    "is.null",
    "in.(",
    "in.(1,2)",
    "like(any).{a,b}",
    "gt(all).{1}",
    "fts(english).",
    "cs.{1}",
    "ov.[1,2)",
    "adj.",
    "isdistinct.1",
    "and",
    "or",
    "and=(",
    "not.or=(",
    "order=",
    "order=id.desc",
    ".nullslast",
    "select=",
    "limit=",
    "offset=-1",
    "limit=0",
    "columns=",
    "on_conflict=",
    "%22",
    "%00",
    "%ff",
    "%5C",
    "%F0%9F%93%9E",
    "99999999999999999999",
];

/// A query of up to fourteen pieces, most of which begin as queries do.
fn some_query(random: &mut StdRng) -> String {
    let beginnings = [
        "select=",
        "select=id,",
        "order=",
        "or=(",
        "and=(",
        "status=",
        "voip_users.",
        "version=not.",
        "",
    ];
    let mut query = beginnings[random.random_range(0..beginnings.len())].to_owned();
    for _ in 0..random.random_range(1..14) {
        query.push_str(WORDS[random.random_range(0..WORDS.len())]);
    }
    query
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_the_answer_is_a_row_or_a_reason() {
    const SEED: u64 = 20_260_122;
    const ROUNDS: usize = 700;
    let stand = Stand::start().await;
    ask(&stand, "service", "POST", "/rest/v1/calls", Some(CALL)).await;
    let mut random = StdRng::seed_from_u64(SEED);
    let mut refused = 0;
    for round in 0..ROUNDS {
        let query = some_query(&mut random);
        // What changes rows is asked by somebody who may not.
        let (who, method, body) = match random.random_range(0..8) {
            0 => ("doug", "PATCH", Some(&br#"{"on_hold":true}"#[..])),
            1 => ("doug", "DELETE", None),
            2 => ("doug", "POST", Some(CALL)),
            3 => ("doug", "PUT", Some(CALL)),
            4 => ("service", "HEAD", None),
            _ => ("service", "GET", None),
        };
        let target =
            ["calls", "voip_users", "call_events", "rpc/board_size"][random.random_range(0..4)];
        let path = format!("/rest/v1/{target}?{query}");
        let headers = [
            (
                "prefer",
                [
                    "return=representation",
                    "count=exact",
                    "count=planned, handling=strict",
                    "count=estimated",
                    "tx=rollback",
                    ",",
                ][round % 6],
            ),
            (
                "range",
                ["0-1", "5-", "x", "9-1", "-1", "99999999999999999999-"][round % 6],
            ),
        ];
        let response = ask_with(&stand, who, method, &path, &headers, body).await;
        let about = format!(
            "seed {SEED}, round {round}: {method} {path}: {} {}",
            response.status,
            response.text()
        );
        assert!((200..500).contains(&response.status), "{about}");
        if response.status >= 300 && method != "HEAD" {
            refused += 1;
            let body: Value = serde_json::from_slice(&response.body).expect(&about);
            assert!(
                body["code"].is_string() && body["message"].is_string(),
                "{about}"
            );
        }
    }
    // Else the pieces never fit together, and nothing but the parser was tried.
    assert!(
        refused < ROUNDS * 14 / 15,
        "{refused} of {ROUNDS} were refused"
    );
    assert_eq!(statuses(&stand).await.text(), r#"[{"status":"ringing"}]"#);
    stand.stop().await;
}
