//! Users as rows and as JSON.

use deadpool_postgres::GenericClient;
use rand::RngExt;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::error::AuthError;

/// What GoTrue says of an address that another user has.
pub(super) const EMAIL_EXISTS: &str = "A user with this email address has already been registered";

type Timestamp = OffsetDateTime;
type OptionalTimestamp = Option<OffsetDateTime>;

/// A user as GoTrue shows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct User {
    pub(super) id: Uuid,
    pub(super) aud: String,
    pub(super) role: String,
    pub(super) email: String,
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) email_confirmed_at: OptionalTimestamp,
    pub(super) phone: String,
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) confirmed_at: OptionalTimestamp,
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    last_sign_in_at: OptionalTimestamp,
    pub(super) app_metadata: Map<String, Value>,
    pub(super) user_metadata: Map<String, Value>,
    identities: Vec<Identity>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: Timestamp,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: Timestamp,
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) banned_until: OptionalTimestamp,
    pub(super) is_anonymous: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Identity {
    identity_id: Uuid,
    /// The user's id at the provider; for e-mail the user's own id.
    id: String,
    user_id: Uuid,
    identity_data: Value,
    provider: String,
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    last_sign_in_at: OptionalTimestamp,
    #[serde(with = "time::serde::rfc3339::option")]
    created_at: OptionalTimestamp,
    #[serde(with = "time::serde::rfc3339::option")]
    updated_at: OptionalTimestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

const USER_COLUMNS: &str = "id, coalesce(aud, '') aud, coalesce(role, '') role, coalesce(email, '') email, \
    email_confirmed_at, coalesce(phone, '') phone, confirmed_at, last_sign_in_at, \
    coalesce(raw_app_meta_data, '{}') app, coalesce(raw_user_meta_data, '{}') own, \
    coalesce(created_at, now()) created_at, coalesce(updated_at, now()) updated_at, banned_until, is_anonymous";

impl User {
    pub(super) async fn by_id(
        client: &impl GenericClient,
        id: Uuid,
    ) -> Result<Option<Self>, AuthError> {
        let sql =
            format!("select {USER_COLUMNS} from auth.users where id = $1 and deleted_at is null");
        match client.query_opt(&sql, &[&id]).await? {
            Some(row) => Ok(Some(Self::from_row(client, &row).await?)),
            None => Ok(None),
        }
    }

    pub(super) async fn by_email(
        client: &impl GenericClient,
        email: &str,
    ) -> Result<Option<Self>, AuthError> {
        let sql = format!(
            "select {USER_COLUMNS} from auth.users \
             where lower(email) = lower($1) and not is_sso_user and deleted_at is null"
        );
        match client.query_opt(&sql, &[&email]).await? {
            Some(row) => Ok(Some(Self::from_row(client, &row).await?)),
            None => Ok(None),
        }
    }

    /// One page of all users whose address or full name holds `filter`, the newest first, and how many they are.
    pub(super) async fn page(
        client: &impl GenericClient,
        filter: &str,
        limit: i64,
        skip: i64,
    ) -> Result<(Vec<Self>, i64), AuthError> {
        let found = "from auth.users where $1 = '' or email like '%' || $1 || '%' \
                     or raw_user_meta_data ->> 'full_name' ilike '%' || $1 || '%'";
        let sql = format!(
            "select {USER_COLUMNS} {found} order by created_at desc, id limit $2 offset $3"
        );
        let mut users = Vec::new();
        for row in client.query(&sql, &[&filter, &limit, &skip]).await? {
            users.push(Self::from_row(client, &row).await?);
        }
        let total = client
            .query_one(&format!("select count(*) {found}"), &[&filter])
            .await?;
        Ok((users, total.get(0)))
    }

    async fn from_row(client: &impl GenericClient, row: &Row) -> Result<Self, AuthError> {
        let id: Uuid = row.get("id");
        let identities = client
            .query(
                "select * from auth.identities where user_id = $1 order by created_at, id",
                &[&id],
            )
            .await?;
        let identity = |row: &Row| Identity {
            identity_id: row.get("id"),
            id: row.get("provider_id"),
            user_id: row.get("user_id"),
            identity_data: row.get("identity_data"),
            provider: row.get("provider"),
            last_sign_in_at: row.get("last_sign_in_at"),
            created_at: row.get("created_at"),
            updated_at: row.get("updated_at"),
            email: row.get("email"),
        };
        Ok(Self {
            id,
            aud: row.get("aud"),
            role: row.get("role"),
            email: row.get("email"),
            email_confirmed_at: row.get("email_confirmed_at"),
            phone: row.get("phone"),
            confirmed_at: row.get("confirmed_at"),
            last_sign_in_at: row.get("last_sign_in_at"),
            app_metadata: object(row.get("app")),
            user_metadata: object(row.get("own")),
            identities: identities.iter().map(identity).collect(),
            created_at: row.get("created_at"),
            updated_at: row.get("updated_at"),
            banned_until: row.get("banned_until"),
            is_anonymous: row.get("is_anonymous"),
        })
    }

    pub(super) fn is_banned(&self) -> bool {
        self.banned_until
            .is_some_and(|until| until > OffsetDateTime::now_utc())
    }

    pub(super) fn signed_in_at(&mut self, at: OffsetDateTime) {
        self.last_sign_in_at = Some(at);
    }

    /// GoTrue answers a creation without reading the row again, and the database makes this column.
    pub(super) fn into_just_created(mut self) -> Self {
        self.confirmed_at = None;
        self
    }

    /// GoTrue confirms the identity of somebody who signs up in its answer, but not in the database.
    pub(super) fn into_just_signed_up(mut self) -> Self {
        for identity in &mut self.identities {
            identity.identity_data["email_verified"] = json!(true);
        }
        self.into_just_created()
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// A user that is to be made.
pub(super) struct NewUser {
    /// `None`: nobody knows who it is.
    pub(super) email: Option<String>,
    /// `None`: nobody can sign in with a password.
    pub(super) password: Option<String>,
    pub(super) confirmed: bool,
    pub(super) app_metadata: Map<String, Value>,
    pub(super) user_metadata: Map<String, Value>,
    /// Whether the address is repeated in the metadata, as it is for those who sign up themselves.
    pub(super) signs_up: bool,
}

impl NewUser {
    /// Inserts the user and its e-mail identity.
    pub(super) async fn insert(self, client: &impl GenericClient) -> Result<User, AuthError> {
        let id = Uuid::new_v4();
        let (mut app, mut own) = (self.app_metadata, self.user_metadata);
        let mut identity = Map::new();
        if let Some(email) = &self.email {
            app.insert("provider".to_owned(), json!("email"));
            app.insert("providers".to_owned(), json!(["email"]));
            identity.insert("sub".to_owned(), json!(id));
            identity.insert("email".to_owned(), json!(email));
            identity.insert("email_verified".to_owned(), json!(false));
            identity.insert("phone_verified".to_owned(), json!(false));
            if self.signs_up {
                own.extend(identity);
                identity = own.clone();
                own.insert("email_verified".to_owned(), json!(self.confirmed));
            } else if self.confirmed {
                own.insert("email_verified".to_owned(), json!(true));
            }
        }
        client
            .execute(
                "insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, \
                   raw_app_meta_data, raw_user_meta_data, created_at, updated_at, is_anonymous, confirmation_token, \
                   recovery_token, email_change_token_new, email_change) \
                 values ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', 'authenticated', $2::text, \
                   coalesce(extensions.crypt($3::text, extensions.gen_salt('bf', 10)), ''), \
                   case when $4 then now() end, $5, $6, now(), now(), $2::text is null, '', '', '', '')",
                &[&id, &self.email, &self.password, &self.confirmed, &Value::Object(app), &Value::Object(own)],
            )
            .await?;
        if self.email.is_some() {
            client
                .execute(
                    "insert into auth.identities \
                       (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at) \
                     values ($1::uuid::text, $1, $2, 'email', now(), now(), now())",
                    &[&id, &Value::Object(identity)],
                )
                .await?;
        }
        let user = User::by_id(client, id).await?;
        user.ok_or_else(|| AuthError::new(500, "unexpected_failure", "Database error loading user"))
    }
}

/// Which of a user's two documents.
#[derive(Clone, Copy)]
pub(super) enum Metadata {
    User,
    App,
}

/// Lays `changes` over the document; a null removes its key.
pub(super) async fn merge_metadata(
    client: &impl GenericClient,
    id: Uuid,
    which: Metadata,
    changes: Map<String, Value>,
) -> Result<(), AuthError> {
    let column = match which {
        Metadata::User => "raw_user_meta_data",
        Metadata::App => "raw_app_meta_data",
    };
    let removed: Vec<String> = changes
        .iter()
        .filter(|(_, value)| value.is_null())
        .map(|(key, _)| key.clone())
        .collect();
    let sql = format!(
        "update auth.users set {column} = (coalesce({column}, '{{}}') || $2) - $3::text[], updated_at = now() where id = $1"
    );
    client
        .execute(&sql, &[&id, &Value::Object(changes), &removed])
        .await?;
    Ok(())
}

/// An address in lower case, if it has the form of one.
pub(super) fn valid_email(email: &str) -> Result<String, AuthError> {
    let valid = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
            && !email.contains(|c: char| c.is_whitespace() || c.is_control())
            && !domain.contains('@')
            && email.len() <= 255
    });
    if valid {
        Ok(email.to_lowercase())
    } else {
        Err(AuthError::validation(
            "Unable to validate email address: invalid format",
        ))
    }
}

/// A word that nobody can guess, of small letters and digits.
pub(super) fn random_word(length: usize) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = rand::rng();
    (0..length)
        .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
        .collect()
}
