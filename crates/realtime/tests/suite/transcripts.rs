//! What the client makes of what the real server really sent.

use crate::player::{Player, config_for, on_board2, play, server_frames};
use crate::world::{World, config};
use serde_json::json;
use switchboard_realtime::{ChangeKind, Input, Lane, Reason, Status, TokenReason};

fn basics(world: &World) {
    // At the end the recorder left the channel; this client did not ask for that.
    use Status::{Connecting, Live};
    assert_eq!(world.statuses(), [Connecting, Live, Connecting]);
    assert_eq!(world.snapshots(), [Reason::Subscribed]);
    let kinds: Vec<_> = world.changes().iter().map(|change| change.kind).collect();
    use ChangeKind::{Delete, Insert, Update};
    assert_eq!(kinds, [Insert, Update, Update, Insert, Delete, Delete]);
    let first = world.changes()[0];
    assert_eq!(
        (first.lane, first.table.as_str()),
        (Lane::PostgresChanges, "calls")
    );
    assert_eq!(first.record["caller_name"], "Žofie \"Q\" \\ 🙂\nline2");
    assert!(first.record["ended_at"].is_null());
    assert!(first.commit_timestamp.is_some());
    // Beyond the precision of a double.
    assert_eq!(
        world.changes()[3].record["version"].as_i64(),
        Some(9_007_199_254_740_993)
    );
    // Of a deleted row only the primary key is known.
    let deleted: Vec<_> = world.changes()[4].record.keys().collect();
    assert_eq!(deleted, ["id"]);
    assert!(world.changes().iter().all(|change| !change.incomplete));
    assert_eq!(world.client.ignored_frames(), 0);
}

#[test]
fn the_basics_in_version_1() {
    basics(&play("01a-basics-v1", "A"));
}

#[test]
fn the_basics_in_version_2() {
    basics(&Player::new("01a-basics-v2", &["A"], on_board2()).play());
}

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
fn a_binding_in_lower_case_works() {
    let world = play("01c-event-lowercase", "A");
    assert_eq!(world.status(), Some(Status::Live));
    assert_eq!(world.changes().len(), 1);
}

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
fn a_close_after_66_silent_seconds_leads_to_a_new_socket() {
    let mut world = play("04a-no-heartbeat", "A");
    assert!(world.sent("heartbeat").len() >= 2, "this client does speak");
    assert_eq!(world.status(), Some(Status::Offline));
    world.advance_until("a new socket", |world| world.opens().len() == 2);
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
fn a_server_restart_is_ridden_out_with_a_snapshot_after_it() {
    for (conns, config) in [
        (["A(v1)#0", "A(v1)#1"], config()),
        (["B(v2)#0", "B(v2)#1"], on_board2()),
    ] {
        let world = Player::new("05a-server-restart-sigterm", &conns, config).play();
        use Status::{Connecting, Live, Offline};
        let statuses = world.statuses();
        assert_eq!(statuses[..3], [Connecting, Live, Offline], "{conns:?}");
        assert_eq!(statuses.last(), Some(&Live), "{conns:?}");
        assert_eq!(world.snapshots(), [Reason::Subscribed, Reason::Subscribed]);
        // 4.3 s without a server: tried a few times, not a hundred.
        assert!(
            (3..=8).contains(&world.opens().len()),
            "{:?}",
            world.opens()
        );
        // The server was cold: changes flowed up to 1.4 s after the reply, and only then.
        let again = world.snapshots_at()[1].0;
        assert_eq!(world.sent_at("phx_join").len(), 2);
        assert!(again > world.sent_at("phx_join")[1].0);
    }
}

#[test]
fn changes_lost_without_a_trace_are_met_by_the_regular_snapshot() {
    let mut world = play("05c-poller-db-connection-killed", "A");
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    world.advance_to(31_000);
    assert_eq!(world.snapshots(), [Reason::Subscribed, Reason::Periodic]);
}

#[test]
fn somebody_who_is_not_a_member_hears_deletes_only() {
    let world = play("08-rls-nonmember", "nonmember");
    let kinds: Vec<_> = world.changes().iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Delete]);
    assert_eq!(world.status(), Some(Status::Live));
}

#[test]
fn absent_columns_stay_absent_and_maimed_changes_ask_for_a_snapshot() {
    let world = Player::new("09-big-row-v2", &["A"], on_board2()).play();
    let changes = world.changes();
    assert_eq!(changes.len(), 9);
    assert!(changes[0].record.contains_key("caller_name"));
    // Unchanged and stored out of line: left out, which is not null.
    assert!(!changes[1].record.contains_key("caller_name"));
    assert!(!changes[1].incomplete);
    let incomplete: Vec<_> = changes.iter().map(|change| change.incomplete).collect();
    assert_eq!(
        incomplete,
        [false, false, false, true, false, false, true, false, false]
    );
    use Reason::{Incomplete, Subscribed};
    assert_eq!(world.snapshots(), [Subscribed, Incomplete, Incomplete]);
}

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
fn frames_in_the_format_of_another_version_are_read_all_the_same() {
    let mut config = config();
    config.topic = "mixed".to_owned();
    let mut world = World::new(config);
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    for frame in server_frames("11b-mixed-vsn-count") {
        world.feed(Input::Text(&frame));
    }
    assert_eq!(world.changes().len(), 3);
    assert!(world.changes().windows(2).all(|pair| pair[0] == pair[1]));
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
