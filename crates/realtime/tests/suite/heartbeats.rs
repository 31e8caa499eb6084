//! Whether the socket still lives.

use crate::world::{World, change_of};
use serde_json::Value;
use switchboard_realtime::{Input, Reason, Status};

#[test]
fn a_heartbeat_at_least_every_25_seconds_on_a_busy_channel() {
    let mut world = World::live();
    for _ in 0..100 {
        world.advance(1_000);
        world.server("postgres_changes", None, &change_of("a", &Value::Null));
    }
    let times: Vec<u64> = world
        .sent_at("heartbeat")
        .iter()
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(times, [25_000, 50_000, 75_000, 100_000]);
}

#[test]
fn a_silent_channel_is_probed_sooner() {
    let mut world = World::live();
    world.advance(30_000);
    let times: Vec<u64> = world
        .sent_at("heartbeat")
        .iter()
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(times, [10_000, 20_000, 30_000]);
}

#[test]
fn an_overdue_heartbeat_is_a_lag_and_its_answer_ends_it() {
    let mut world = World::live();
    world.server_answers_heartbeats = false;
    world.advance_to(12_999);
    assert_eq!(world.status(), Some(Status::Live));
    world.advance_to(13_000);
    assert_eq!(world.status(), Some(Status::Lagging));
    // Another 5 s: a refused join may block the socket for that long.
    world.advance_to(18_000);
    let reference = world.sent("heartbeat")[0]["ref"]
        .as_str()
        .unwrap()
        .to_owned();
    world.answer_heartbeat("9999");
    assert_eq!(world.status(), Some(Status::Lagging), "not the answer");
    world.answer_heartbeat(&reference);
    assert_eq!(world.status(), Some(Status::Live));
    assert_eq!(world.snapshots(), [Reason::Subscribed, Reason::CaughtUp]);
    assert!(world.closes().is_empty());
}

#[test]
fn a_half_open_socket_is_closed_and_replaced() {
    let mut world = World::live();
    world.server_answers_heartbeats = false;
    world.advance_to(21_999);
    assert!(world.closes().is_empty());
    world.advance_to(22_000);
    assert_eq!(world.closes(), [22_000]);
    use Status::{Connecting, Lagging, Live, Offline};
    assert_eq!(world.statuses(), [Connecting, Live, Lagging, Offline]);
    world.advance(500);
    assert_eq!(
        world.opens().len(),
        2,
        "live for a while: the first wait is short"
    );
    assert_eq!(world.status(), Some(Connecting));
}

#[test]
fn offline_is_doubted_until_the_heartbeat_decides() {
    let mut world = World::live();
    world.advance(1_000);
    world.feed(Input::Offline);
    assert_eq!(world.status(), Some(Status::Live), "the probe was answered");
    assert!(world.statuses().contains(&Status::Lagging));

    let mut world = World::live();
    world.server_answers_heartbeats = false;
    world.advance(1_000);
    world.feed(Input::Offline);
    assert_eq!(world.status(), Some(Status::Lagging));
    world.advance(12_000);
    assert_eq!(world.closes(), [13_000]);
}
