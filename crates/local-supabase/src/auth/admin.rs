//! `/admin/users`: what the service key may do about users.

use std::collections::HashMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    bearer::Admin,
    body::Params,
    error::AuthError,
    password::set_password,
    session,
    user::{self, Metadata, NewUser, User},
};
use crate::Gateway;

/// GoTrue's own page size.
const USERS_A_PAGE: u32 = 50;

fn not_found() -> AuthError {
    AuthError::new(404, "user_not_found", "User not found")
}

fn user_id(text: &str) -> Result<Uuid, AuthError> {
    text.parse()
        .map_err(|_| AuthError::new(404, "validation_failed", "user_id must be an UUID"))
}

pub(super) async fn create(
    State(gateway): State<Gateway>,
    _admin: Admin,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<User>, AuthError> {
    let params = Params::parse(&headers, &body, "AdminUserParams")?;
    if params.text("email")?.is_empty() {
        return Err(AuthError::validation(
            "Cannot create a user without either an email or phone",
        ));
    }
    let email = user::valid_email(params.text("email")?)?;
    let password = match params.text("password")? {
        "" => user::random_word(40),
        given => given.to_owned(),
    };
    let new = NewUser {
        email: Some(email.clone()),
        password: Some(password),
        confirmed: params.flag("email_confirm")?,
        app_metadata: params.object("app_metadata")?.unwrap_or_default(),
        user_metadata: params.object("user_metadata")?.unwrap_or_default(),
        signs_up: false,
    };
    let mut client = gateway.auth_pool.get().await?;
    let transaction = client.transaction().await?;
    if User::by_email(&transaction, &email).await?.is_some() {
        let message = "A user with this email address has already been registered";
        return Err(AuthError::new(422, "email_exists", message));
    }
    let user = new.insert(&transaction).await?.into_just_created();
    transaction.commit().await?;
    Ok(Json(user))
}

pub(super) async fn show(
    State(gateway): State<Gateway>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<Json<User>, AuthError> {
    let id = user_id(&id)?;
    let client = gateway.auth_pool.get().await?;
    User::by_id(&client, id)
        .await?
        .map(Json)
        .ok_or_else(not_found)
}

pub(super) async fn list(
    State(gateway): State<Gateway>,
    _admin: Admin,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, AuthError> {
    let page = positive(&query, "page", 1)?;
    let per_page = positive(&query, "per_page", USERS_A_PAGE)?;
    let client = gateway.auth_pool.get().await?;
    let total: i64 = client
        .query_one("select count(*) from auth.users", &[])
        .await?
        .get(0);
    let users = User::page(
        &client,
        per_page.into(),
        i64::from(per_page) * i64::from(page - 1),
    )
    .await?;
    let headers = [
        (HeaderName::from_static("x-total-count"), total.to_string()),
        (header::LINK, page_links(page, per_page, total)),
    ];
    Ok((
        headers,
        Json(json!({"users": users, "aud": "authenticated"})),
    )
        .into_response())
}

fn positive(query: &HashMap<String, String>, name: &str, default: u32) -> Result<u32, AuthError> {
    match query.get(name).map(String::as_str) {
        None | Some("" | "0") => Ok(default),
        Some(text) => text.parse().map_err(|_| {
            AuthError::validation(format!(
                "Bad Pagination Parameters: strconv.ParseUint: parsing {text:?}: invalid syntax"
            ))
        }),
    }
}

fn page_links(page: u32, per_page: u32, total: i64) -> String {
    let last = (total.max(1) + i64::from(per_page) - 1) / i64::from(per_page);
    let link = |page: i64, name: &str| {
        format!("</admin/users?page={page}&per_page={per_page}>; rel=\"{name}\"")
    };
    let next = i64::from(page) + 1;
    if next <= last {
        format!("{}, {}", link(next, "next"), link(last, "last"))
    } else {
        link(last, "last")
    }
}

pub(super) async fn update(
    State(gateway): State<Gateway>,
    _admin: Admin,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<User>, AuthError> {
    let id = user_id(&id)?;
    let params = Params::parse(&headers, &body, "AdminUserParams")?;
    let mut client = gateway.auth_pool.get().await?;
    let transaction = client.transaction().await?;
    User::by_id(&transaction, id).await?.ok_or_else(not_found)?;
    if params.flag("email_confirm")? {
        let sql = "update auth.users set email_confirmed_at = coalesce(email_confirmed_at, now()) where id = $1";
        transaction.execute(sql, &[&id]).await?;
    }
    let password = params.text("password")?;
    if !password.is_empty() {
        set_password(&transaction, id, password).await?;
        session::close_all_but(&transaction, id, None).await?;
    }
    for (field, which) in [
        ("user_metadata", Metadata::User),
        ("app_metadata", Metadata::App),
    ] {
        if let Some(changes) = params.object(field)? {
            user::merge_metadata(&transaction, id, which, changes).await?;
        }
    }
    match params.text("ban_duration")? {
        "" => {}
        "none" => {
            transaction
                .execute(
                    "update auth.users set banned_until = null where id = $1",
                    &[&id],
                )
                .await?;
        }
        duration => {
            let seconds = go_duration(duration).ok_or_else(|| {
                AuthError::validation(format!(
                    "invalid format for ban duration: time: invalid duration {duration:?}"
                ))
            })?;
            let sql = "update auth.users set banned_until = now() + make_interval(secs => $2) where id = $1";
            transaction.execute(sql, &[&id, &seconds]).await?;
        }
    }
    let user = User::by_id(&transaction, id).await?.ok_or_else(not_found)?;
    transaction.commit().await?;
    Ok(Json(user))
}

/// The seconds in `1h30m`, as Go writes durations.
fn go_duration(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |at| digits + at);
        seconds += number
            * match &rest[digits..unit_end] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    (!text.is_empty()).then_some(seconds)
}

pub(super) async fn delete(
    State(gateway): State<Gateway>,
    _admin: Admin,
    Path(id): Path<String>,
) -> Result<Json<Value>, AuthError> {
    let id = user_id(&id)?;
    let client = gateway.auth_pool.get().await?;
    match client
        .execute("delete from auth.users where id = $1", &[&id])
        .await?
    {
        0 => Err(not_found()),
        _ => Ok(Json(json!({}))),
    }
}

#[cfg(test)]
mod tests {
    use super::{go_duration, page_links};

    #[test]
    fn durations_are_read_as_go_writes_them() {
        assert_eq!(go_duration("24h"), Some(86_400.0));
        assert_eq!(go_duration("1h30m"), Some(5_400.0));
        for bad in ["", "24", "h", "1d", "1h 2m"] {
            assert_eq!(go_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_last_page_has_no_next_one() {
        assert!(page_links(1, 2, 3).contains("page=2&per_page=2>; rel=\"next\""));
        assert!(!page_links(2, 2, 3).contains("next"));
    }
}
