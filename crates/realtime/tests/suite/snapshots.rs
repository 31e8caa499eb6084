//! When a snapshot is needed.

use crate::world::{World, change_of, config};
use serde_json::{Value, json};
use switchboard_realtime::{Input, Reason};

#[test]
fn changes_before_the_snapshot_are_passed_on() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    world.reply_ok();
    world.server("postgres_changes", None, &change_of("a", &Value::Null));
    assert_eq!(world.changes().len(), 1);
}

#[test]
fn a_snapshot_is_needed_on_visible_and_on_online() {
    let mut world = World::live();
    world.advance(1_000);
    world.feed(Input::Visible);
    world.advance(1_000);
    world.feed(Input::Online);
    use Reason::{Online, Subscribed, Visible};
    assert_eq!(world.snapshots(), [Subscribed, Visible, Online]);
    // Both are also a moment to ask whether the socket still lives.
    assert_eq!(world.sent("heartbeat").len(), 2);
}

#[test]
fn a_snapshot_is_needed_every_half_minute_while_live() {
    let mut world = World::live();
    world.advance(300_000);
    let times = world.snapshots_at();
    assert!((10..=12).contains(&times.len()), "{times:?}");
    for pair in times.windows(2) {
        let gap = pair[1].0 - pair[0].0;
        assert!((27_000..=30_000).contains(&gap), "{times:?}");
    }
}

#[test]
fn incomplete_changes_ask_for_snapshots_no_closer_than_the_gap() {
    let mut world = World::live();
    world.advance(1_000);
    for _ in 0..100 {
        world.server(
            "postgres_changes",
            None,
            &change_of("a", &json!(["Error 413"])),
        );
        world.advance(10);
    }
    assert_eq!(world.changes().len(), 100);
    assert!(world.changes().iter().all(|change| change.incomplete));
    world.advance(1_000);
    // One second of them: at 0, 500 and 1000 ms, and the last one is never forgotten.
    assert_eq!(world.snapshots().len(), 4, "{:?}", world.snapshots_at());
    assert!(world.snapshots_at()[3].0 >= 1_990);
}

#[test]
fn a_failed_snapshot_is_asked_for_again_with_growing_waits() {
    let mut world = World::live();
    for _ in 0..4 {
        let asked = world.snapshots().len();
        world.feed(Input::SnapshotFailed);
        world.advance_until("another", |world| world.snapshots().len() > asked);
    }
    let times: Vec<u64> = world.snapshots_at().iter().map(|(at, _)| *at).collect();
    let gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| *gap >= 500), "{gaps:?}");
    assert!(gaps[3] >= 4_000, "{gaps:?}");
    // Once one is done, the next failure starts small again.
    world.feed(Input::SnapshotDone);
    world.feed(Input::SnapshotFailed);
    let asked = world.snapshots().len();
    let before = world.clock;
    world.advance_until("another", |world| world.snapshots().len() > asked);
    assert!(world.clock - before <= 1_000);
}
