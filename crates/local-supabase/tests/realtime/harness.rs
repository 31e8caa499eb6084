//! A stack of its own for each test, with the people and the configs of these tests.

use std::{net::Ipv4Addr, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use switchboard_local_supabase::{
    Data, LocalSupabase, Options, RealtimeOptions, Schema,
    realtime::{self, Limits},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Error};
use uuid::Uuid;

use crate::client::Client;

/// Longer than anything takes here, on a busy machine as well; only a failure waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running stack with members, and a connection that owns the schema.
pub(crate) struct Stack {
    pub(crate) supabase: LocalSupabase,
    pub(crate) owner: tokio_postgres::Client,
    /// `http://…` where Realtime answers.
    pub(crate) realtime: String,
}

/// A person with an account.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) user: Uuid,
}

impl Person {
    pub(crate) const DOUG: Self = Self::numbered(1);
    pub(crate) const RHONDA: Self = Self::numbered(2);
    /// A supervisor.
    pub(crate) const SUE: Self = Self::numbered(3);
    /// Signed in, but no member.
    pub(crate) const MALLORY: Self = Self::numbered(9);

    const fn numbered(n: u128) -> Self {
        Self {
            user: Uuid::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0000 + n),
        }
    }
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self::start_with(RealtimeOptions::default()).await
    }

    pub(crate) async fn start_with(realtime: RealtimeOptions) -> Self {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
        let options = Options {
            data: Data::Temporary,
            schema: Schema::File(tests.join("golden/schema.sql")),
            realtime,
            ..Options::default()
        };
        let supabase = LocalSupabase::start(options).await.expect("a stack");
        let owner = supabase.connect().await.expect("owner");
        let more =
            std::fs::read_to_string(tests.join("realtime/private_channel.sql")).expect("policies");
        owner.batch_execute(&more).await.expect("policies");
        let admin = supabase.connect_admin().await.expect("admin");
        for (name, person, role) in [
            ("doug", Person::DOUG, Some("agent")),
            ("rhonda", Person::RHONDA, Some("agent")),
            ("sue", Person::SUE, Some("supervisor")),
            ("mallory", Person::MALLORY, None),
        ] {
            let email = format!("{name}@example.com");
            admin
                .execute(
                    "insert into auth.users (id, email) values ($1, $2)",
                    &[&person.user, &email],
                )
                .await
                .expect("a user");
            if let Some(role) = role {
                admin
                    .execute(
                        "insert into public.voip_users (id, user_id, display_name, identity, role) values ($1, $1, $2, $2, $3)",
                        &[&person.user, &name, &role],
                    )
                    .await
                    .expect("a member");
            }
        }
        let realtime = format!("{}/realtime/v1", supabase.url());
        Self {
            supabase,
            owner,
            realtime,
        }
    }

    /// The same stack with a Realtime server of other delays and limits in front of the same database.
    pub(crate) async fn with_limits(mut self, limits: Limits) -> Self {
        self.realtime = self.serve_with(limits).await;
        self
    }

    /// Starts a Realtime server of other delays and limits in front of the same database; gives its address.
    pub(crate) async fn serve_with(&self, limits: Limits) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let gateway = self.supabase.gateway().clone();
        let router = realtime::router_with(gateway.clone(), limits);
        tokio::spawn(async move {
            let serving = axum::serve(listener, router);
            serving
                .with_graceful_shutdown(async move { gateway.stopped().await })
                .await
        });
        address
    }

    pub(crate) async fn stop(self) {
        drop(self.owner);
        self.supabase.stop().await;
    }

    /// A token for `person` that ends `seconds` from now.
    pub(crate) fn token_for(&self, person: Person, seconds: i64) -> String {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        self.supabase.gateway().jwt.sign(&json!({
            "role": "authenticated", "aud": "authenticated", "sub": person.user, "exp": now + seconds,
        }))
    }

    pub(crate) fn token(&self, person: Person) -> String {
        self.token_for(person, 3600)
    }

    pub(crate) async fn insert_call(&self, sid: &str) -> Uuid {
        let sql = "insert into calls (twilio_call_sid, from_number, to_number) values ($1, '+15550100', '+15550199') returning id";
        self.owner
            .query_one(sql, &[&sid])
            .await
            .expect("a call")
            .get(0)
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.owner.batch_execute(sql).await.expect(sql);
    }

    pub(crate) async fn client(&self, version: &str) -> Client {
        let key = self.supabase.keys().anon.clone();
        let socket = self
            .handshake(&format!("apikey={key}&vsn={version}"))
            .await
            .expect("a socket");
        Client::new(socket, version)
    }

    /// Broadcasts over HTTP; gives the status.
    pub(crate) async fn post_broadcast(&self, token: &str, body: &Value) -> u16 {
        let request = reqwest::Client::new().post(format!("{}/api/broadcast", self.realtime));
        let request = request
            .bearer_auth(token)
            .header("content-type", "application/json");
        request
            .body(body.to_string())
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    }

    pub(crate) async fn handshake(
        &self,
        query: &str,
    ) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
        let address = self.realtime.replacen("http", "ws", 1);
        connect_async(format!("{address}/websocket?{query}"))
            .await
            .map(|(socket, _)| socket)
    }
}

/// The real server's rules with waits that a test can afford.
pub(crate) fn short() -> Limits {
    Limits {
        refused_handshake: Duration::from_millis(20),
        refused_join: Duration::from_millis(200),
        resubscribe: Duration::from_millis(20)..=Duration::from_millis(40),
        ..Limits::default()
    }
}

/// The config of a public channel with one binding for everything that happens to calls.
pub(crate) fn calls() -> Value {
    json!({"private": false, "postgres_changes": [{"event": "*", "schema": "public", "table": "calls"}]})
}

/// The config of a private channel for broadcasts.
pub(crate) fn private_board() -> Value {
    json!({"private": true, "broadcast": {"ack": true, "self": true}, "postgres_changes": []})
}
