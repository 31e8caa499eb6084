//! Joins and handshakes that the server refused, or accepted and did not mean.

use crate::player::{Player, config_for, on_board2, play};
use crate::world::config;
use switchboard_realtime::{ChangeKind, Reason, Status, TokenReason};

#[test]
fn a_reply_ok_alone_is_not_live_and_a_bad_binding_is_a_configuration_fault() {
    for name in [
        "01c-bad-filter-column",
        "01c-bad-filter-syntax",
        "01c-missing-schema",
        "01c-missing-table",
        "01c-no-params",
        "01c-unprivileged-schema",
        "01c-unpublished-table",
    ] {
        let world = play(name, "A");
        assert_eq!(world.statuses(), [Status::Connecting], "{name}");
        assert_eq!(world.faults().len(), 1, "{name}: {:?}", world.faults());
        // The recordings are 16 s long: nothing was tried again so soon.
        assert_eq!(world.sent("phx_join").len(), 1, "{name}");
        assert_eq!(world.snapshots(), [], "{name}");
    }
}

#[test]
fn a_refused_join_backs_off_with_one_join_at_a_time() {
    for name in ["03a-garbage", "03a-expired-token"] {
        let world = play(name, "A");
        assert_eq!(world.refusals().len(), 1, "{name}");
        assert_eq!(world.token_requests()[1], TokenReason::Rejected, "{name}");
        let joins = world.sent_at("phx_join");
        assert_eq!(joins.len(), 2, "{name}: {joins:?}");
        assert!(joins[1].0 > 5_000, "{name}: not before the refusal");
    }
}

#[test]
fn handshakes_refused_for_the_key_or_the_version_are_told_and_retried_slowly() {
    for (conn, status) in [
        ("bad-apikey", "401"),
        ("no-apikey", "401"),
        ("expired-apikey", "401"),
        ("wrong-secret-apikey", "401"),
        ("vsn-9.9.9", "403"),
        ("vsn-garbage", "403"),
    ] {
        let world = play("04b-handshake", conn);
        assert_eq!(world.refusals().len(), 1, "{conn}");
        assert!(world.refusals()[0].contains(status), "{conn}");
        assert_eq!(world.statuses(), [Status::Connecting, Status::Offline]);
    }
}

#[test]
fn a_topic_that_the_server_does_not_know_is_a_refusal() {
    for name in ["04c-unknown-topic-v1", "04c-unknown-topic-v2"] {
        let world = Player::new(name, &["A"], config())
            .rename_topic("foo:bar", "realtime:board")
            .rename_topic("realtime:", "realtime:board")
            .play();
        assert_eq!(world.refusals()[0], "unmatched topic", "{name}");
        assert!(
            world.refusals()[1].starts_with("TopicNameRequired"),
            "{name}"
        );
        assert_eq!(world.statuses(), [Status::Connecting], "{name}");
    }
}

#[test]
fn every_kind_of_bad_token_is_refused_after_5_s_and_a_better_one_asked_for() {
    for (name, config, words) in [
        ("03a-expired-token-v2", on_board2(), "InvalidJWTToken"),
        ("03a-garbage3", config(), "MalformedJWT"),
        ("03a-no-exp", config(), "InvalidJWTToken"),
        ("03a-no-role", config(), "InvalidJWTToken"),
        ("03a-wrong-secret", config(), "JwtSignatureError"),
    ] {
        let world = Player::new(name, &["A"], config).play();
        assert_eq!(world.refusals().len(), 1, "{name}");
        assert!(world.refusals()[0].starts_with(words), "{name}");
        assert_eq!(
            world.token_requests(),
            [TokenReason::Join, TokenReason::Rejected],
            "{name}"
        );
        let joins = world.sent_at("phx_join");
        assert_eq!(joins.len(), 2, "{name}");
        assert!(joins[1].0 > 5_000, "{name}: one join at a time");
        assert_ne!(
            joins[0].1["payload"]["access_token"], joins[1].1["payload"]["access_token"],
            "{name}"
        );
        assert!(world.closes().is_empty(), "{name}: the socket is good");
        assert_eq!(world.statuses(), [Status::Connecting], "{name}");
    }
}

