//! Every recording of the real server is played again, and the server's side compared.
//!
//! Differences are allowed only where the crate's README lists them, and what is listed must still differ.

mod client;
mod expectation;
mod matching;
mod player;
mod recording;
mod script;
mod service;
mod socket;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use switchboard_local_supabase::realtime::Limits;
use tokio::{sync::Semaphore, task::JoinSet};

use player::{PACE, Player};
use recording::Recording;
use world::World;

/// Recordings that hold figures and no frames.
const FIGURES: [&str; 2] = ["06-gap-summary", "07-latency"];
/// Servers at a time: each holds a replication slot, and the machine may be small.
const AT_ONCE: usize = 4;

/// The real server's rules. Its waits are shorter where only their end is seen, and in proportion where their length is
/// what the recording is about.
fn limits(name: &str) -> Limits {
    let limits = Limits {
        refused_handshake: Duration::from_millis(20),
        refused_join: Duration::from_millis(100),
        resubscribe: Duration::from_millis(300)..=Duration::from_millis(300),
        ..Limits::default()
    };
    if name.starts_with("04a") {
        let idle = limits.idle / PACE;
        return Limits { idle, ..limits };
    }
    limits
}

/// What must not be played at the same time: recordings that change the same member or slot, hear the same broadcasts of
/// the database, or cut the database's connections.
fn group(name: &str) -> &str {
    match &name[..3] {
        "01a" | "01b" => "one parking lot",
        _ => name,
    }
}

/// Played alone, after the others: what they do reaches every server of the database.
fn is_alone(name: &str) -> bool {
    name.starts_with("12-") || name.starts_with("05c-")
}

async fn play(world: &World, recording: &Recording) -> Option<String> {
    let mut player = Player::new(world, recording, limits(&recording.name)).await;
    let played = player.play().await;
    player.finish().await;
    if let Err(difference) = &played {
        println!("{}: {difference}", recording.name);
    }
    played.err()
}

/// The names of the table under "Realtime deviations" in the crate's README.
fn listed_deviations() -> BTreeSet<String> {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).expect("the crate's README");
    let section = readme.split("## Realtime deviations").nth(1);
    let section = section.expect("the section \"Realtime deviations\"");
    let section = section.split("\n## ").next().unwrap_or(section);
    section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recording_is_answered_as_the_real_server_did_but_for_what_the_readme_lists() {
    let only = std::env::var("RECORDING").ok();
    let is_played = |recording: &Recording| {
        recording.name != "11b-mixed-vsn-count"
            && only
                .as_ref()
                .is_none_or(|only| recording.name.starts_with(only))
    };
    let recordings: Vec<Recording> = recording::all().into_iter().filter(is_played).collect();
    let members: BTreeSet<u32> = recordings.iter().flat_map(Recording::members).collect();
    let world = Arc::new(World::start(members).await);
    let (silent, spoken): (Vec<_>, Vec<_>) = recordings
        .into_iter()
        .partition(|recording| recording.events.is_empty());
    if only.is_none() {
        let silent: Vec<&str> = silent
            .iter()
            .map(|recording| recording.name.as_str())
            .collect();
        assert_eq!(silent, FIGURES);
    }
    let count = spoken.len();

    let mut groups: BTreeMap<String, Vec<Recording>> = BTreeMap::new();
    let mut alone = Vec::new();
    for recording in spoken {
        if is_alone(&recording.name) {
            alone.push(recording);
        } else {
            let group = group(&recording.name).to_owned();
            groups.entry(group).or_default().push(recording);
        }
    }
    let mut differing = BTreeMap::new();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut playing = JoinSet::new();
    for group in groups.into_values() {
        let (world, turns) = (Arc::clone(&world), Arc::clone(&turns));
        playing.spawn(async move {
            let _turn = turns.acquire().await.expect("a turn");
            let mut differing = Vec::new();
            for recording in group {
                let difference = play(&world, &recording).await;
                differing.extend(difference.map(|difference| (recording.name, difference)));
            }
            differing
        });
    }
    while let Some(played) = playing.join_next().await {
        differing.extend(played.expect("a play to its end"));
    }
    for recording in alone {
        let difference = play(&world, &recording).await;
        differing.extend(difference.map(|difference| (recording.name, difference)));
    }
    let world = Arc::into_inner(world).expect("no play goes on");
    world.supabase.stop().await;

    println!("{} of {count} equal", count - differing.len());
    if only.is_none() {
        let differing: BTreeSet<String> = differing.into_keys().collect();
        assert_eq!(
            differing,
            listed_deviations(),
            "left: differs now; right: listed in README.md"
        );
    }
}
