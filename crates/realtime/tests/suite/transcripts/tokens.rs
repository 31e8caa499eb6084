//! Tokens that expired, were replaced, or were good for nothing, as recorded.

use crate::player::{Player, config_for, on_board2, play};
use crate::world::config;
use switchboard_realtime::{Reason, Status, TokenReason};

#[test]
fn an_expired_token_means_a_fresh_one_and_a_rejoin_on_the_same_socket() {
    for (name, config) in [
        ("03b-expires-in-8s-v1", config()),
        ("03b-expires-in-8s-v2", on_board2()),
    ] {
        let world = Player::new(name, &["A"], config).play();
        use Status::{Connecting, Live};
        assert_eq!(
            world.statuses(),
            [Connecting, Live, Connecting, Live],
            "{name}"
        );
        assert_eq!(
            world.token_requests(),
            [TokenReason::Join, TokenReason::Rejected],
            "{name}"
        );
        let joins = world.sent("phx_join");
        assert_eq!(joins.len(), 2, "{name}");
        assert_eq!(joins[0]["payload"]["access_token"], "token-1");
        assert_eq!(joins[1]["payload"]["access_token"], "token-2");
        assert_eq!(world.opens().len(), 1, "{name}: the socket lives on");
        assert_eq!(world.snapshots(), [Reason::Subscribed, Reason::Subscribed]);
    }
}

#[test]
fn another_channels_frames_are_none_of_ours() {
    let name = "03c-expiry-other-channel";
    let expired = Player::new(name, &["A"], config_for("a", false, true))
        .pair_joins_of("realtime:a")
        .play();
    // Its own close is acted upon; the change of channel b is not its business.
    assert_eq!(expired.changes().len(), 0);
    assert_eq!(expired.sent("phx_join").len(), 2);

    let healthy = Player::new(name, &["A"], config_for("b", false, true))
        .pair_joins_of("realtime:b")
        .play();
    assert_eq!(healthy.statuses(), [Status::Connecting, Status::Live]);
    assert_eq!(healthy.changes().len(), 1);
    assert_eq!(healthy.sent("phx_join").len(), 1);
}

#[test]
fn a_pushed_token_is_acknowledged_by_system_ok_and_costs_no_snapshot() {
    let world = Player::new("03d-refresh-v2", &["A"], on_board2()).play();
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    assert_eq!(world.sent("access_token").len(), 1);
    assert_eq!(world.snapshots(), [Reason::Subscribed]);
    assert_eq!(world.changes().len(), 241);
    let versions: Vec<i64> = world
        .changes()
        .iter()
        .map(|change| change.record["version"].as_i64().unwrap())
        .collect();
    assert!(versions.is_sorted(), "commit order is kept");
}

#[test]
fn a_bad_token_pushed_ends_the_channel_and_asks_for_a_better_one() {
    for name in ["03e-push-wrong-secret", "03e-push-expired"] {
        let world = play(name, "A");
        assert_eq!(world.sent("access_token").len(), 1, "{name}");
        assert_eq!(
            world.token_requests(),
            [TokenReason::Join, TokenReason::Rejected],
            "{name}"
        );
        assert_eq!(world.sent("phx_join").len(), 2, "{name}");
    }
}

#[test]
fn an_empty_token_pushed_ends_the_channel_like_every_bad_one() {
    let world = play("03e-push-empty-string", "A");
    assert_eq!(world.sent("access_token").len(), 1);
    assert_eq!(
        world.token_requests(),
        [TokenReason::Join, TokenReason::Rejected]
    );
    assert_eq!(world.sent("phx_join").len(), 2);
}

#[test]
fn a_token_that_sees_nothing_is_acknowledged_and_then_there_is_silence() {
    for name in ["03e-push-anon", "03e-push-non-member"] {
        let mut world = play(name, "A");
        assert_eq!(world.sent("access_token").len(), 1, "{name}");
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
        assert_eq!(world.changes().len(), 0, "{name}");
        // No close and no word: the regular snapshot is what tells.
        assert_eq!(world.snapshots(), [Reason::Subscribed], "{name}");
        world.advance_to(31_000);
        assert_eq!(world.snapshots(), [Reason::Subscribed, Reason::Periodic]);
        assert_eq!(world.sent("phx_join").len(), 1, "{name}");
    }
}

#[test]
fn a_push_that_the_server_ignores_is_made_good_by_a_rejoin() {
    for name in ["03e-push-no-key", "03e-push-null"] {
        let mut world = play(name, "A");
        assert_eq!(world.sent("access_token").len(), 1, "{name}");
        assert_eq!(world.changes().len(), 1, "{name}: changes flow meanwhile");
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
        world.advance_until("a rejoin", |world| world.sent("phx_join").len() == 2);
        assert!(
            world.clock >= 15_000,
            "{name}: an acknowledgement takes 3 s"
        );
        assert_eq!(world.opens().len(), 1, "{name}");
    }
}
