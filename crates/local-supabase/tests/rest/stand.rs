//! A stack with the recordings' schema and people, and the REST server alone on a port of its own: the recordings were
//! made without the gateway that asks for an API key.

use std::{net::SocketAddr, path::PathBuf};

use axum::Router;
use serde_json::{Value, json};
use switchboard_local_supabase::{
    Jwt, LocalSupabase, Options, Schema, request_line::Lenient, rest,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_postgres::Client;

/// The people of the recordings: their names and the ids that Auth would have given them.
pub(crate) const PEOPLE: [(&str, &str); 4] = [
    ("doug", "aaaaaaaa-0000-4000-8000-000000000001"),
    ("rhonda", "aaaaaaaa-0000-4000-8000-000000000002"),
    ("sue", "aaaaaaaa-0000-4000-8000-000000000003"),
    ("mallory", "aaaaaaaa-0000-4000-8000-000000000004"),
];

pub(crate) const SECRET: &str = "super-secret-jwt-token-with-at-least-32-characters-long";

pub(crate) struct Stand {
    stack: LocalSupabase,
    serving: JoinHandle<()>,
    pub(crate) address: SocketAddr,
    pub(crate) owner: Client,
    pub(crate) jwt: Jwt,
}

pub(crate) fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// Replaces `<auth:doug>` by his id.
pub(crate) fn with_people(text: &str) -> String {
    PEOPLE.iter().fold(text.to_owned(), |text, (name, id)| {
        text.replace(&format!("<auth:{name}>"), id)
    })
}

impl Stand {
    pub(crate) async fn start() -> Self {
        let options = Options {
            schema: Schema::File(golden("schema.sql")),
            ..Options::default()
        };
        let stack = LocalSupabase::start(options)
            .await
            .expect("the stack starts");
        let admin = stack.connect_admin().await.expect("admin connection");
        for (name, id) in PEOPLE {
            admin
                .execute(
                    "insert into auth.users (id, email, role, aud) values ($1::text::uuid, $2, 'authenticated', 'authenticated')",
                    &[&id, &format!("{name}@example.com")],
                )
                .await
                .expect("a user");
        }
        let router = Router::new().nest_service("/rest/v1", rest::router(stack.gateway().clone()));
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(async move {
            axum::serve(Lenient(listener), router)
                .await
                .expect("serving");
        });
        Self {
            stack,
            serving,
            address,
            owner: admin,
            jwt: Jwt::new(SECRET.into()),
        }
    }

    /// The members of the recordings.
    pub(crate) async fn add_members(&self, members: &Value) {
        let members = with_people(&members.to_string());
        self.owner
            .execute(
                "insert into public.voip_users (id, user_id, display_name, identity, role, is_available, last_seen_at, created_at)
                 select id, user_id, display_name, identity, role, is_available, last_seen_at, created_at
                 from json_populate_recordset(null::public.voip_users, $1::text::json)",
                &[&members],
            )
            .await
            .expect("members");
    }

    /// Back to a fixture, as the recordings say.
    pub(crate) async fn reset(&self, members: &Value, fixture: &Value) {
        self.owner
            .batch_execute(
                "update public.voip_users set current_call_id = null;
                 delete from public.call_events; delete from public.calls;
                 alter sequence public.board_version restart with 100;
                 alter table public.call_events alter column id restart with 1;",
            )
            .await
            .expect("reset");
        self.owner
            .execute(
                "update public.voip_users u
                 set is_available = m.is_available, last_seen_at = m.last_seen_at, display_name = m.display_name
                 from json_populate_recordset(null::public.voip_users, $1::text::json) m where m.id = u.id",
                &[&with_people(&members.to_string())],
            )
            .await
            .expect("members restored");
        for row in fixture.as_array().expect("a list of rows") {
            let columns: Vec<&str> = row
                .as_object()
                .expect("a row")
                .keys()
                .map(String::as_str)
                .collect();
            let columns = columns.join(", ");
            let insert = format!(
                "insert into public.calls ({columns}) select {columns}
                 from json_populate_record(null::public.calls, $1::text::json)"
            );
            self.owner
                .execute(&insert, &[&row.to_string()])
                .await
                .expect("a call");
        }
    }

    /// The `Authorization` header of somebody whom the recordings name.
    pub(crate) fn authorization(&self, who: &str) -> Option<String> {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let person = |name: &str| {
            PEOPLE
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, id)| *id)
        };
        let claims = |changes: Value| {
            let mut claims = json!({
                "iss": "supabase-demo", "aud": "authenticated", "role": "authenticated",
                "sub": person("doug"), "iat": now - 10, "exp": now + 3600,
            });
            for (name, value) in changes.as_object().expect("an object") {
                if value.is_null() {
                    claims.as_object_mut().expect("an object").remove(name);
                } else {
                    claims[name] = value.clone();
                }
            }
            claims
        };
        let signed = |changes: Value| self.jwt.sign(&claims(changes));
        let role = |role: &str| json!({"iss": "supabase-demo", "role": role, "iat": now - 10, "exp": now + 3600});
        let token = match who {
            "none" => return None,
            "empty" => return Some("Bearer ".to_owned()),
            "anon" => self.jwt.sign(&role("anon")),
            "service" => self.jwt.sign(&role("service_role")),
            "service_expired" => self
                .jwt
                .sign(&json!({"role": "service_role", "iat": now - 7200, "exp": now - 3600})),
            "expired" => signed(json!({"iat": now - 7200, "exp": now - 3600})),
            "just_expired_10s" => signed(json!({"iat": now - 3600, "exp": now - 10})),
            "wrong_secret" => Jwt::new("another-secret-with-at-least-32-characters".into())
                .sign(&claims(json!({}))),
            "garbage" => "not-a-jwt".to_owned(),
            "two_parts" => "abc.def".to_owned(),
            "three_bad_parts" => "abc.def.ghi".to_owned(),
            "hs512" => {
                let token = signed(json!({}));
                let (_, rest) = token.split_once('.').expect("parts");
                // {"alg":"HS512","typ":"JWT"}
                format!("eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.{rest}")
            }
            "unknown_role" => signed(json!({"role": "no_such_role"})),
            "no_role" => signed(json!({"role": null})),
            "exp_string" => signed(json!({"exp": "tomorrow"})),
            "future_nbf" => signed(json!({"nbf": now + 3600})),
            "future_iat" => signed(json!({"iat": now + 3600})),
            "other_aud" => signed(json!({"aud": "somebody-else"})),
            "sub_unknown" => signed(json!({"sub": "bbbbbbbb-0000-4000-8000-000000000001"})),
            "sub_not_uuid" => signed(json!({"sub": "doug"})),
            name => match name.strip_prefix("header:") {
                Some(verbatim) => return Some(verbatim.replace("{{doug}}", &signed(json!({})))),
                None => signed(
                    json!({"sub": person(name).unwrap_or_else(|| panic!("nobody is called {name}"))}),
                ),
            },
        };
        Some(format!("Bearer {token}"))
    }

    pub(crate) async fn stop(self) {
        self.serving.abort();
        self.stack.stop().await;
    }
}
