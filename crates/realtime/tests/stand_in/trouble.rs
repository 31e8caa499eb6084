//! The native adapter while links break, tokens run out, the server restarts and its budget is
//! spent: each time the board ends up as the database is.

use crate::desk::{Desk, Renews, alert, ring, timing};
use std::net::TcpListener;
use std::time::Duration;
use switchboard_local_supabase::{LocalSupabase, Options, RealtimeOptions};
use switchboard_realtime::{Status, Timing};

const AN_HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(flavor = "multi_thread")]
async fn links_that_break_are_replaced_and_the_board_is_right_again() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let links = stack.realtime_links().clone();
    let database = stack.connect().await.unwrap();
    let mut desk = Desk::sits_down(&stack, alert(), AN_HOUR, Renews::Always);
    desk.until_live(&database, 1).await;

    // Cut without a goodbye, and nobody let in while a call comes.
    links.refuse();
    links.drop_all();
    desk.until(&database, "the loss", |desk| desk.is(Status::Offline))
        .await;
    ring(&database, "cut", 2).await;
    links.heal();
    desk.until_live(&database, 2).await;
    desk.until_right(&database).await;
    assert_eq!(desk.board.calls().count(), 2);

    // Late is not lost.
    links.delay(Duration::from_millis(300));
    ring(&database, "late", 2).await;
    desk.until_right(&database).await;
    links.heal();

    // Open, and dumb and deaf: only the heartbeat can tell.
    links.half_open();
    ring(&database, "mute", 2).await;
    desk.until_live(&database, 3).await;
    desk.until_right(&database).await;
    assert_eq!(desk.board.calls().count(), 6);
    let lost = desk
        .statuses
        .iter()
        .filter(|status| **status == Status::Offline);
    assert!(lost.count() >= 2, "{:?}", desk.statuses);

    desk.leaves().await;
    drop(database);
    stack.stop().await;
}

/// A port that nobody is given who asks for any free one.
fn lasting_port() -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 8_000).unwrap();
    (first..first + 2_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_returns_with_another_database_is_believed() {
    let options = Options {
        port: lasting_port(),
        ..Options::default()
    };
    let stack = LocalSupabase::start(options.clone()).await.unwrap();
    let database = stack.connect().await.unwrap();
    let mut desk = Desk::sits_down(&stack, timing(), AN_HOUR, Renews::Always);
    desk.until_live(&database, 1).await;
    ring(&database, "before", 3).await;
    desk.until_right(&database).await;
    drop(database);
    stack.stop().await;

    let stack = LocalSupabase::start(options).await.unwrap();
    let database = stack.connect().await.unwrap();
    ring(&database, "after", 1).await;
    desk.until_live(&database, 2).await;
    desk.until_right(&database).await;
    assert_eq!(desk.board.calls().count(), 1);
    assert!(desk.statuses.contains(&Status::Offline));

    desk.leaves().await;
    drop(database);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ran_out_costs_a_rejoin_and_nothing_else() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let database = stack.connect().await.unwrap();
    // Long enough to join with on a busy machine; should it not be, a refusal says so as well.
    let life = Duration::from_secs(8);
    let mut desk = Desk::sits_down(&stack, timing(), life, Renews::TooLate);
    desk.until_live(&database, 1).await;
    desk.until(&database, "the end of the token", |desk| {
        desk.is(Status::Connecting)
    })
    .await;
    ring(&database, "between", 1).await;
    desk.until_live(&database, 2).await;
    desk.until_right(&database).await;
    assert!(
        !desk.statuses.contains(&Status::Offline),
        "the socket lives on: {:?}",
        desk.statuses
    );

    desk.leaves().await;
    drop(database);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_spent_budget_swallows_is_on_the_board_all_the_same() {
    let options = Options {
        realtime: RealtimeOptions {
            poll_delay: Some(Duration::from_millis(100)..=Duration::from_millis(500)),
            rate_limit: Some(5),
            ..RealtimeOptions::default()
        },
        ..Options::default()
    };
    let stack = LocalSupabase::start(options).await.unwrap();
    let database = stack.connect().await.unwrap();
    let patient = Timing {
        snapshot_ms: 5_000,
        ..timing()
    };
    let mut desk = Desk::sits_down(&stack, patient, AN_HOUR, Renews::Always);
    desk.until_live(&database, 1).await;
    ring(&database, "burst", 150).await;
    desk.until_right(&database).await;
    assert_eq!(desk.board.calls().count(), 150);
    // Two lanes would have told 300 times; nobody said that they did not.
    assert!(desk.changes < 300, "nothing was swallowed");
    assert_eq!(desk.statuses, [Status::Connecting, Status::Live]);

    desk.leaves().await;
    drop(database);
    stack.stop().await;
}
