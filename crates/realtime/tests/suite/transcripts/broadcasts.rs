//! Broadcasts of the database and of others, as recorded.

use crate::player::{Player, config_for};
use serde_json::json;
use switchboard_realtime::{Status, TokenReason};

#[test]
fn broadcasts_are_passed_on_and_presence_is_not_ours() {
    for (name, topic) in [
        ("10-presence-broadcast-v1", "room1"),
        ("10-presence-broadcast-v2", "room2"),
    ] {
        let world = Player::new(name, &["B"], config_for(topic, false, false)).play();
        // Without bindings the reply is all there is to wait for.
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
        assert_eq!(world.broadcasts(), [("x", &json!({"hi": 1}))], "{name}");
        assert_eq!(world.client.ignored_frames(), 0, "{name}");
    }
}

#[test]
fn a_private_channel_hears_the_database_in_text_and_in_binary() {
    for name in ["12-private-broadcast-v1", "12-private-broadcast-v2"] {
        let config = config_for("board", true, false);
        let world = Player::new(name, &["allowed"], config).play();
        let events: Vec<_> = world.broadcasts().iter().map(|(event, _)| *event).collect();
        assert_eq!(
            events,
            ["changed", "INSERT", "UPDATE", "DELETE", "hello", "changed"],
            "{name}"
        );
        assert_eq!(world.broadcasts()[0].1["record"]["status"], "active");
        assert_eq!(world.client.ignored_frames(), 0);
    }
}

#[test]
fn somebody_without_the_right_to_read_is_refused_and_told_why() {
    for name in ["12-private-broadcast-v1", "12-private-broadcast-v2"] {
        let config = config_for("board", true, false);
        let world = Player::new(name, &["denied"], config).play();
        assert!(world.refusals()[0].starts_with("Unauthorized"), "{name}");
        assert!(!world.statuses().contains(&Status::Live), "{name}");
        // The token is good, only its bearer is not a member: the session need not be refreshed.
        assert!(
            world
                .token_requests()
                .iter()
                .all(|r| *r == TokenReason::Join)
        );
    }
}

#[test]
fn the_other_sockets_of_the_broadcast_recordings_hear_what_is_theirs() {
    for (name, topic) in [
        ("10-presence-broadcast-v1", "room1"),
        ("10-presence-broadcast-v2", "room2"),
    ] {
        // The sender, who asked for its own messages as well.
        let world = Player::new(name, &["A"], config_for(topic, false, false)).play();
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
        assert!(!world.broadcasts().is_empty(), "{name}");
        assert_eq!(world.client.ignored_frames(), 0, "{name}");
    }
    for name in ["12-private-broadcast-v1", "12-private-broadcast-v2"] {
        // A public channel of the same name gets public messages only.
        let world = Player::new(name, &["public"], config_for("board", false, false)).play();
        assert!(world.statuses().contains(&Status::Live), "{name}");
        assert_eq!(world.broadcasts().len(), 1, "{name}");
        assert_eq!(world.changes().len(), 0, "{name}");
    }
}
