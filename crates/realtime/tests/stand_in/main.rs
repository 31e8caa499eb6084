//! The native adapter against the stand-in: real rows, real policies, both lanes.
//!
//! It needs PostgreSQL with wal2json, as the stand-in does.

// A test that cannot go on should stop where it stands.
#![allow(clippy::unwrap_used)]

mod desk;
mod trouble;

use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_realtime::{
    Change, ChangeKind, Config, Event, Lane, Reason, Status, Token, TokenReason, native,
};
use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;

/// Short, so that a test sees tokens expire; long enough to replace them in time on a busy machine.
const TOKEN_LIFE: Duration = Duration::from_secs(12);
/// Longer than anything takes here, on a busy machine as well; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A member's client.
struct App {
    events: mpsc::UnboundedReceiver<Happening>,
    handle: native::Handle,
    statuses: Vec<Status>,
    begun: Instant,
}

#[derive(Debug)]
enum Happening {
    Event(Event),
    TokenAsked(TokenReason),
}

impl App {
    fn connect(stack: &Arc<LocalSupabase>, user: Uuid) -> Self {
        let mut config =
            Config::private_channel(stack.url(), &stack.keys().anon, "board", "calls", 1);
        // A busy machine is no reason to doubt the link.
        let patience = u64::try_from(PATIENCE.as_millis()).unwrap();
        let timing = &mut config.timing;
        for deadline in [
            &mut timing.lagging_ms,
            &mut timing.heartbeat_reply_ms,
            &mut timing.open_ms,
            &mut timing.join_reply_ms,
            &mut timing.system_ok_ms,
            &mut timing.token_wait_ms,
            &mut timing.token_ack_ms,
        ] {
            *deadline = patience;
        }
        let (happenings, events) = mpsc::unbounded_channel();
        let (asked, issuer) = (happenings.clone(), Arc::clone(stack));
        let source = move |reason| {
            let _ = asked.send(Happening::TokenAsked(reason));
            let expires = SystemTime::now() + TOKEN_LIFE;
            let expires = expires.duration_since(UNIX_EPOCH).unwrap().as_millis();
            let jwt = issuer.token_of(user, "authenticated");
            ready(Some(Token::new(jwt, u64::try_from(expires).unwrap())))
        };
        let sink = move |event| drop(happenings.send(Happening::Event(event)));
        Self {
            events,
            handle: native::connect(config, source, sink),
            statuses: Vec::new(),
            begun: Instant::now(),
        }
    }

    async fn until<T>(&mut self, wanted: impl FnMut(&Happening) -> Option<T>) -> T {
        let found = timeout(PATIENCE, self.search(wanted)).await;
        found.expect("what the test waits for comes")
    }

    async fn search<T>(&mut self, mut wanted: impl FnMut(&Happening) -> Option<T>) -> T {
        loop {
            let happening = self.events.recv().await.expect("the client ended");
            // Shown when the test fails.
            println!("{:?} {happening:?}", self.begun.elapsed());
            if let Happening::Event(Event::Status(status)) = happening {
                self.statuses.push(status);
            }
            if let Some(found) = wanted(&happening) {
                return found;
            }
        }
    }

    async fn until_subscribed(&mut self) {
        let subscribed = Event::SnapshotNeeded(Reason::Subscribed);
        self.until(|happening| {
            matches!(happening, Happening::Event(event) if *event == subscribed).then_some(())
        })
        .await;
    }

    /// The next change on each lane, whichever comes first.
    async fn both_lanes(&mut self) -> (Change, Change) {
        let (mut fast, mut slow) = (None, None);
        self.until(|happening| {
            if let Happening::Event(Event::Change(change)) = happening {
                match change.lane {
                    Lane::FastLane => fast = Some(change.clone()),
                    Lane::PostgresChanges => slow = Some(change.clone()),
                }
            }
            fast.clone().zip(slow.clone())
        })
        .await
    }
}

async fn ring(database: &tokio_postgres::Client, sid: &str) {
    database
        .execute(
            "insert into public.calls (twilio_call_sid, direction, from_number, to_number, status)
             values ($1, 'inbound', '+12025550101', '+12025550100', 'ringing')",
            &[&sid],
        )
        .await
        .unwrap();
}

async fn a_row_arrives_by_both_lanes_and_they_agree(
    app: &mut App,
    database: &tokio_postgres::Client,
) {
    ring(database, "CA-both-lanes").await;
    let (fast, slow) = app.both_lanes().await;
    assert_eq!(fast.kind, ChangeKind::Insert);
    assert_eq!(slow.kind, ChangeKind::Insert);
    assert_eq!(
        (fast.table.as_str(), slow.table.as_str()),
        ("calls", "calls")
    );
    assert_eq!(fast.record["twilio_call_sid"], "CA-both-lanes");
    assert_eq!(fast.record["version"], slow.record["version"]);
    assert!(fast.record["version"].is_i64());
    let columns = |change: &Change| change.record.keys().cloned().collect::<Vec<_>>();
    assert_eq!(columns(&fast), columns(&slow));
    assert!(fast.commit_timestamp.is_some() && slow.commit_timestamp.is_some());
}

async fn tokens_are_replaced_before_they_expire_and_nothing_is_interrupted(
    app: &mut App,
    database: &tokio_postgres::Client,
) {
    // Two replacements reach beyond the life of the token that the channel was joined with.
    for _ in 0..3 {
        let reason = app
            .until(|happening| match happening {
                Happening::TokenAsked(reason) => Some(*reason),
                Happening::Event(_) => None,
            })
            .await;
        assert_eq!(reason, TokenReason::Expiring);
    }
    ring(database, "CA-later-token").await;
    let (fast, slow) = app.both_lanes().await;
    assert_eq!(fast.record["twilio_call_sid"], "CA-later-token");
    assert_eq!(slow.record["twilio_call_sid"], "CA-later-token");
    assert_eq!(app.statuses, [Status::Connecting, Status::Live]);
}

async fn somebody_who_is_not_a_member_is_refused(stack: &Arc<LocalSupabase>) {
    let mut stranger = App::connect(stack, Uuid::from_u128(1));
    let reason = stranger
        .until(|happening| match happening {
            Happening::Event(Event::Refused(reason)) => Some(reason.clone()),
            Happening::Event(_) | Happening::TokenAsked(_) => None,
        })
        .await;
    assert!(reason.starts_with("Unauthorized"), "{reason}");
    assert_eq!(stranger.statuses, [Status::Connecting]);
    stranger.handle.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_is_joined_heard_and_left_as_the_real_server() {
    let options = Options {
        jwt_expiry: TOKEN_LIFE,
        ..Options::default()
    };
    let stack = Arc::new(LocalSupabase::start(options).await.unwrap());
    let database = stack.connect().await.unwrap();
    let doug = "select user_id from public.voip_users where identity = 'agent_doug'";
    let doug: Uuid = database.query_one(doug, &[]).await.unwrap().get(0);
    let mut app = App::connect(&stack, doug);
    app.until_subscribed().await;
    a_row_arrives_by_both_lanes_and_they_agree(&mut app, &database).await;
    tokens_are_replaced_before_they_expire_and_nothing_is_interrupted(&mut app, &database).await;
    app.handle.stop().await;
    somebody_who_is_not_a_member_is_refused(&stack).await;
    drop(database);
    let stack = Arc::into_inner(stack).expect("no client is left");
    stack.stop().await;
}
