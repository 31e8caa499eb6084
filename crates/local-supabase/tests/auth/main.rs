//! Replays the recording of GoTrue against Auth: every request, every status, header, body and token must be the same.

mod administrators;
mod compare;
mod left_out;
mod neighbours;

use std::collections::HashMap;

use axum::{Router, body::Body, http::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use compare::Comparison;
use serde_json::{Value, json};
use switchboard_local_supabase::{AuthOptions, Jwt, LocalSupabase, Options, Schema, auth};
use tokio_postgres::Client;
use tower::ServiceExt;

const RECORDING: &str = include_str!("../golden/auth.json");
const PEOPLE: [&str; 4] = ["doug", "rhonda", "sue", "mallory"];

#[tokio::test]
async fn every_recorded_answer_of_gotrue_is_given_again() {
    let auth = AuthOptions {
        signups: true,
        anonymous: true,
        minimum_password_length: 6,
    };
    let stack = LocalSupabase::start(Options { auth, ..bare() })
        .await
        .expect("stack");
    let (count, failures) = replay(&stack).await;
    stack.stop().await;
    println!(
        "{count} recorded answers replayed, {} equal, 0 listed as different",
        count - failures.len()
    );
    assert!(
        failures.is_empty(),
        "{} answers differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// A stack with the schema of the recording, and nobody in it.
fn bare() -> Options {
    Options {
        schema: Schema::File(
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schema.sql").into(),
        ),
        ..Options::default()
    }
}

async fn replay(stack: &LocalSupabase) -> (usize, Vec<String>) {
    let recording: Value = serde_json::from_str(RECORDING).expect("recording");
    let cases = recording["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 123, "the recording is whole");
    let admin = stack.connect_admin().await.expect("admin connection");
    let mut player = Player::new(stack);
    for name in PEOPLE {
        let id = add_person(&admin, name).await;
        player.comparison.bind(&format!("<auth:{name}>"), &id);
    }
    add_member_with_call(&admin, "rhonda").await;
    player
        .captured
        .insert("doug".to_owned(), player.sign_in("doug").await);

    let mut failures = Vec::new();
    for case in cases {
        if let Some(ms) = case["wait_before_ms"].as_f64() {
            pass_time(&admin, ms / 1000.0).await;
        }
        if let Err(difference) = player.play(case).await {
            failures.push(format!(
                "{}: {difference}",
                case["name"].as_str().expect("name")
            ));
        }
    }
    (cases.len(), failures)
}

fn service_token(stack: &LocalSupabase) -> String {
    secrecy::ExposeSecret::expose_secret(&stack.keys().service_role).to_owned()
}

/// A user as those of the recording were: with the metadata of a sign-up, but an address that was never verified.
async fn add_person(admin: &Client, name: &str) -> String {
    let email = format!("{name}@example.com");
    admin
        .query_one(
            "with person as (
               insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at,
                 raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
               values (gen_random_uuid(), 'authenticated', 'authenticated', $1::text,
                 extensions.crypt('password-1234', extensions.gen_salt('bf', 4)), now(),
                 '{\"provider\":\"email\",\"providers\":[\"email\"]}',
                 jsonb_build_object('email', $1::text, 'email_verified', true, 'phone_verified', false),
                 now(), now())
               returning id),
             identity as (
               insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at,
                 created_at, updated_at)
               select id::text, id, jsonb_build_object('sub', id, 'email', $1::text, 'email_verified', false,
                 'phone_verified', false), 'email', now(), now(), now() from person)
             select id::text from person",
            &[&email],
        )
        .await
        .expect("insert person");
    let sub = "update auth.users set raw_user_meta_data = raw_user_meta_data || jsonb_build_object('sub', id)
               where email = $1::text returning id::text";
    admin
        .query_one(sub, &[&email])
        .await
        .expect("set sub")
        .get(0)
}

/// A member whose past call forbids to delete it.
async fn add_member_with_call(admin: &Client, name: &str) {
    let sql = format!(
        "set session_replication_role = replica;
         insert into voip_users (user_id, display_name, identity)
           select id, '{name}', 'agent_{name}' from auth.users where email = '{name}@example.com';
         insert into calls (twilio_call_sid, from_number, to_number, status, assigned_to, ended_at)
           select 'CA1', '+15550100', '+15550101', 'ended', id, now() from voip_users;
         reset session_replication_role;"
    );
    admin.batch_execute(&sql).await.expect("insert member");
}

/// Makes everything `seconds` older: what waiting does, at once.
async fn pass_time(admin: &Client, seconds: f64) {
    let sql = "update auth.refresh_tokens set created_at = created_at - make_interval(secs => $1),
               updated_at = updated_at - make_interval(secs => $1)";
    assert!(admin.execute(sql, &[&seconds]).await.expect("pass time") > 0);
}

struct Player {
    router: Router,
    jwt: Jwt,
    service: String,
    comparison: Comparison,
    captured: HashMap<String, String>,
}

impl Player {
    fn new(stack: &LocalSupabase) -> Self {
        Self {
            router: Router::new().nest_service("/auth/v1", auth::router(stack.gateway().clone())),
            jwt: Jwt::new(stack.keys().jwt_secret.clone()),
            service: service_token(stack),
            comparison: Comparison::new(stack.url()),
            captured: HashMap::new(),
        }
    }

    async fn sign_in(&self, name: &str) -> String {
        let body = json!({"email": format!("{name}@example.com"), "password": "password-1234"});
        let request =
            Request::post("/auth/v1/token?grant_type=password").body(Body::from(body.to_string()));
        let (_, _, body) = self.send(request.expect("request")).await;
        body["access_token"]
            .as_str()
            .expect("access token")
            .to_owned()
    }

    async fn play(&mut self, case: &Value) -> Result<(), String> {
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        let path = self.comparison.fill(&self.fill(&text("path_and_query")));
        let mut request = Request::builder().method(text("method").as_str()).uri(path);
        for (name, value) in case["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().expect("header value"));
        }
        if let Some(authorization) = self.authorization(&text("as")) {
            request = request.header("authorization", authorization);
        }
        let body = match (case.get("body"), case.get("body_text")) {
            (Some(body), _) => self.fill(&body.to_string()),
            (None, Some(text)) => text.as_str().expect("body text").to_owned(),
            (None, None) => String::new(),
        };
        let (status, headers, answer) = self
            .send(request.body(Body::from(body)).expect("request"))
            .await;
        for (name, field) in case["capture"].as_object().into_iter().flatten() {
            let value = answer[field.as_str().expect("field")]
                .as_str()
                .unwrap_or_default();
            self.captured.insert(name.clone(), value.to_owned());
        }
        let expected = &case["response"];
        if expected["status"] != json!(status) {
            return Err(format!(
                "status {status} instead of {}: {answer}",
                expected["status"]
            ));
        }
        compare::headers(&expected["headers"], &headers)?;
        if case["name"] == "admin_list" {
            return compare::user_list(&expected["body"], &answer);
        }
        let wanted = expected
            .get("body")
            .or(expected.get("body_text"))
            .unwrap_or(&Value::Null);
        self.comparison.value("body", wanted, &answer)?;
        if let Some(token) = expected.get("decoded_access_token") {
            let read = compare::decode(
                &self.jwt,
                answer["access_token"].as_str().expect("access token"),
            )?;
            self.comparison.value("token", &token["claims"], &read)?;
            if read["exp"] != answer["expires_at"]
                || !compare::lives_for(&read, &token["lifetime_s"])
            {
                return Err(format!("the token's times are wrong: {read}"));
            }
        }
        match expected.get("refresh_token_shape") {
            Some(shape) => compare::refresh_token_shape(shape, &answer),
            None => Ok(()),
        }
    }

    async fn send(&self, request: Request<Body>) -> (u16, HashMap<String, String>, Value) {
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().expect("ascii").to_owned()))
            .collect();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("body");
        let text = String::from_utf8_lossy(&bytes);
        let body = match text.as_ref() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        };
        (status, headers, body)
    }

    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.captured {
            filled = filled.replace(&format!("{{{{{name}}}}}"), value);
        }
        filled
    }

    fn authorization(&self, who: &str) -> Option<String> {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let doug = |exp: i64| {
            json!({"sub": self.comparison.bound("<auth:doug>"), "role": "authenticated",
            "aud": "authenticated", "exp": exp})
        };
        let token = match who {
            "none" => return None,
            "doug" => self.captured["doug"].clone(),
            "service" => self.service.clone(),
            "anon" => self.jwt.sign(&json!({"role": "anon", "exp": now + 60})),
            "expired" => self.jwt.sign(&doug(now - 3600)),
            "just_expired_10s" => self.jwt.sign(&doug(now - 10)),
            "wrong_secret" => {
                Jwt::new("a-secret-that-nobody-else-has-on-this-stack".into()).sign(&doug(now + 60))
            }
            "garbage" => "not-a-jwt".to_owned(),
            "no_exp" => self.jwt.sign(
                &json!({"sub": self.comparison.bound("<auth:doug>"), "role": "authenticated"}),
            ),
            "sub_unknown" => {
                let nobody = uuid::Uuid::new_v4();
                self.jwt.sign(&json!({"sub": nobody, "role": "authenticated", "aud": "authenticated", "exp": now + 60}))
            }
            "alg_none" => format!(
                "{}.{}.",
                URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
                URL_SAFE_NO_PAD.encode(doug(now + 60).to_string())
            ),
            other => match (other.strip_prefix("var:"), other.strip_prefix("header:")) {
                (Some(name), _) => self.captured[name].clone(),
                (_, Some(header)) => return Some(header.to_owned()),
                _ => panic!("who is {other}?"),
            },
        };
        Some(format!("Bearer {token}"))
    }
}
