//! Somebody at a desk: a client on a real socket, and the board that it keeps in step.
//!
//! The board is fetched when the client asks for it and at no other time, so what it shows is the
//! client's doing.

use std::collections::VecDeque;
use std::future::ready;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use switchboard_local_supabase::{Jwt, LocalSupabase};
use switchboard_model::{Board, Change, Kind, Snapshot, Table};
use switchboard_realtime::{ChangeKind, Config, Event, Status, Timing, Token, TokenReason, native};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_postgres::Client as Database;
use uuid::Uuid;

/// Longer than anything takes here, on a busy machine as well; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);
/// The account of the seeded agent Doug.
const DOUG: Uuid = Uuid::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0001);

/// How the desk's application deals with tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renews {
    /// Whenever it is asked.
    Always,
    /// Only once the server has refused the old one.
    TooLate,
}

pub(crate) struct Desk {
    events: mpsc::UnboundedReceiver<Event>,
    handle: native::Handle,
    pub(crate) board: Board,
    pub(crate) statuses: Vec<Status>,
    pub(crate) changes: usize,
    /// The latest events, shown when a test fails.
    recent: VecDeque<String>,
    begun: Instant,
}

/// Deadlines that a busy machine meets, and intervals that a test can wait for.
pub(crate) fn timing() -> Timing {
    Timing {
        lagging_ms: 60_000,
        heartbeat_reply_ms: 60_000,
        open_ms: 60_000,
        join_reply_ms: 60_000,
        system_ok_ms: 60_000,
        token_wait_ms: 60_000,
        token_ack_ms: 60_000,
        snapshot_ms: 2_000,
        attempt_gap_ms: 500,
        ..Timing::default()
    }
}

/// The same for who must notice a dumb socket soon, and may take a slow one for it.
pub(crate) fn alert() -> Timing {
    Timing {
        heartbeat_ms: 5_000,
        silence_probe_ms: 1_000,
        lagging_ms: 2_000,
        heartbeat_reply_ms: 6_000,
        ..timing()
    }
}

fn token(jwt: &Jwt, lives_for: Duration, number: u64) -> Token {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let expires = now + lives_for;
    let claims = serde_json::json!({"aud": "authenticated", "role": "authenticated", "sub": DOUG,
        "iat": now.as_secs(), "exp": expires.as_secs(), "number": number});
    Token::new(
        jwt.sign(&claims),
        u64::try_from(expires.as_millis()).unwrap(),
    )
}

impl Desk {
    pub(crate) fn sits_down(
        stack: &LocalSupabase,
        timing: Timing,
        lives_for: Duration,
        renews: Renews,
    ) -> Self {
        let mut config =
            Config::private_channel(stack.url(), &stack.keys().anon, "board", "calls", 1);
        config.timing = timing;
        let jwt = stack.gateway().jwt.clone();
        let session = std::sync::Mutex::new((token(&jwt, lives_for, 0), 0));
        let source = move |reason| {
            let mut session = session.lock().unwrap();
            if renews == Renews::Always || reason == TokenReason::Rejected {
                session.1 += 1;
                session.0 = token(&jwt, lives_for, session.1);
            }
            ready(Some(session.0.clone()))
        };
        let (sink, events) = mpsc::unbounded_channel();
        Self {
            events,
            handle: native::connect(config, source, move |event| drop(sink.send(event))),
            board: Board::default(),
            statuses: Vec::new(),
            changes: 0,
            recent: VecDeque::new(),
            begun: Instant::now(),
        }
    }

    async fn take(&mut self, event: Event, database: &Database) {
        self.recent
            .push_back(format!("{:?} {event:?}", self.begun.elapsed()));
        if self.recent.len() > 60 {
            self.recent.pop_front();
        }
        match event {
            Event::Status(status) => self.statuses.push(status),
            Event::SnapshotNeeded(_) => {
                let asked = self.board.snapshot_asked();
                self.board.apply_snapshot(asked, snapshot(database).await);
                self.handle.snapshot_done();
            }
            Event::Change(change) => {
                self.changes += 1;
                let kind = match change.kind {
                    ChangeKind::Insert | ChangeKind::Update => Kind::Upsert,
                    ChangeKind::Delete => Kind::Delete,
                };
                if let Some(table) = Table::named(&change.table) {
                    let record = change.record;
                    self.board.apply(&Change {
                        table,
                        kind,
                        record,
                    });
                }
            }
            Event::Broadcast { .. }
            | Event::TokenNeeded(_)
            | Event::ConfigurationFault(_)
            | Event::Refused(_) => {}
        }
    }

    /// Listens until the condition holds.
    pub(crate) async fn until(
        &mut self,
        database: &Database,
        what: &str,
        enough: impl Fn(&Self) -> bool,
    ) {
        let listening = async {
            while !enough(self) {
                let event = self.events.recv().await.expect("the client ended");
                self.take(event, database).await;
            }
        };
        let came = timeout(PATIENCE, listening).await;
        assert!(
            came.is_ok(),
            "{what} did not come; the latest:\n{:#?}",
            self.recent
        );
    }

    pub(crate) fn is(&self, status: Status) -> bool {
        self.statuses.last() == Some(&status)
    }

    /// Listens until the link is live again after its `times`-th loss.
    pub(crate) async fn until_live(&mut self, database: &Database, times: usize) {
        let live = |desk: &Self| {
            desk.statuses
                .iter()
                .filter(|status| **status == Status::Live)
                .count()
        };
        self.until(database, "a live link", |desk| {
            live(desk) >= times && desk.is(Status::Live)
        })
        .await;
    }

    /// Listens until the board shows what the database holds now.
    pub(crate) async fn until_right(&mut self, database: &Database) {
        let mut right = Board::default();
        let asked = right.snapshot_asked();
        right.apply_snapshot(asked, snapshot(database).await);
        self.until(database, "the right board", |desk| desk.board == right)
            .await;
    }

    pub(crate) async fn leaves(self) {
        self.handle.stop().await;
    }
}

/// What the board's queries answer to a member.
async fn snapshot(database: &Database) -> Snapshot {
    let json = |query: String| async move {
        let row = database.query_one(&query, &[]).await.unwrap();
        row.get::<_, String>(0)
    };
    let rows = |table: &str, which: &str| {
        json(format!(
            "select coalesce(json_agg(t), '[]')::text from public.{table} t where {which}"
        ))
    };
    let calls = rows("calls", "status in ('ringing', 'active', 'parked')").await;
    let members = rows("voip_users", "retired_at is null").await;
    Snapshot::from_json(&calls, &members, "[]").unwrap()
}

/// Lets so many calls ring, in one transaction each.
pub(crate) async fn ring(database: &Database, name: &str, calls: usize) {
    for number in 0..calls {
        let sid = format!("CA-{name}-{number}");
        database
            .execute(
                "insert into public.calls (twilio_call_sid, direction, from_number, to_number, status)
                 values ($1, 'inbound', '+12025550101', '+12025550100', 'ringing')",
                &[&sid],
            )
            .await
            .unwrap();
    }
}
