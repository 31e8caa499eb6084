//! What was measured on the real server, and the deadlines that rest on it.

use crate::player::play;
use crate::recording::{measured, result};
use switchboard_realtime::{Reason, Status, Timing};

#[test]
fn a_snapshot_after_system_ok_misses_nothing_because_nothing_is_lost_after_it() {
    let runs = measured("06-gap-summary");
    assert_eq!(runs.len(), 12);
    for run in &runs {
        assert_eq!(run["committed_after_system_ok_and_lost"], 0);
        assert_eq!(run["change_frame_before_system_frame"], false);
        assert_eq!(run["duplicated"], 0);
        // What was committed well before the join is never delivered: it needs the snapshot.
        assert!(run["last_undelivered_commit_ms"].as_i64().unwrap() < 0);
        let system_ok = run["system_ok_ms"].as_u64().unwrap();
        assert!(system_ok < Timing::default().system_ok_ms);
    }
    let world = play("06-gap-run0", "A");
    assert_eq!(runs[0], result("06-gap-run0"));
    // Asked for with `system ok`, and the changes from before the join are passed on after it.
    assert_eq!(world.snapshots_at(), [(557, Reason::Subscribed)]);
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    assert_eq!(world.changes().len(), 3);
}

#[test]
fn the_regular_snapshot_comes_sooner_than_a_silent_rate_limit_ends() {
    let timing = Timing::default();
    let runs = measured("07-latency");
    assert_eq!(runs.len(), 9);
    for run in &runs {
        let name = run["name"].as_str().unwrap();
        assert_eq!(
            run["extra_frames"],
            serde_json::json!([]),
            "{name}: not a word"
        );
        assert_eq!(
            (&run["duplicated"], &run["out_of_order_max"]),
            (&0.into(), &0.into())
        );
        let lost = run["lost_per_subscriber_max"].as_u64().unwrap();
        assert_eq!(lost > 0, name.starts_with("limit100"), "{name}");
        // A change that is late is not lost: the longest took less than a regular snapshot.
        let latest = run["latency_ms"]["max"].as_f64().unwrap();
        assert!(latest < timing.snapshot_ms as f64, "{name}");
    }
    let longest = runs
        .iter()
        .filter_map(|run| run["recover_ms"].as_f64())
        .fold(0.0, f64::max);
    assert!(longest > 43_000.0 && (timing.snapshot_ms as f64) < longest);
}
