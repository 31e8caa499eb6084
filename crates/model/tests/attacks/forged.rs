//! Attacks on what only the database may write, and on what the API does not show.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::{DOUG, RHONDA, Scene, Who, given_to};

#[tokio::test]
async fn no_person_forges_versions_epochs_timestamps_or_leases() {
    let scene = Scene::start().await;
    let id = scene.call("CA1", &[&given_to(DOUG)]).await;
    scene
        .arrange(&format!("insert into call_audio (call_id) values ('{id}')"))
        .await;
    let both = "select jsonb_agg(to_jsonb(c) || to_jsonb(a)) from calls c join call_audio a on a.call_id = c.id";
    let before = scene.read(both).await;
    let past = "2001-01-01T00:00:00+00:00";
    for who in [
        Who::Anon,
        Who::Stranger,
        Who::Agent,
        Who::Colleague,
        Who::Supervisor,
    ] {
        let refused = if who == Who::Anon {
            "401 42501"
        } else {
            "403 42501"
        };
        for column in ["version", "epoch"] {
            let path = format!("calls?id=eq.{id}");
            let answer = scene.patch(who, &path, json!({ column: 99 })).await;
            assert_eq!(answer.outcome(), refused, "{who:?} {column}");
        }
        for column in [
            "created_at",
            "answered_at",
            "connected_at",
            "parked_at",
            "held_at",
            "ended_at",
        ] {
            let path = format!("calls?id=eq.{id}");
            // Beside a column that may be written, too.
            let body = json!({ column: past, "note": "x" });
            let answer = scene.patch(who, &path, body).await;
            assert_eq!(answer.outcome(), refused, "{who:?} {column}");
        }
        for body in [
            json!({ "lease_until": past }),
            json!({"rendered_epoch": 9}),
            json!({"claimed_by": "me"}),
        ] {
            let path = format!("call_audio?call_id=eq.{id}");
            let answer = scene.patch(who, &path, body).await;
            assert_eq!(answer.outcome(), refused, "{who:?}");
        }
        let event = json!({"call_id": id, "version": 1, "kind": "noted", "to_status": "ended", "detail": {}});
        let answer = scene.post(who, "call_events", event).await;
        assert_eq!(answer.outcome(), refused, "{who:?} writes the log");
    }
    let forged = json!({"version": 99, "epoch": 99, "created_at": past, "answered_at": past, "last_agent": RHONDA});
    let path = format!("calls?id=eq.{id}");
    let answer = scene.patch(Who::Service, &path, forged).await;
    assert_eq!(answer.outcome(), "200 rows 1");
    assert_eq!(
        scene.read(both).await,
        before,
        "nothing comes of what the service forges"
    );
    scene.stop().await;
}

#[tokio::test]
async fn people_make_no_calls_up_and_overwrite_none() {
    let scene = Scene::start().await;
    scene.call("CA1", &[]).await;
    let row = json!({"twilio_call_sid": "CA1", "from_number": "+12025550166", "to_number": "+12025550199"});
    for who in [Who::Anon, Who::Stranger, Who::Agent, Who::Supervisor] {
        for prefer in [
            "resolution=merge-duplicates",
            "resolution=ignore-duplicates",
            "tx=commit",
        ] {
            let token = scene.token(who).to_owned();
            let headers = [("prefer", prefer)];
            let path = "calls?on_conflict=twilio_call_sid";
            let answer = scene
                .send_with(&token, Method::POST, path, Some(&row), &headers)
                .await;
            assert_eq!(answer.said("code"), "42501", "{who:?} {prefer}");
        }
    }
    let numbers = scene.read("select jsonb_agg(from_number) from calls").await;
    assert_eq!(numbers, json!(["+12025550150"]));
    scene.stop().await;
}

#[tokio::test]
async fn functions_of_private_are_not_to_be_called() {
    let scene = Scene::start().await;
    let names = "select jsonb_agg(distinct proname) from pg_proc where pronamespace = 'private'::regnamespace";
    let names = scene.read(names).await;
    let names: Vec<&str> = names
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(names.len() > 20, "{names:?}");
    for who in Who::ALL {
        let token = scene.token(who).to_owned();
        for name in &names {
            let path = format!("rpc/{name}");
            // Which functions there are is the same to everybody, so two ask.
            if matches!(who, Who::Agent | Who::Service) {
                let answer = scene.post(who, &path, json!({})).await;
                assert_eq!(answer.outcome(), "404 PGRST202", "{who:?} {name}");
            }
            let profile = [("content-profile", "private")];
            let answer = scene
                .send_with(&token, Method::POST, &path, Some(&json!({})), &profile)
                .await;
            assert_eq!(
                (answer.status, answer.said("code")),
                (406, "PGRST106"),
                "{who:?} {name}"
            );
        }
    }
    scene.stop().await;
}

