//! What stands beside the recording: answers of GoTrue that it does not hold, as GoTrue's sources say that they are.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use switchboard_local_supabase::{AuthOptions, LocalSupabase, Options};

use super::{Player, add_person};

/// One request and its answer: who asks, verb and path, body, status, the fields of the body that are looked at.
pub(super) type Case = (&'static str, &'static str, Value, u16, Value);

pub(super) async fn ask(player: &Player, who: &str, request: &str, body: &Value) -> (u16, Value) {
    let (method, path) = request.split_once(' ').expect("a verb and a path");
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/auth/v1{}", player.fill(path)));
    if let Some(authorization) = player.authorization(who) {
        request = request.header("authorization", authorization);
    }
    let body = match body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (status, _, answer) = player
        .send(request.body(Body::from(body)).expect("request"))
        .await;
    (status, answer)
}

/// Asks one after the other; of an answer's body only the named fields are compared.
pub(super) async fn play(player: &Player, cases: Vec<Case>) {
    let mut different = Vec::new();
    for (who, request, body, status, expected) in cases {
        let (actual_status, answer) = ask(player, who, request, &body).await;
        let named = expected.as_object().into_iter().flatten();
        let same = named.into_iter().all(|(key, value)| answer[key] == *value);
        if actual_status != status || !same {
            different.push(format!(
                "{who} {request} {body}: {actual_status} {answer} and not {status} {expected}"
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

pub(super) fn refused(code: &str, message: &str) -> Value {
    json!({"error_code": code, "msg": message})
}

pub(super) async fn people(auth: AuthOptions) -> (LocalSupabase, Player) {
    let stack = LocalSupabase::start(Options {
        auth,
        ..super::bare()
    })
    .await
    .expect("stack");
    let admin = stack.connect_admin().await.expect("admin connection");
    let mut player = Player::new(&stack);
    for name in ["doug", "rhonda"] {
        let id = add_person(&admin, name).await;
        player.comparison.bind(&format!("<auth:{name}>"), &id);
        player.captured.insert(format!("{name}_id"), id);
    }
    let token = player.sign_in("doug").await;
    player.captured.insert("doug".to_owned(), token);
    (stack, player)
}

pub(super) fn open() -> AuthOptions {
    AuthOptions {
        signups: true,
        anonymous: true,
        minimum_password_length: 6,
    }
}

#[tokio::test]
async fn users_change_themselves_only_as_far_as_gotrue_lets_them() {
    let (stack, player) = people(open()).await;
    let long = "x".repeat(73);
    let too_long = refused(
        "validation_failed",
        "Password cannot be longer than 72 characters",
    );
    let weak = refused("weak_password", "Password should be at least 6 characters.");
    let cases: Vec<Case> = vec![
        (
            "doug",
            "PUT /user",
            json!({"password": ""}),
            422,
            weak.clone(),
        ),
        (
            "doug",
            "PUT /user",
            json!({"password": long}),
            400,
            too_long.clone(),
        ),
        (
            "doug",
            "PUT /user",
            json!({"app_metadata": {"role": "supervisor"}}),
            403,
            refused(
                "not_admin",
                "Updating app_metadata requires admin privileges",
            ),
        ),
        (
            "doug",
            "PUT /user",
            json!({"email": "nonsense"}),
            400,
            refused(
                "validation_failed",
                "Unable to validate email address: invalid format",
            ),
        ),
        (
            "doug",
            "PUT /user",
            json!({"email": "rhonda@example.com"}),
            422,
            refused(
                "email_exists",
                "A user with this email address has already been registered",
            ),
        ),
        // The own address is no change.
        (
            "doug",
            "PUT /user",
            json!({"email": "Doug@Example.com", "data": {"seen": true}}),
            200,
            json!({"email": "doug@example.com"}),
        ),
        (
            "doug",
            "PUT /user",
            json!([]),
            400,
            refused(
                "bad_json",
                "Could not parse request body as JSON: json: cannot unmarshal array into Go value of type api.UserUpdateParams",
            ),
        ),
        (
            "doug",
            "PUT /user",
            json!({"data": 5}),
            400,
            refused(
                "bad_json",
                "Could not parse request body as JSON: json: cannot unmarshal number into Go struct field UserUpdateParams.data of type map[string]interface {}",
            ),
        ),
        (
            "none",
            "PUT /user",
            json!({}),
            401,
            refused("no_authorization", "This endpoint requires a Bearer token"),
        ),
        (
            "none",
            "POST /signup",
            json!({"email": "a@example.com", "password": long}),
            400,
            too_long,
        ),
        // Six letters of two bytes each are long enough: bytes are counted.
        (
            "none",
            "POST /signup",
            json!({"email": "b@example.com", "password": "ööö"}),
            200,
            json!({"token_type": "bearer"}),
        ),
        (
            "none",
            "POST /signup",
            json!({"phone": "+15550100", "password": "secret-1"}),
            400,
            refused("phone_provider_disabled", "Phone signups are disabled"),
        ),
        (
            "none",
            "POST /signup",
            json!({"phone": "+15550100", "email": "c@example.com", "password": "secret-1"}),
            400,
            refused(
                "validation_failed",
                "Only an email address or phone number should be provided on signup.",
            ),
        ),
        (
            "none",
            "POST /token?grant_type=pkce",
            json!({"auth_code": "x"}),
            400,
            refused(
                "validation_failed",
                "invalid request: both auth code and code verifier should be non-empty",
            ),
        ),
        (
            "none",
            "POST /token?grant_type=password",
            json!({"phone": "+15550100", "password": "x"}),
            422,
            refused("phone_provider_disabled", "Phone logins are disabled"),
        ),
        (
            "none",
            "POST /token?grant_type=password",
            json!("null"),
            400,
            refused("validation_failed", "missing email or phone"),
        ),
        (
            "none",
            "GET /token?grant_type=password",
            Value::Null,
            405,
            Value::Null,
        ),
        ("none", "DELETE /signup", Value::Null, 405, Value::Null),
        ("doug", "POST /user", Value::Null, 405, Value::Null),
        (
            "none",
            "GET /settings",
            Value::Null,
            200,
            json!({"disable_signup": false, "saml_enabled": false}),
        ),
        (
            "none",
            "GET /.well-known/jwks.json",
            Value::Null,
            200,
            json!({"keys": []}),
        ),
    ];
    play(&player, cases).await;
    let (_, settings) = ask(&player, "none", "GET /settings", &Value::Null).await;
    assert_eq!(
        settings["external"].as_object().map(serde_json::Map::len),
        Some(25),
        "{settings}"
    );
    stack.stop().await;
}

#[tokio::test]
async fn where_nobody_may_sign_up_the_body_is_read_before_that_is_said() {
    let (stack, player) = people(AuthOptions {
        signups: false,
        anonymous: false,
        minimum_password_length: 8,
    })
    .await;
    let closed = refused("signup_disabled", "Signups not allowed for this instance");
    let cases: Vec<Case> = vec![
        (
            "none",
            "POST /signup",
            json!("{"),
            400,
            json!({"error_code": "bad_json"}),
        ),
        (
            "none",
            "POST /signup",
            json!({}),
            422,
            refused(
                "anonymous_provider_disabled",
                "Anonymous sign-ins are disabled",
            ),
        ),
        (
            "none",
            "POST /signup",
            json!({"email": "a@example.com", "password": "1"}),
            422,
            closed.clone(),
        ),
        (
            "none",
            "POST /signup",
            json!({"email": "nonsense"}),
            422,
            closed,
        ),
    ];
    play(&player, cases).await;
    stack.stop().await;
}
