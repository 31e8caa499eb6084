//! What stands beside the recording: answers of GoTrue that it does not hold, as GoTrue's sources say that they are.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use switchboard_local_supabase::{AuthOptions, LocalSupabase, Options};

use super::{Player, add_person};

/// One request and its answer: who asks, verb and path, body, status, the fields of the body that are looked at.
pub(super) type Case = (&'static str, &'static str, Value, u16, Value);

async fn ask(player: &Player, who: &str, request: &str, body: &Value) -> (u16, Value) {
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
async fn administrators_page_create_change_and_ban_as_gotrue_lets_them() {
    let (stack, player) = people(open()).await;
    let invalid = "invalid format for ban duration: time: invalid duration \"soon\"";
    let cases: Vec<Case> = vec![
        (
            "service",
            "GET /admin/users?per_page=0",
            Value::Null,
            400,
            refused(
                "validation_failed",
                "Bad Pagination Parameters: per_page must be greater than 0",
            ),
        ),
        (
            "service",
            "GET /admin/users?per_page=-1",
            Value::Null,
            400,
            refused(
                "validation_failed",
                "Bad Pagination Parameters: strconv.ParseUint: parsing \"-1\": invalid syntax",
            ),
        ),
        (
            "service",
            "GET /admin/users/doug",
            Value::Null,
            404,
            refused("validation_failed", "user_id must be an UUID"),
        ),
        // Who is not there is told before what is wrong with the change.
        (
            "service",
            "PUT /admin/users/99999999-0000-4000-8000-000000000009",
            json!("{"),
            404,
            refused("user_not_found", "User not found"),
        ),
        (
            "service",
            "PUT /admin/users/{{rhonda_id}}",
            json!("{"),
            400,
            json!({"error_code": "bad_json"}),
        ),
        (
            "service",
            "PUT /admin/users/{{rhonda_id}}",
            json!({"password": "1"}),
            422,
            refused("weak_password", "Password should be at least 6 characters."),
        ),
        (
            "service",
            "PUT /admin/users/{{rhonda_id}}",
            json!({"ban_duration": "soon"}),
            400,
            refused("validation_failed", invalid),
        ),
        (
            "service",
            "PUT /admin/users/{{rhonda_id}}",
            json!({"email": "R2@example.com", "role": "service_role"}),
            200,
            json!({"email": "r2@example.com", "role": "service_role"}),
        ),
        (
            "none",
            "POST /token?grant_type=password",
            json!({"email": "rhonda@example.com", "password": "password-1234"}),
            400,
            json!({"error_code": "invalid_credentials"}),
        ),
        (
            "none",
            "POST /token?grant_type=password",
            json!({"email": "r2@example.com", "password": "password-1234"}),
            200,
            Value::Null,
        ),
        (
            "service",
            "POST /admin/users",
            json!({"email": "n@example.com", "password": "x".repeat(73)}),
            400,
            refused(
                "validation_failed",
                "bcrypt: password length exceeds 72 bytes",
            ),
        ),
        (
            "service",
            "POST /admin/users",
            json!({"email": "n@example.com", "password": "x", "email_confirm": true, "ban_duration": "1h"}),
            200,
            json!({"email": "n@example.com"}),
        ),
        (
            "none",
            "POST /token?grant_type=password",
            json!({"email": "n@example.com", "password": "x"}),
            400,
            refused("user_banned", "User is banned"),
        ),
        (
            "service",
            "POST /admin/users",
            json!({"email": "N@example.com"}),
            422,
            json!({"error_code": "email_exists"}),
        ),
        (
            "doug",
            "GET /admin/users/{{rhonda_id}}",
            Value::Null,
            403,
            refused("not_admin", "User not allowed"),
        ),
        (
            "doug",
            "DELETE /admin/users/{{rhonda_id}}",
            Value::Null,
            403,
            refused("not_admin", "User not allowed"),
        ),
        (
            "service",
            "PATCH /admin/users",
            Value::Null,
            405,
            Value::Null,
        ),
    ];
    play(&player, cases).await;
    let (_, found) = ask(
        &player,
        "service",
        "GET /admin/users?filter=r2",
        &Value::Null,
    )
    .await;
    let found: Vec<&Value> = found["users"]
        .as_array()
        .expect("users")
        .iter()
        .map(|user| &user["email"])
        .collect();
    assert_eq!(found, [&json!("r2@example.com")]);
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
