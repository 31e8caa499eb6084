//! The whole of telephony in one thread and in virtual time, by the seed: the service and its reconciler as they are, a
//! simulated Twilio, a database in memory with the rules of the migrations, agents with browser tabs, callers.
//!
//! A seed decides everything: who calls and gives up when, what agents do, which tabs crash, which callbacks and answers
//! are lost, doubled, late or out of order, when a process is killed and when the database is away. After a while
//! nothing goes wrong any more; then row and audio must agree, and when everybody has hung up, everybody must be
//! accounted for once.
//!
//! `SEEDS=20000 cargo test -p switchboard-webhook --test simulation` runs more, `SEED=17` that one alone, with its log.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod late;
mod memory;
mod page;
mod people;
mod plan;
mod process;
mod real;
mod referee;
mod run;
mod tables;
mod verdict;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use memory::Memory;
use plan::Plan;
use real::Real;
use run::{Outcome, run};
use switchboard_local_supabase::{LocalSupabase, Options};
use world::Way;

/// How many seeds the real database meets: each is some thousand requests.
const REAL_SEEDS: u64 = 2;
/// How many seeds a day's test runs.
const SEEDS: u64 = 2000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn in_memory(plan: Plan) -> Outcome {
    let tables = Memory::new(plan.team(), plan.office(), plan.is_open);
    run(plan, Box::new(tables))
}

fn told(seed: u64) -> Outcome {
    let plan = Plan::of(seed);
    in_memory(Plan {
        is_told: true,
        ..plan
    })
}

#[test]
fn every_seed_comes_to_rest_with_the_audio_that_its_rows_say() {
    if let Some(seed) = number("SEED") {
        let outcome = told(seed);
        println!("{}", outcome.log.join("\n"));
        println!("seed {seed}: {:?}", outcome.verdict);
        return assert_eq!(outcome.verdict, Ok(()));
    }
    let seeds = number("SEEDS").unwrap_or(SEEDS);
    let first = number("FROM").unwrap_or(0);
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    let calls = AtomicU64::new(0);
    let waits = Mutex::new((Vec::new(), Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        break;
                    }
                    let verdict = std::panic::catch_unwind(|| in_memory(Plan::of(seed)));
                    let verdict = match verdict {
                        Ok(outcome) => {
                            calls.fetch_add(outcome.calls as u64, Ordering::Relaxed);
                            if Plan::of(seed).is_good_day() {
                                let mut waits =
                                    waits.lock().unwrap_or_else(PoisonError::into_inner);
                                let answers = outcome.connected.iter();
                                let answers = answers.filter(|(way, _)| *way == Way::Answered);
                                waits.0.extend(answers.map(|(_, took)| *took));
                                waits.1.extend(outcome.lags);
                            }
                            outcome.verdict
                        }
                        Err(_) => Err("a panic, see above".to_owned()),
                    };
                    if let Err(what) = verdict {
                        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                        failures.push((seed, what));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    println!("{seeds} seeds, {} calls", calls.into_inner());
    for (seed, what) in &failures {
        println!("seed {seed}: {what}");
    }
    if let Some((seed, what)) = failures.first() {
        panic!(
            "{} of {seeds} seeds fail, the first {seed}: {what}\n\
             replay: SEED={seed} cargo test -p switchboard-webhook --test simulation every_seed -- --nocapture",
            failures.len()
        );
    }
    // Virtual time: no slow machine changes it. Half of all answers and changes are heard within a second.
    let (answers, lags) = waits.into_inner().unwrap();
    for (what, mut times) in [("answer to audio", answers), ("row to audio", lags)] {
        times.sort();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        println!("{what}: median {median:?} of {}", times.len());
        assert!(median < Duration::from_secs(1), "{what}: {median:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_log() {
    for seed in [3, 14, 15] {
        let (one, other) = (told(seed).log, told(seed).log);
        assert!(one.len() > 50, "seed {seed} has {} lines", one.len());
        assert_eq!(one, other, "seed {seed}");
    }
}

/// The database in memory is a copy: the same driver meets the real one, which would disagree if the copy were wrong.
#[test]
fn a_few_seeds_come_to_rest_on_the_real_database_too() {
    let (first, seeds) = (
        number("FROM").unwrap_or(0),
        number("REAL_SEEDS").unwrap_or(REAL_SEEDS),
    );
    let io = tokio::runtime::Runtime::new().unwrap();
    for seed in first..first + seeds {
        let mut plan = Plan::of(seed);
        plan.members = 3;
        plan.is_open = true;
        // The least that the table takes.
        plan.park_timeout_s = plan.park_timeout_s.max(30);
        plan.is_told = true;
        let stack = io
            .block_on(LocalSupabase::start(Options::default()))
            .unwrap();
        let tables = io.block_on(Real::of(&stack, &plan));
        let outcome = run(plan, Box::new(tables));
        io.block_on(stack.stop());
        if outcome.verdict.is_err() {
            println!("{}", outcome.log.join("\n"));
        }
        assert_eq!(outcome.verdict, Ok(()), "seed {seed}");
    }
}