#[tokio::test]
async fn only_the_schema_public_is_reached() {
    let scene = Scene::start().await;
    let schemas = "select jsonb_agg(nspname) from pg_namespace where nspname <> 'public'";
    let schemas = scene.read(schemas).await;
    let schemas: Vec<&str> = schemas
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for schema in [
        "auth",
        "private",
        "realtime",
        "pg_catalog",
        "supabase_migrations",
    ] {
        assert!(
            schemas.contains(&schema),
            "{schema} is there to be attacked"
        );
    }
    for who in Who::ALL {
        let token = scene.token(who).to_owned();
        for schema in &schemas {
            for (path, method) in [
                ("users", Method::GET),
                ("messages", Method::GET),
                ("retention", Method::GET),
            ] {
                let headers = [("accept-profile", *schema)];
                let answer = scene.send_with(&token, method, path, None, &headers).await;
                assert_eq!(
                    (answer.status, answer.said("code")),
                    (406, "PGRST106"),
                    "{who:?} {schema}"
                );
            }
        }
        for path in [
            "users",
            "auth.users",
            "auth%2Eusers",
            "messages",
            "realtime.messages",
            "pg_class",
            "schema_migrations",
        ] {
            let answer = scene.get(who, path).await;
            assert_eq!(answer.status, 404, "{who:?} {path}: {:?}", answer.body);
        }
        for path in [
            "calls?select=*,users(*)",
            "voip_users?select=*,users!user_id(*)",
            "voip_users?select=*,auth.users(*)",
        ] {
            let answer = scene.get(who, path).await;
            assert_eq!(answer.status, 400, "{who:?} {path}: {:?}", answer.body);
        }
    }
    scene.stop().await;
}

/// Texts that would do harm where SQL is put together from strings.
const SQL: [&str; 10] = [
    "'; drop table calls; --",
    "' or '1'='1",
    "\" or 1=1 --",
    "') union select encrypted_password from auth.users --",
    "$$; delete from voip_users; $$",
    "\\'; select pg_sleep(10); --",
    "1) or (1=1",
    "%' or true --",
    "*",
    "{\"a\": \"'||(select 1)||'\"}",
];

#[tokio::test]
async fn sql_in_filters_and_values_is_only_text() {
    let scene = Scene::start().await;
    let id = scene.call("CA1", &[&given_to(DOUG)]).await;
    let shape = "select jsonb_build_array((select count(*) from pg_class where relnamespace = 'public'::regnamespace),
        (select count(*) from voip_users), (select count(*) from calls))";
    let before = scene.read(shape).await;
    let path = format!("calls?id=eq.{id}");
    for text in SQL {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for filter in [
            "twilio_call_sid=eq.",
            "caller_name=like.",
            "from_number=in.(%22x%22)&note=eq.",
            "status=neq.active&note=ilike.",
        ] {
            let answer = scene
                .get(Who::Agent, &format!("calls?{filter}{encoded}"))
                .await;
            let harmless = answer.outcome() == "200 rows 0" || answer.status == 400;
            assert!(harmless, "{filter}{text}: {:?}", answer.body);
        }
        for query in ["id=eq.", "select=", "order=", "or=", "version=gt."] {
            let answer = scene
                .get(Who::Agent, &format!("calls?{query}{encoded}"))
                .await;
            let everything = query == "select=" && text == "*";
            assert_eq!(
                answer.status,
                if everything { 200 } else { 400 },
                "{query}{text}: {:?}",
                answer.body
            );
        }
        for place in [
            format!("{encoded}=eq.1"),
            format!("select=id&{encoded}.x=eq.1"),
        ] {
            let answer = scene.get(Who::Agent, &format!("calls?{place}")).await;
            assert_eq!(answer.status, 400, "column {text}: {:?}", answer.body);
        }
        let answer = scene.get(Who::Agent, &encoded).await;
        assert_eq!(answer.status, 404, "table {text}: {:?}", answer.body);

        let answer = scene
            .patch(
                Who::Agent,
                &path,
                json!({"note": text, "disposition": text}),
            )
            .await;
        assert_eq!(answer.body[0]["note"], text);
        let answer = scene
            .patch(Who::Agent, &path, json!({"status": text}))
            .await;
        assert_eq!(answer.outcome(), "400 PT400 unknown_status");
        let answer = scene.patch(Who::Agent, &path, json!({ text: 1 })).await;
        assert_eq!(answer.status, 400, "{text}");
        let found = format!("calls?note=eq.{encoded}");
        assert_eq!(
            scene.get(Who::Agent, &found).await.outcome(),
            "200 rows 1",
            "{text} is found as it is"
        );
    }
    assert_eq!(scene.read(shape).await, before);
    scene.stop().await;
}