#[test]
fn a_role_that_sees_nothing_is_live_and_silent() {
    for (name, config) in [
        ("03a-no-token-anon", config()),
        ("03a-no-token-anon-v2", on_board2()),
        ("03a-null-token", config()),
    ] {
        let world = Player::new(name, &["A"], config).play();
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
        assert_eq!(world.changes().len(), 0, "{name}");
        assert_eq!(world.snapshots(), [Reason::Subscribed], "{name}");
    }
    let world = play("03a-service-role", "A");
    let kinds: Vec<_> = world.changes().iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Insert, ChangeKind::Delete]);
}

#[test]
fn a_role_that_the_database_does_not_know_is_a_configuration_fault() {
    let world = play("03a-unknown-role", "A");
    assert_eq!(world.statuses(), [Status::Connecting]);
    assert_eq!(world.faults().len(), 1);
    assert_eq!(world.sent("phx_join").len(), 1);
}

#[test]
fn the_other_handshakes_are_refused_alike_and_good_ones_join() {
    for (conn, status) in [
        ("empty-apikey", "401"),
        ("no-exp-apikey", "401"),
        ("vsn-1.1.0", "403"),
    ] {
        let world = play("04b-handshake", conn);
        assert!(world.refusals()[0].contains(status), "{conn}");
        assert_eq!(world.statuses(), [Status::Connecting, Status::Offline]);
    }
    for conn in ["vsn-2.0.1", "no-vsn", "user-jwt-as-apikey"] {
        let world = play("04b-handshake", conn);
        assert_eq!(world.statuses(), [Status::Connecting], "{conn}");
        assert_eq!(world.sent("phx_join").len(), 1, "{conn}");
    }
}

/// Channel `c101` and `c102` of one socket were one and two too many; each refusal blocked it.
#[test]
fn a_refusal_that_waited_behind_another_one_is_still_waited_for() {
    for (topic, asked_at, refused_at) in [("c101", 3_094, 8_097), ("c102", 3_125, 13_101)] {
        let world = Player::new(
            "04e-channels-per-client",
            &["A"],
            config_for(topic, false, false),
        )
        .pair_joins_of(&format!("realtime:{topic}"))
        .starting_at(asked_at)
        .play();
        assert_eq!(
            world.refusals(),
            ["ChannelRateLimitReached: Too many channels"],
            "{topic}"
        );
        assert_eq!(
            world.sent("phx_leave").len(),
            0,
            "{topic}: it was waited for"
        );
        let joins = world.sent_at("phx_join");
        assert!(
            joins.iter().skip(1).all(|(at, _)| *at > refused_at),
            "{topic}"
        );
        // The token is not at fault.
        assert!(!world.token_requests().contains(&TokenReason::Rejected));
    }
    let world = Player::new(
        "04e-channels-per-client",
        &["A"],
        config_for("c1", false, false),
    )
    .pair_joins_of("realtime:c1")
    .play();
    assert_eq!(world.status(), Some(Status::Live));
    assert!(world.refusals().is_empty());
}

#[test]
fn odd_answers_to_odd_joins_end_in_a_fault_a_refusal_or_a_time_out() {
    for name in ["04c-join-payloads-v1", "04c-join-payloads-v2"] {
        let on = |topic: &str, with_binding| {
            Player::new(name, &["A"], config_for(topic, false, with_binding))
                .pair_joins_of(&format!("realtime:{topic}"))
                .play()
        };
        assert_eq!(on("j1", true).faults().len(), 1, "{name}");
        let refused = on("j2", true);
        assert!(
            refused.refusals()[0].starts_with("UnknownErrorOnChannel"),
            "{name}"
        );
        for topic in ["j3", "j4", "j5", "j6"] {
            // The server subscribed nothing and says no more: without bindings that is all.
            assert_eq!(on(topic, false).status(), Some(Status::Live), "{name}");
            // With bindings it is not live, and given up in time.
            let mut waiting = on(topic, true);
            assert_eq!(waiting.status(), Some(Status::Connecting), "{name}");
            waiting.advance_until("a second join", |world| world.sent("phx_join").len() == 2);
            assert_eq!(waiting.sent("phx_leave").len(), 1, "{name}");
        }
    }
}
