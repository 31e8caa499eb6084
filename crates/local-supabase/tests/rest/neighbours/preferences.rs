//! Media types and preferences: what a client asks about the shape of the answer.

use serde_json::{Value, json};

use super::{Case, board, play};

const OBJECT: &str = "application/vnd.pgrst.object+json";

#[tokio::test(flavor = "multi_thread")]
async fn media_types_and_preferences_are_weighed_as_by_the_real_server() {
    let stand = board().await;
    let one = "GET /calls?select=version,caller_name&version=eq.101";
    let row = json!([{"version": 101, "caller_name": null}]);
    let unavailable = |listed: &str| {
        let message = format!("None of these media types are available: {listed}");
        json!({"code": "PGRST107", "message": message, "details": null, "hint": null})
    };
    let json_type = "application/json; charset=utf-8";
    let cases = vec![
        Case::new(one, 406)
            .with("accept", "application/*")
            .gives(unavailable("application/*")),
        Case::new(one, 406)
            .with("accept", "text/html;q=0.5, image/png")
            .gives(unavailable("image/png, text/html")),
        Case::new(one, 406)
            .with("accept", "")
            .gives(unavailable("")),
        Case::new(one, 406)
            .with("accept", "text/plain; charset=utf-8")
            .gives(unavailable("text/plain")),
        Case::new(one, 406)
            .with(
                "accept",
                "application/vnd.pgrst.plan; options=analyze|nope; for=\"text/csv\"",
            )
            .gives(unavailable(
                "application/vnd.pgrst.plan+text; for=\"text/csv\"; options=analyze",
            )),
        Case::new(one, 200)
            .with("accept", "*/*, text/csv")
            .header("content-type", "text/csv; charset=utf-8")
            .gives(json!("version,caller_name\n101,")),
        Case::new(one, 200)
            .with("accept", "APPLICATION/JSON;q=0.1, text/csv;q=0")
            .gives(row.clone())
            .header("content-type", json_type),
        Case::new(one, 200)
            .with("accept", "application/vnd.pgrst.array")
            .gives(row)
            .header("content-type", json_type),
        Case::new(one, 200)
            .with("accept", "application/vnd.pgrst.object")
            .gives(json!({"version": 101, "caller_name": null}))
            .header(
                "content-type",
                "application/vnd.pgrst.object+json; charset=utf-8",
            ),
        Case::new(one, 200)
            .with(
                "accept",
                "application/vnd.pgrst.object+json; nulls=stripped",
            )
            .gives(json!({"version": 101}))
            .header(
                "content-type",
                "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8",
            ),
        Case::new("HEAD /calls?version=eq.101", 200)
            .with("accept", OBJECT)
            .header("content-range", "0-0/*"),
        Case::new("HEAD /calls?version=gt.101", 406).with("accept", OBJECT),
        Case::new("GET /rpc/board_size", 200)
            .with("accept", "text/csv")
            .gives(json!("pgrst_scalar\n5")),
        Case::new("GET /rpc/board_size", 200)
            .with("accept", OBJECT)
            .gives(json!(5)),
        Case::new("GET /", 406).with("accept", "text/csv"),
        Case::new(one, 200)
            .with(
                "prefer",
                "return=minimal, tx=rollback, resolution=merge-duplicates",
            )
            .without("preference-applied"),
        Case::new(one, 200)
            .with("prefer", "count=exact;count=planned")
            .without("preference-applied"),
        Case::new(one, 200)
            .with("prefer", "count=planned, count=exact, handling=lenient")
            .header("preference-applied", "count=planned, handling=lenient"),
        Case::new("GET /calls?select=created_at&version=eq.101", 200)
            .with("prefer", "timezone=Europe/Berlin")
            .gives(json!([{"created_at": "2026-01-02T04:05:06.1+01:00"}]))
            .header("preference-applied", "timezone=Europe/Berlin"),
        Case::new(one, 400)
            .with("prefer", "handling=strict, one, two=2")
            .refuses(
                "PGRST122",
                "Invalid preferences given with handling=strict",
                json!("Invalid preferences: one, two=2"),
                Value::Null,
            ),
        Case::new(one, 406).with("accept-profile", "auth").refuses(
            "PGRST106",
            "Invalid schema: auth",
            Value::Null,
            json!("Only the following schemas are exposed: public"),
        ),
        Case::new(one, 200).with("content-profile", "auth"),
        Case::new("PATCH /calls?version=eq.1", 406)
            .with("content-profile", "auth")
            .sends("{}"),
        Case::new("PATCH /calls?version=eq.1", 204)
            .with("accept-profile", "auth")
            .sends("{}"),
        Case::new("OPTIONS /rpc/board_size", 200).header("allow", "OPTIONS,GET,HEAD,POST"),
        Case::new("OPTIONS /rpc/nope", 404).gives(json!({"code": "PGRST202", "…": 0})),
        Case::new("OPTIONS /", 200).header("allow", "OPTIONS,GET,HEAD"),
        Case::new("OPTIONS /voip_users", 200)
            .header("allow", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}
