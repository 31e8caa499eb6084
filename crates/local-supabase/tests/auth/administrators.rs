//! What administrators may do, beside the recording: as GoTrue's sources say.

use serde_json::{Value, json};

use super::neighbours::{Case, ask, open, people, play, refused};

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
