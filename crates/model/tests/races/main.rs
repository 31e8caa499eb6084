//! Everything that two people, or a person and the telephone network, can want of a call at the same instant: asked at
//! once, over HTTP, with the tokens that Auth gives, hundreds of times. Whatever the order, there is one outcome.
//!
//! ```text
//! cargo test -p switchboard-model --test races                     a size for every day
//! RACES_ROUNDS=1000 cargo test --release … -- --nocapture          the full size, with figures (`make bench`)
//! RACES_ON=project SUPABASE_URL=… SUPABASE_ANON_KEY=… SUPABASE_SERVICE_ROLE_KEY=…   on a real project
//! ```
//!
//! A real project gets twenty members named `Racer 01` to `Racer 20`, who are retired afterwards, and calls that have
//! ended: run it on one that nobody works with.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod answers;
mod endings;
mod floor;
mod leases;
mod locks;
mod names;
mod parking;
mod project;
mod team;
mod transfers;

use std::time::Instant;

use crate::floor::Floor;
use crate::project::Project;

/// How often the answer race is run, and with which fraction of that the others, whose rounds are longer.
const ROUNDS: u32 = 100;
const SHARE: u32 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn every_race_has_one_outcome() {
    let rounds = std::env::var("RACES_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let project = Project::open().await;
    let mut floor = Floor::of_racers(&project).await;

    macro_rules! race {
        ($name:literal, $rounds:expr, $race:path) => {
            let start = Instant::now();
            let mut outcomes = std::collections::BTreeMap::<&str, u32>::new();
            for round in 0..$rounds {
                let outcome = $race(&mut floor, round).await;
                *outcomes.entry(outcome).or_default() += 1;
                floor.check($name, round).await;
            }
            let rate = f64::from($rounds) / start.elapsed().as_secs_f64();
            println!(
                "  {:<42} {:>4} rounds {rate:>7.1} a second   {outcomes:?}",
                $name, $rounds
            );
        };
    }
    println!("races on {}", project.url());
    let few = rounds.div_ceil(SHARE);
    race!("20 answer one call", rounds, answers::twenty_answer);
    race!(
        "12 park at once, 20 retrieve",
        few.div_ceil(2),
        parking::all_park_and_retrieve
    );
    race!("8 park into one slot", few, parking::one_slot);
    race!(
        "a transfer meets the caller's hang-up",
        few,
        transfers::meets_the_end
    );
    race!("two transfers cross", few, transfers::cross);
    race!(
        "three transfers go to one colleague",
        few,
        transfers::to_one_colleague
    );
    race!(
        "hold meets the caller's hang-up",
        few,
        endings::hold_meets_the_end
    );
    race!(
        "park meets the caller's hang-up",
        few,
        endings::park_meets_the_end
    );
    race!(
        "the lease runs out as the leg connects",
        few,
        leases::expiry_meets_confirmation
    );
    race!(
        "the lease runs out as the agent acts",
        few,
        leases::expiry_meets_the_agent
    );

    floor.leave().await;
    project.close().await;
}
