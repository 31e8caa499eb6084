//! What agents and callers wait for, in the simulation's virtual time: the service's own work is real, the delays of
//! Twilio are those that were measured on a live line, the network's are some milliseconds.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

mod memory;
mod page;
mod people;
mod plan;
mod process;
mod referee;
mod run;
mod tables;
mod verdict;
mod world;

use std::time::{Duration, Instant};

use memory::Memory;
use plan::Plan;
use run::run;
use world::Way;

/// How many seeds are measured.
const SEEDS: u64 = 2000;

/// What was measured on days of one kind.
#[derive(Default)]
struct Figures {
    answered: Vec<Duration>,
    fetched: Vec<Duration>,
    lags: Vec<Duration>,
    calls: usize,
    failures: usize,
}

fn main() {
    let seeds = std::env::var("SEEDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let seeds = seeds.unwrap_or(SEEDS);
    let start = Instant::now();
    let mut days = [Figures::default(), Figures::default()];
    for seed in 0..seeds {
        let plan = Plan::of(seed);
        let figures = &mut days[usize::from(!plan.is_good_day())];
        let tables = Memory::new(plan.team(), plan.office(), plan.is_open);
        let outcome = run(plan, Box::new(tables));
        for (way, took) in outcome.connected {
            match way {
                Way::Answered => figures.answered.push(took),
                Way::Fetched => figures.fetched.push(took),
            }
        }
        figures.lags.extend(outcome.lags);
        figures.calls += outcome.calls;
        if let Err(what) = outcome.verdict {
            figures.failures += 1;
            println!(
                "seed {seed} fails: {what} ({} lines of log)",
                outcome.log.len()
            );
        }
    }
    println!(
        "telephony, {seeds} seeds of virtual time in {:.1} s:",
        start.elapsed().as_secs_f64()
    );
    for (name, mut day) in ["nothing goes wrong", "faults and killed processes"]
        .into_iter()
        .zip(days)
    {
        println!("  {name}: {} calls, {} seeds fail", day.calls, day.failures);
        line("answer to audio", &mut day.answered);
        line("retrieve or transfer to audio", &mut day.fetched);
        line("row changed to audio asked for", &mut day.lags);
    }
}

fn line(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |per_cent: usize| {
        let last = times.len().saturating_sub(1);
        times
            .get(last * per_cent / 100)
            .map_or(0, Duration::as_millis)
    };
    println!(
        "    {what}: p50 {} ms, p99 {} ms, n {}",
        at(50),
        at(99),
        times.len()
    );
}
