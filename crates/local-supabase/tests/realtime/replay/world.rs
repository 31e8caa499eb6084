//! The stack that all recordings are played on, its people, and a server for each recording.

use std::{net::Ipv4Addr, path::PathBuf};

use secrecy::ExposeSecret;
use serde_json::json;
use switchboard_local_supabase::{
    Data, Jwt, LocalSupabase, Options, Schema,
    realtime::{self, Limits},
};
use tokio::{net::TcpListener, sync::watch};
use uuid::Uuid;

/// The stack, with everybody whom a recording names.
pub(super) struct World {
    pub(super) supabase: LocalSupabase,
}

/// A Realtime server in front of the world's database, for one recording alone.
pub(super) struct Server {
    /// `http://127.0.0.1:<port>`.
    pub(super) url: String,
    stop: watch::Sender<bool>,
    sockets: watch::Sender<()>,
}

/// Somebody whom recordings call a member, but who is none.
const NO_MEMBER: u32 = 999;
/// A member whom no recording changes.
const SOME_MEMBER: u32 = 4;

/// Id of a member's row.
pub(super) fn member(number: u32) -> Uuid {
    Uuid::from_u128(0x1111_1111_0000_4000_8000_0000_0000_0000 + u128::from(number))
}

/// Id of a member's account.
pub(super) fn user(number: u32) -> Uuid {
    Uuid::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0000 + u128::from(number))
}

impl World {
    pub(super) async fn start(members: impl IntoIterator<Item = u32>) -> Self {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
        let options = Options {
            data: Data::Temporary,
            schema: Schema::File(tests.join("golden/schema.sql")),
            ..Options::default()
        };
        let supabase = LocalSupabase::start(options).await.expect("a stack");
        let owner = supabase.connect().await.expect("the owner");
        let more = tests.join("realtime/replay/world.sql");
        let more = std::fs::read_to_string(more).expect("world.sql");
        owner.batch_execute(&more).await.expect("world.sql");
        let admin = supabase.connect_admin().await.expect("the admin");
        for number in members.into_iter().chain([SOME_MEMBER]) {
            let sql = "insert into auth.users (id, email) values ($1, $2) on conflict do nothing";
            let email = format!("rt{number}@example.com");
            admin
                .execute(sql, &[&user(number), &email])
                .await
                .expect("an account");
            owner
                .batch_execute(&membership(number))
                .await
                .expect("a member");
        }
        Self { supabase }
    }

    pub(super) async fn serve(&self, limits: Limits, mixed_formats: bool) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, shutdown) = watch::channel(false);
        let mut gateway = self.supabase.gateway().clone();
        gateway.shutdown = shutdown;
        gateway.sockets = watch::Sender::new(());
        gateway.realtime.mixed_formats = mixed_formats;
        let sockets = gateway.sockets.clone();
        let router = realtime::router_with(gateway.clone(), limits);
        tokio::spawn(async move {
            let serving = axum::serve(listener, router);
            serving
                .with_graceful_shutdown(async move { gateway.stopped().await })
                .await
        });
        Server { url, stop, sockets }
    }

    /// The token that a recording calls `name`.
    pub(super) fn token(&self, name: &str) -> String {
        let jwt = &self.supabase.gateway().jwt;
        let foreign = Jwt::new("another-secret-that-is-as-long-as-it-should-be".into());
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let of = |number: u32, seconds: i64| {
            jwt.sign(&json!({"role": "authenticated", "aud": "authenticated", "sub": user(number), "exp": now + seconds}))
        };
        let hour = 3600;
        if let Some(number) = name
            .strip_prefix("member")
            .and_then(|number| number.parse().ok())
        {
            return of(number, hour);
        }
        if let Some(seconds) = name
            .strip_prefix("exp")
            .and_then(|seconds| seconds.parse().ok())
        {
            return of(SOME_MEMBER, seconds);
        }
        match name {
            "anon" => self.supabase.keys().anon.clone(),
            "service" => self.supabase.keys().service_role.expose_secret().to_owned(),
            "fresh" | "allowed" => of(SOME_MEMBER, hour),
            // Not the same as the one before.
            "fresh2" => of(SOME_MEMBER, 2 * hour),
            "nonmember" | "denied" => of(NO_MEMBER, hour),
            "expired" => of(SOME_MEMBER, -30),
            "expired-anon" => jwt.sign(&json!({"role": "anon", "exp": now - 30})),
            "wrong-secret" => foreign.sign(&json!({"role": "authenticated", "exp": now + hour})),
            "wrong-anon" => foreign.sign(&json!({"role": "anon", "exp": now + hour})),
            "no-exp" => jwt.sign(&json!({"role": "authenticated", "sub": user(SOME_MEMBER)})),
            "noexp-anon" => jwt.sign(&json!({"role": "anon"})),
            "no-role" => jwt.sign(&json!({"sub": user(SOME_MEMBER), "exp": now + hour})),
            "unknown-role" => jwt.sign(&json!({"role": "nobody", "exp": now + hour})),
            unknown => panic!("who is {unknown}?"),
        }
    }
}

/// SQL that makes a member of an account.
pub(super) fn membership(number: u32) -> String {
    format!(
        "insert into voip_users (id, user_id, display_name, identity)
         values ('{}', '{}', 'RT {number}', 'rt_{number}') on conflict do nothing",
        member(number),
        user(number),
    )
}

impl Server {
    /// Ends as the program ends on a signal.
    pub(super) async fn stop(&self) {
        self.stop.send_replace(true);
        self.sockets.closed().await;
    }
}
