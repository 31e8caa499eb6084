//! The client, a board and a model of the server in virtual time, with trouble drawn from a seed.
//!
//! Each seed is one run: a while of writes and trouble, and then quiet. While it lasts, every
//! output of the client is checked ([`watch`]); in the quiet the client must become live and the
//! board equal to the database, within a bound, and stay so.
//!
//! - `SEEDS=100000 cargo test -p switchboard-realtime --test simulation` runs more of them.
//! - `SEED=17 cargo test -p switchboard-realtime --test simulation -- --nocapture` runs one and
//!   shows its log.

// A test that cannot go on should stop where it stands.
#![allow(clippy::unwrap_used)]
// Small numbers are turned into each other all the time here.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]

mod application;
mod database;
mod dice;
mod lanes;
mod network;
mod page;
mod server;
mod sockets;
mod watch;
mod weather;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use switchboard_realtime::Status;
use weather::Trouble;
use world::World;

/// From the end of all trouble to a live board: a fault is retried after 37.5 s at most.
const LIVE_WITHIN: u64 = 60_000;
/// From there to a board that is right: the next regular snapshot at most.
const RIGHT_WITHIN: u64 = 31_000;
/// A change of a live board in quiet times: the fast lane's time and the commit's.
const TOLD_WITHIN: u64 = 300;
/// How long it must then stay right.
const STAYS_FOR: u64 = 32_000;
const SEEDS: u64 = 2_000;

/// What came of one run.
#[derive(Clone, Copy, Default)]
struct Outcome {
    live_after: u64,
    right_after: u64,
    opens: usize,
    joins: usize,
    fetches: usize,
    lost: u64,
}

fn is_right(world: &World) -> bool {
    world.page.status == Some(Status::Live) && world.page.board == world.database.board()
}

fn outcome(world: &mut World, told_within: u64) -> Outcome {
    let quiet_from = world.quiet_from;
    let settled = quiet_from + LIVE_WITHIN;
    world.run_until(settled, |_| false);
    let status = world.page.status;
    assert!(
        status == Some(Status::Live),
        "{status:?} long after the trouble"
    );
    let live_after = world.watch.live_since.saturating_sub(quiet_from);
    let becomes_right = world.run_until(settled + RIGHT_WITHIN, is_right);
    assert!(becomes_right, "the board is wrong long after it is live");
    let right_after = world.now - quiet_from;

    world.write_once();
    let committed = world.now + 150;
    world.run_until(committed, |_| false);
    let is_told = world.run_until(committed + told_within, is_right);
    assert!(is_told, "a change on a live board was not shown");

    let end = world.now + STAYS_FOR;
    world.run_until(end, |_| false);
    assert!(
        world.page.board == world.database.board(),
        "wrong again in the quiet"
    );
    world.watch.check_budget();
    let [opens, joins, fetches] = world.watch.counts();
    Outcome {
        live_after,
        right_after,
        opens,
        joins,
        fetches,
        lost: world.watch.lost,
    }
}

/// Runs a seed. `Err` holds what went wrong.
fn run(seed: u64, with_log: bool) -> (World, Result<Outcome, String>) {
    run_world(World::new(seed, with_log), TOLD_WITHIN)
}

fn run_world(mut world: World, told_within: u64) -> (World, Result<Outcome, String>) {
    let outcome = catch_unwind(AssertUnwindSafe(|| outcome(&mut world, told_within)));
    let outcome = outcome.map_err(|cause| {
        let text = cause.downcast_ref::<String>().cloned();
        text.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "a panic without words".to_owned())
    });
    (world, outcome)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

struct Total {
    worst: Outcome,
    lost: u64,
    troubles: Vec<Trouble>,
}

/// Runs every `step`-th seed from `first` on, up to the first failure.
fn run_some(first: u64, step: usize, seeds: u64) -> Result<Total, String> {
    let mut total = Total {
        worst: Outcome::default(),
        lost: 0,
        troubles: Vec::new(),
    };
    for seed in (first..seeds).step_by(step) {
        let (world, outcome) = run(seed, false);
        let outcome = outcome.map_err(|cause| {
            format!("seed {seed}: {cause}\nreplay: SEED={seed} cargo test -p switchboard-realtime --test simulation -- --nocapture")
        })?;
        let worst = &mut total.worst;
        worst.live_after = worst.live_after.max(outcome.live_after);
        worst.right_after = worst.right_after.max(outcome.right_after);
        worst.opens = worst.opens.max(outcome.opens);
        worst.joins = worst.joins.max(outcome.joins);
        worst.fetches = worst.fetches.max(outcome.fetches);
        total.lost += outcome.lost;
        for trouble in world.watch.troubles {
            if !total.troubles.contains(&trouble) {
                total.troubles.push(trouble);
            }
        }
    }
    Ok(total)
}

#[test]
fn whatever_happens_the_board_is_live_and_right_soon_after() {
    if let Some(seed) = number("SEED") {
        let (world, outcome) = run(seed, true);
        for line in world.watch.lines.unwrap() {
            println!("{line}");
        }
        outcome.unwrap_or_else(|cause| panic!("seed {seed}: {cause}"));
        return;
    }
    let seeds = number("SEEDS").unwrap_or(SEEDS);
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| run_some(1, 2, seeds));
        (run_some(0, 2, seeds), other.join().unwrap())
    });
    let (one, other) = match (one, other) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(cause), _) | (_, Err(cause)) => panic!("{cause}"),
    };
    for total in [&one, &other] {
        let worst = &total.worst;
        println!(
            "worst of half of {seeds} seeds: live after {} ms, right after {} ms, {} opens, {} joins, {} refetches; {} changes lost in all",
            worst.live_after,
            worst.right_after,
            worst.opens,
            worst.joins,
            worst.fetches,
            total.lost
        );
    }
    assert!(one.lost + other.lost > 0, "the simulation loses nothing");
    for trouble in Trouble::ALL {
        let is_seen = one.troubles.contains(&trouble) || other.troubles.contains(&trouble);
        assert!(is_seen || seeds < SEEDS, "{trouble:?} never happened");
    }
}

#[test]
fn the_same_seed_gives_the_same_log() {
    for seed in 0..20 {
        let (one, _) = run(seed, true);
        let (other, _) = run(seed, true);
        let (one, other) = (one.watch.lines.unwrap(), other.watch.lines.unwrap());
        assert!(one.len() > 20, "seed {seed} tells too little");
        assert_eq!(one, other, "seed {seed}");
    }
}

#[test]
fn either_lane_alone_keeps_the_board_right() {
    // Without the fast lane, members' rows come by snapshots alone.
    for (dead, told_within) in [
        (Trouble::PollerDead, TOLD_WITHIN),
        (Trouble::FastLaneDead, 32_000),
    ] {
        for seed in 0..100 {
            let mut world = World::new(seed, false);
            world.weather.begins(dead);
            let (_, outcome) = run_world(world, told_within);
            outcome
                .unwrap_or_else(|cause| panic!("seed {seed} without one lane ({dead:?}): {cause}"));
        }
    }
}
