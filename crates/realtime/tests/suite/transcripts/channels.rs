//! Channels that were left, joined twice, or spoken to in vain, as recorded.

use crate::player::{Player, config_for, on_board2};
use crate::world::config;
use switchboard_realtime::{Reason, Status};

#[test]
fn the_close_of_an_older_join_does_not_end_the_newer_one() {
    // The first join is given up before its reply arrives, so two joins overlap as recorded.
    let mut config = on_board2();
    config.timing.join_reply_ms = 300;
    config.timing.backoff_first_ms = 2;
    config.timing.attempt_gap_ms = 2;
    let world = Player::new("04c-join-twice-v2", &["A"], config).play();
    assert_eq!(world.sent("phx_join").len(), 2);
    assert_eq!(world.sent("phx_leave").len(), 1);
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    // Live by the newer join's `system ok`, at 482 ms, not by the older one's at 451 ms.
    assert_eq!(world.snapshots_at(), [(482, Reason::Subscribed)]);
    assert_eq!(world.changes().len(), 1);
}

#[test]
fn a_closed_channel_is_joined_again_and_flows() {
    for (name, config) in [("04c-leave-v1", config()), ("04c-leave-v2", on_board2())] {
        let world = Player::new(name, &["A"], config).play();
        use Status::{Connecting, Live};
        assert_eq!(
            world.statuses(),
            [Connecting, Live, Connecting, Live],
            "{name}"
        );
        assert_eq!(world.changes().len(), 1, "{name}");
        assert_eq!(world.opens().len(), 1, "{name}");
    }
}

#[test]
fn errors_about_another_topic_are_none_of_ours() {
    for (name, topic) in [
        ("04c-unknown-event-v1", "board"),
        ("04c-unknown-event-v2", "board2"),
    ] {
        let world = Player::new(name, &["A"], config_for(topic, false, false)).play();
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
        assert_eq!(world.sent("phx_join").len(), 1, "{name}");
        assert!(world.refusals().is_empty(), "{name}");
    }
}

#[test]
fn a_frame_of_an_impossible_shape_is_counted_and_the_channel_lives_on() {
    for (name, topic, ignored) in [
        // The server answered a numeric topic in kind.
        ("04c-malformed-v1", "board", 1),
        ("04c-malformed-v2", "board2", 0),
    ] {
        let world = Player::new(name, &["A"], config_for(topic, false, false)).play();
        assert_eq!(world.client.ignored_frames(), ignored, "{name}");
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
        assert_eq!(world.broadcasts().len(), 1, "{name}");
        assert_eq!(world.snapshots(), [Reason::Subscribed], "{name}");
    }
}
