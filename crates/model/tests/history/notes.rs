//! A member who looks at the database, and what was seen.

use serde_json::Value;
use switchboard_local_supabase::LocalSupabase;
use switchboard_model::{Checksum, Event};
use time::OffsetDateTime;
use tokio_postgres::Client;

/// Doug's account, from the seed.
const DOUG: &str = "aaaaaaaa-0000-4000-8000-000000000001";

/// The board at one moment, as one statement saw it.
pub(crate) struct Note {
    /// By the server's clock.
    pub(crate) at: OffsetDateTime,
    /// Every live call with all its columns, oldest first.
    pub(crate) calls: Vec<Value>,
    /// The team.
    pub(crate) members: Vec<Value>,
    /// The one row of settings; null for a stranger.
    pub(crate) settings: Value,
    /// `board_checksum()`.
    pub(crate) sum: Checksum,
}

impl Note {
    /// Each row's id and version: what makes two boards different.
    pub(crate) fn identity(&self) -> Vec<(String, i64)> {
        let rows = self
            .calls
            .iter()
            .chain(&self.members)
            .chain([&self.settings]);
        let mut rows: Vec<_> = rows
            .map(|row| (row["id"].to_string(), row["version"].as_i64().unwrap()))
            .collect();
        rows.sort();
        rows
    }
}

/// A connection that reads with a person's rights.
pub(crate) struct Reader(Client);

impl Reader {
    pub(crate) async fn connect(stack: &LocalSupabase) -> Self {
        Self::connect_as(stack, DOUG).await
    }

    pub(crate) async fn connect_as(stack: &LocalSupabase, account: &str) -> Self {
        let client = stack.connect().await.unwrap();
        let claims = serde_json::json!({ "role": "authenticated", "sub": account });
        let become_them = format!(
            "set timezone = 'UTC'; set role authenticated; \
             select set_config('request.jwt.claims', '{claims}', false)"
        );
        client.batch_execute(&become_them).await.unwrap();
        Self(client)
    }

    pub(crate) async fn note(&self) -> Note {
        let look = "select clock_timestamp(), \
            (select coalesce(jsonb_agg(to_jsonb(c) order by created_at, id), '[]') from calls c \
             where status <> 'ended'), \
            (select coalesce(jsonb_agg(to_jsonb(m)), '[]') from voip_users m where retired_at is null), \
            (select jsonb_agg(to_jsonb(s)) from board_checksum() s), \
            (select to_jsonb(s) from board_settings s)";
        let row = self.0.query_one(look, &[]).await.unwrap();
        let sum: Value = row.get(3);
        Note {
            at: row.get(0),
            calls: rows(row.get(1)),
            members: rows(row.get(2)),
            settings: row.get::<_, Option<Value>>(4).unwrap_or_default(),
            sum: Checksum::from_json(&sum.to_string()).unwrap(),
        }
    }

    pub(crate) async fn board_at(&self, moment: OffsetDateTime) -> Vec<Value> {
        let ask = "select coalesce(jsonb_agg(to_jsonb(b) order by created_at, id), '[]') from board_at($1) b";
        rows(self.0.query_one(ask, &[&moment]).await.unwrap().get(0))
    }

    pub(crate) async fn log(&self) -> Vec<Event> {
        let ask = "select jsonb_agg(to_jsonb(e) order by id)::text from call_events e";
        let row = self.0.query_one(ask, &[]).await.unwrap();
        Event::from_json(row.get(0)).unwrap()
    }
}

fn rows(value: Value) -> Vec<Value> {
    match value {
        Value::Array(rows) => rows,
        other => panic!("no rows: {other}"),
    }
}
