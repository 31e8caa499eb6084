//! `/admin/users`: what the service key may do about users.

use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use deadpool_postgres::GenericClient;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    bearer::Admin,
    body::Params,
    error::AuthError,
    password::{LONGEST, check_strength, set_password},
    session,
    user::{self, EMAIL_EXISTS, Metadata, NewUser, User},
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
        given if given.len() > LONGEST => {
            let message = format!("bcrypt: password length exceeds {LONGEST} bytes");
            return Err(AuthError::validation(message));
        }
        given => given.to_owned(),
    };
    let banned_for = ban(&params)?;
    let role = params.text("role")?;
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
        return Err(AuthError::new(422, "email_exists", EMAIL_EXISTS));
    }
    let mut user = new.insert(&transaction).await?;
    set_role(&transaction, user.id, role).await?;
    set_ban(&transaction, user.id, banned_for).await?;
    if !role.is_empty() || banned_for.is_some() {
        user = User::by_id(&transaction, user.id)
            .await?
            .ok_or_else(not_found)?;
    }
    let user = user.into_just_created();
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
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, AuthError> {
    let page = number(&query, "page", 1)?.max(1);
    let per_page = number(&query, "per_page", USERS_A_PAGE)?;
    if per_page == 0 {
        return Err(AuthError::validation(
            "Bad Pagination Parameters: per_page must be greater than 0",
        ));
    }
    let filter = query.get("filter").map(String::as_str).unwrap_or_default();
    let client = gateway.auth_pool.get().await?;
    let (users, total) = User::page(
        &client,
        filter,
        per_page.into(),
        i64::from(per_page) * i64::from(page - 1),
    )
    .await?;
    let headers = [
        (HeaderName::from_static("x-total-count"), total.to_string()),
        (header::LINK, page_links(query, page, per_page, total)),
    ];
    Ok((
        headers,
        Json(json!({"users": users, "aud": "authenticated"})),
    )
        .into_response())
}

fn number(query: &BTreeMap<String, String>, name: &str, default: u32) -> Result<u32, AuthError> {
    match query.get(name).map(String::as_str) {
        None | Some("") => Ok(default),
        Some(text) => text.parse().map_err(|_| {
            AuthError::validation(format!(
                "Bad Pagination Parameters: strconv.ParseUint: parsing {text:?}: invalid syntax"
            ))
        }),
    }
}

/// The same request for other pages.
fn page_links(mut query: BTreeMap<String, String>, page: u32, per_page: u32, total: i64) -> String {
    let last = (total + i64::from(per_page) - 1) / i64::from(per_page);
    let mut link = |page: i64, name: &str| {
        query.insert("page".to_owned(), page.to_string());
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&query)
            .finish();
        format!("</admin/users?{query}>; rel=\"{name}\"")
    };
    if last > i64::from(page) {
        format!(
            "{}, {}",
            link(i64::from(page) + 1, "next"),
            link(last, "last")
        )
    } else {
        link(last, "last")
    }
}

/// How long `ban_duration` bans, in seconds; 0 for not any more, `None` if nothing is said.
fn ban(params: &Params) -> Result<Option<f64>, AuthError> {
    match params.text("ban_duration")? {
        "" => Ok(None),
        "none" => Ok(Some(0.0)),
        duration => go_duration(duration).map(Some).ok_or_else(|| {
            AuthError::validation(format!(
                "invalid format for ban duration: time: invalid duration {duration:?}"
            ))
        }),
    }
}

async fn set_ban(
    client: &impl GenericClient,
    id: Uuid,
    seconds: Option<f64>,
) -> Result<(), AuthError> {
    let Some(seconds) = seconds else {
        return Ok(());
    };
    let sql = "update auth.users set banned_until = case when $2::float8 <> 0 then now() + make_interval(secs => $2) end \
               where id = $1";
    client.execute(sql, &[&id, &seconds]).await?;
    Ok(())
}

async fn set_role(client: &impl GenericClient, id: Uuid, role: &str) -> Result<(), AuthError> {
    if !role.is_empty() {
        let sql = "update auth.users set role = $2, updated_at = now() where id = $1";
        client.execute(sql, &[&id, &role]).await?;
    }
    Ok(())
}

/// An address that an administrator gives needs no confirmation by mail.
async fn set_email(client: &impl GenericClient, id: Uuid, email: &str) -> Result<(), AuthError> {
    let sql = "update auth.users set email = $2::text, updated_at = now() where id = $1";
    client.execute(sql, &[&id, &email]).await?;
    let sql = "update auth.identities set identity_data = identity_data || jsonb_build_object('email', $2::text), \
               updated_at = now() where user_id = $1 and provider = 'email'";
    client.execute(sql, &[&id, &email]).await?;
    Ok(())
}

pub(super) async fn update(
    State(gateway): State<Gateway>,
    _admin: Admin,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<User>, AuthError> {
    let id = user_id(&id)?;
    let mut client = gateway.auth_pool.get().await?;
    let transaction = client.transaction().await?;
    User::by_id(&transaction, id).await?.ok_or_else(not_found)?;
    let params = Params::parse(&headers, &body, "AdminUserParams")?;
    let email = match params.text("email")? {
        "" => None,
        email => Some(user::valid_email(email)?),
    };
    let banned_for = ban(&params)?;
    let password = params.optional_text("password")?;
    if let Some(password) = password {
        check_strength(&gateway, password)?;
    }
    set_role(&transaction, id, params.text("role")?).await?;
    if params.flag("email_confirm")? {
        let sql = "update auth.users set email_confirmed_at = coalesce(email_confirmed_at, now()) where id = $1";
        transaction.execute(sql, &[&id]).await?;
    }
    if let Some(password) = password {
        set_password(&transaction, id, password).await?;
        session::close_all_but(&transaction, id, None).await?;
    }
    if let Some(email) = email {
        set_email(&transaction, id, &email).await?;
    }
    for (field, which) in [
        ("user_metadata", Metadata::User),
        ("app_metadata", Metadata::App),
    ] {
        if let Some(changes) = params.object(field)? {
            user::merge_metadata(&transaction, id, which, changes).await?;
        }
    }
    set_ban(&transaction, id, banned_for).await?;
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
    fn pages_are_linked_by_the_request_that_asked_for_one() {
        let query = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        assert_eq!(
            page_links(query(&[("per_page", "2"), ("page", "1")]), 1, 2, 3),
            "</admin/users?page=2&per_page=2>; rel=\"next\", </admin/users?page=2&per_page=2>; rel=\"last\""
        );
        assert_eq!(
            page_links(query(&[("filter", "a b")]), 1, 50, 3),
            "</admin/users?filter=a+b&page=1>; rel=\"last\""
        );
        assert_eq!(
            page_links(query(&[]), 1, 50, 0),
            "</admin/users?page=0>; rel=\"last\""
        );
    }
}
