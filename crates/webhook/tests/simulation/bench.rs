//! What agents and callers wait for, in the simulation's virtual time: the service's own work is real, the delays of
//! Twilio are those that were measured on a live line, the network's are some milliseconds. Each figure stands beside
//! what Twilio alone takes for it, which nobody can be quicker than.
//!
//! What the webhook costs before the bare REST server is measured over real sockets: `web/e2e/bench/inserts.mjs`.

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
use switchboard_twilio_sim::sim::Timing;
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
        let twilio = Timing::default();
        let redirect = twilio.redirect_alone;
        let dial = twilio.leg_rings + twilio.accepted;
        line("answer to audio", &mut day.answered, twilio.accepted);
        let fetch = redirect + dial;
        line("retrieve or transfer to audio", &mut day.fetched, fetch);
        line(
            "reconcile lag, row to audio asked for",
            &mut day.lags,
            redirect,
        );
    }
}

/// `own` is the least that Twilio takes.
fn line(what: &str, times: &mut [Duration], own: Duration) {
    times.sort();
    let at = |per_cent: usize| {
        let last = times.len().saturating_sub(1);
        times
            .get(last * per_cent / 100)
            .map_or(0, Duration::as_millis)
    };
    #[allow(clippy::cast_precision_loss, reason = "some hundred thousand at most")]
    let ratio = |ms: u128| ms as f64 / own.as_millis() as f64;
    println!(
        "    {what}: p50 {} ms, p99 {} ms, n {}; × {:.1} and × {:.1} of the {} ms that Twilio takes",
        at(50),
        at(99),
        times.len(),
        ratio(at(50)),
        ratio(at(99)),
        own.as_millis(),
    );
}
