//! That no recording is forgotten, and that every socket of every one of them can be played.

use crate::player::{Player, config_for};
use crate::recording::Recording;
use crate::sources;
use crate::world::World;
use serde_json::Value;
use std::path::PathBuf;
use switchboard_realtime::{Config, Status};

/// Other recordings in the same format, to play them all with `cargo test`.
const ELSEWHERE: &str = "TRANSCRIPTS";

fn folder() -> PathBuf {
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    std::env::var_os(ELSEWHERE).map_or_else(|| ours.into(), PathBuf::from)
}

fn recordings() -> Vec<(String, Recording)> {
    let mut recordings: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, Recording::load(&path))
        })
        .collect();
    recordings.sort_by(|(one, _), (other, _)| one.cmp(other));
    recordings
}

#[test]
fn every_recording_is_named_by_a_test_that_plays_it() {
    let tests = sources::tests_under("tests/suite/transcripts");
    for entry in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts")).unwrap()
    {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let quoted = format!("\"{name}\"");
        assert!(
            tests.iter().any(|test| test.body.contains(&quoted)),
            "{name} has no expectation"
        );
    }
}

/// What the recorder's first join of a socket asked for.
fn asked(recording: &Recording, conn: &str) -> (String, Config) {
    let join = recording
        .sent_by(conn)
        .map(|raw| serde_json::from_str::<Value>(raw).unwrap_or_default())
        .map(|frame| match frame {
            Value::Array(fields) => (fields[2].clone(), fields[3].clone(), fields[4].clone()),
            frame => (
                frame["topic"].clone(),
                frame["event"].clone(),
                frame["payload"].clone(),
            ),
        })
        .find(|(_, event, _)| event == "phx_join");
    let Some((Value::String(topic), _, payload)) = join else {
        return (
            "realtime:board".to_owned(),
            config_for("board", false, true),
        );
    };
    let asked = &payload["config"];
    let with_binding = asked["postgres_changes"]
        .as_array()
        .is_none_or(|asked| !asked.is_empty());
    let name = topic.trim_start_matches("realtime:").to_owned();
    let config = config_for(
        if name.is_empty() { "board" } else { &name },
        asked["private"] == true,
        with_binding,
    );
    (topic, config)
}

/// What holds for any conversation with any server.
fn check(name: &str, conn: &str, world: &World, changes: usize) {
    let place = format!("{name}, socket {conn}");
    let statuses = world.statuses();
    assert!(
        statuses.windows(2).all(|pair| pair[0] != pair[1]),
        "{place}: {statuses:?}"
    );
    let joins = world.sent("phx_join").len();
    assert!(joins <= 12, "{place}: {joins} joins");
    assert!(world.opens().len() <= 12, "{place}: {:?}", world.opens());
    let live = statuses
        .iter()
        .filter(|status| **status == Status::Live)
        .count();
    let subscribed = world
        .snapshots()
        .iter()
        .filter(|reason| **reason == switchboard_realtime::Reason::Subscribed)
        .count();
    assert!(subscribed <= live, "{place}: a snapshot without being live");
    assert_eq!(
        world.changes().len(),
        changes,
        "{place}: every change is passed on once"
    );
}

#[test]
fn every_socket_of_every_recording_can_be_played() {
    let mut sockets = 0;
    for (name, recording) in recordings() {
        for conn in recording.conns() {
            let (topic, config) = asked(&recording, &conn);
            let changes = recording.changes_on(&conn, &format!("realtime:{}", config.topic));
            let world = Player::of(recording.events_of(&[&conn]), config)
                .pair_joins_of(&topic)
                .patiently()
                .play();
            check(&name, &conn, &world, changes);
            sockets += 1;
        }
    }
    assert!(sockets > 0, "{} has no recordings", folder().display());
}
