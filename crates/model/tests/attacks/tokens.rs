//! Tokens that nobody was given.

use reqwest::Method;
use serde_json::{Value, json};
use switchboard_local_supabase::Jwt;
use switchboard_local_supabase::keys::LOCAL_JWT_SECRET;

use crate::people::{DOUG, DOUGS_ACCOUNT, Scene, Who, given_to};

/// A time before which no token of this test ends, and one when all have ended.
const FUTURE: i64 = 4_000_000_000;
const PAST: i64 = 1_600_000_000;

fn signed(secret: &str, claims: &Value) -> String {
    Jwt::new(secret.to_owned().into()).sign(claims)
}

fn dougs(role: &str, exp: i64) -> Value {
    json!({"aud": "authenticated", "role": role, "sub": DOUGS_ACCOUNT, "exp": exp})
}

/// `{"alg":"none","typ":"JWT"}`
const ALG_NONE: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
const WRONG: &str = "another-secret-that-is-long-enough-to-be-one";

#[tokio::test]
async fn forged_tokens_open_nothing() {
    let scene = Scene::start().await;
    let id = scene.call("CA1", &[&given_to(DOUG)]).await;
    let real = signed(LOCAL_JWT_SECRET, &dougs("authenticated", FUTURE));
    let [head, body, signature]: [&str; 3] =
        real.split('.').collect::<Vec<_>>().try_into().unwrap();
    let service = signed(LOCAL_JWT_SECRET, &dougs("service_role", FUTURE));
    let service_body = service.split('.').nth(1).unwrap();
    let mut forged = vec![
        ("alg none", format!("{ALG_NONE}.{body}.")),
        (
            "alg none with a signature",
            format!("{ALG_NONE}.{body}.{signature}"),
        ),
        ("alg none, service", format!("{ALG_NONE}.{service_body}.")),
        ("no signature", format!("{head}.{body}.")),
        ("two parts", format!("{head}.{body}")),
        (
            "another's body",
            format!("{head}.{service_body}.{signature}"),
        ),
        ("cut off", real[..real.len() - 4].to_owned()),
        ("nothing that is a token", "not-a-jwt".to_owned()),
        ("the secret itself", LOCAL_JWT_SECRET.to_owned()),
        (
            "wrong secret, agent",
            signed(WRONG, &dougs("authenticated", FUTURE)),
        ),
        (
            "wrong secret, service",
            signed(WRONG, &dougs("service_role", FUTURE)),
        ),
        ("empty secret", signed("", &dougs("service_role", FUTURE))),
        (
            "expired, agent",
            signed(LOCAL_JWT_SECRET, &dougs("authenticated", PAST)),
        ),
        (
            "expired, service",
            signed(LOCAL_JWT_SECRET, &dougs("service_role", PAST)),
        ),
    ];
    // The gateway's own login may become three roles and no other, whoever signed.
    for role in [
        "postgres",
        "supabase_admin",
        "authenticator",
        "supabase_auth_admin",
        "supabase_realtime_admin",
        "pg_read_all_data",
        "nobody",
        "none",
        "service_role; set role postgres",
        "SERVICE_ROLE",
    ] {
        forged.push((role, signed(LOCAL_JWT_SECRET, &dougs(role, FUTURE))));
    }
    let before = scene.read("select to_jsonb(c) from calls c").await;
    for (name, token) in &forged {
        for (method, path, body) in [
            (Method::GET, "calls".to_owned(), None),
            (Method::GET, "call_audio".to_owned(), None),
            (
                Method::PATCH,
                format!("calls?id=eq.{id}"),
                Some(json!({"status": "ended"})),
            ),
            (
                Method::POST,
                "contacts".to_owned(),
                Some(json!({"number": "+12025550177", "name": "x"})),
            ),
        ] {
            let answer = scene
                .send_with(token, method, &path, body.as_ref(), &[])
                .await;
            assert!(
                (400..404).contains(&answer.status),
                "{name}: {} {:?}",
                answer.status,
                answer.body
            );
            assert_eq!(answer.rows(), 0, "{name}");
        }
    }
    assert_eq!(scene.read("select to_jsonb(c) from calls c").await, before);
    assert_eq!(
        scene
            .read("select count(*) from contacts where name = 'x'")
            .await,
        json!(0)
    );
    scene.stop().await;
}

#[tokio::test]
async fn a_true_token_opens_what_it_says_and_nothing_that_it_suggests() {
    let scene = Scene::start().await;
    scene.call("CA1", &[]).await;
    let nobody = "99999999-0000-4000-8000-000000000009";
    let member = DOUG; // A member's id is not an account's.
    for (name, claims) in [
        (
            "without a subject",
            json!({"role": "authenticated", "exp": FUTURE}),
        ),
        (
            "of nobody",
            json!({"role": "authenticated", "sub": nobody, "exp": FUTURE}),
        ),
        (
            "of a member's id",
            json!({"role": "authenticated", "sub": member, "exp": FUTURE}),
        ),
        (
            "that says admin",
            json!({"role": "authenticated", "sub": nobody, "exp": FUTURE, "is_admin": true,
            "app_metadata": {"role": "service_role"}, "user_metadata": {"role": "supervisor"}}),
        ),
    ] {
        let token = signed(LOCAL_JWT_SECRET, &claims);
        for path in [
            "calls",
            "voip_users",
            "contacts",
            "call_events",
            "board_settings",
            "presence",
        ] {
            let answer = scene.send_with(&token, Method::GET, path, None, &[]).await;
            assert_eq!(answer.outcome(), "200 rows 0", "{name}: {path}");
        }
        let answer = scene
            .send_with(&token, Method::GET, "call_audio", None, &[])
            .await;
        assert_eq!(answer.outcome(), "403 42501", "{name}");
    }
    for sub in ["doug", "", "' or true --"] {
        let claims = json!({"role": "authenticated", "sub": sub, "exp": FUTURE});
        let token = signed(LOCAL_JWT_SECRET, &claims);
        let answer = scene
            .send_with(&token, Method::GET, "calls", None, &[])
            .await;
        assert_eq!(answer.rows(), 0, "{sub}: {:?}", answer.body);
    }
    let claims = json!({"role": "authenticated", "sub": DOUGS_ACCOUNT, "exp": FUTURE, "app_metadata": {"role": "service_role"}});
    let token = signed(LOCAL_JWT_SECRET, &claims);
    let answer = scene
        .send_with(&token, Method::GET, "calls", None, &[])
        .await;
    assert_eq!(answer.outcome(), "200 rows 1", "Doug's own opens the board");
    let answer = scene
        .send_with(&token, Method::GET, "call_audio", None, &[])
        .await;
    assert_eq!(answer.outcome(), "403 42501", "and not the service's table");
    scene.stop().await;
}

#[tokio::test]
async fn a_member_who_has_left_has_no_rights_though_the_token_lives_on() {
    let scene = Scene::start().await;
    let id = scene.call("CA1", &[]).await;
    assert_eq!(scene.get(Who::Agent, "calls").await.outcome(), "200 rows 1");
    scene
        .arrange(&format!(
            "update voip_users set retired_at = now() where id = '{DOUG}'"
        ))
        .await;
    assert_eq!(scene.get(Who::Agent, "calls").await.outcome(), "200 rows 0");
    let body = json!({"status": "active", "assigned_to": DOUG});
    let answer = scene
        .patch(Who::Agent, &format!("calls?id=eq.{id}"), body)
        .await;
    assert_eq!(answer.outcome(), "200 rows 0");
    scene.stop().await;
}
