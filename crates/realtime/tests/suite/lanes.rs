//! What is heard, by which lane, and what cannot be read.

use crate::world::{World, config};
use serde_json::{Value, json};
use switchboard_realtime::{Input, Lane, Output, Reason, Status};

fn fast_lane() -> Value {
    json!({"type": "broadcast", "event": "change", "payload": {
        "id": "added by the server", "table": "voip_users", "type": "UPDATE", "version": 12,
        "commit_timestamp": "2026-01-02T03:04:05.123456+00:00",
        "record": {"id": "m", "version": 12, "device_state": null}}})
}

#[test]
fn the_fast_lane_is_a_lane_and_other_broadcasts_are_broadcasts() {
    let mut world = World::live();
    world.server("broadcast", None, &fast_lane());
    let change = world.changes()[0];
    assert_eq!(
        (change.lane, change.table.as_str()),
        (Lane::FastLane, "voip_users")
    );
    assert_eq!(
        change.commit_timestamp.as_deref(),
        Some("2026-01-02T03:04:05.123456+00:00")
    );
    let keys: Vec<_> = change.record.keys().collect();
    assert_eq!(keys, ["device_state", "id", "version"]);
    let other = json!({"event": "hello", "payload": {"n": 1}});
    world.server("broadcast", None, &other);
    let strange = json!({"event": "change", "payload": {"table": "calls"}});
    world.server("broadcast", None, &strange);
    assert_eq!(world.changes().len(), 1);
    assert_eq!(
        world.broadcasts(),
        [
            ("hello", &json!({"n": 1})),
            ("change", &json!({"table": "calls"}))
        ]
    );
}

#[test]
fn on_a_public_channel_nobody_can_pose_as_the_database() {
    let mut config = config();
    config.private = false;
    let mut world = World::live_with(config);
    world.server("broadcast", None, &fast_lane());
    assert_eq!(world.changes().len(), 0);
    assert_eq!(world.broadcasts().len(), 1);
}

#[test]
fn a_configuration_fault_is_not_live_and_retried_slowly_while_the_fast_lane_flows() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    world.reply_ok();
    world.system("postgres_changes", "error");
    world.system("postgres_changes", "error");
    assert_eq!(world.status(), Some(Status::Connecting));
    assert_eq!(world.faults(), ["postgres_changes error"]);
    world.advance(1_000);
    world.server("broadcast", None, &fast_lane());
    assert_eq!(world.changes().len(), 1);
    world.advance_to(29_999);
    assert_eq!(world.sent("phx_join").len(), 1);
    world.advance_until("a retry", |world| world.sent("phx_join").len() == 2);
    world.reply_ok();
    world.system("postgres_changes", "ok");
    assert_eq!(world.status(), Some(Status::Live));
}

#[test]
fn unreadable_frames_are_counted_and_do_nothing() {
    let mut world = World::live();
    let before = world.log.len();
    for text in [
        "",
        "null",
        "{}",
        "[1,2]",
        "{\"topic\":\"realtime:board\"}",
        "[[[[",
        "\u{0}",
    ] {
        world.feed(Input::Text(text));
    }
    world.feed(Input::Binary(&[4, 255]));
    world.server(
        "postgres_changes",
        None,
        &json!({"data": {"type": "TRUNCATE"}}),
    );
    world.server("broadcast", None, &json!("text"));
    assert_eq!(world.client.ignored_frames(), 10);
    let after: Vec<_> = world.log[before..]
        .iter()
        .filter(|(_, output)| !matches!(output, Output::WakeAt(_)))
        .collect();
    assert!(after.is_empty(), "{after:?}");
}

#[test]
fn a_frame_that_is_too_large_may_have_been_a_change() {
    let mut world = World::live();
    world.advance(1_000);
    world.feed(Input::Text(&"x".repeat(5_000_001)));
    assert_eq!(world.client.ignored_frames(), 1);
    assert_eq!(world.snapshots(), [Reason::Subscribed, Reason::Incomplete]);
}
