//! Sockets that were closed, cut, or kept open, as recorded.

use crate::player::{Player, config_for, on_board2, play};
use crate::recording::result;
use crate::world::config;
use switchboard_realtime::{Reason, Status};

#[test]
fn a_close_after_66_silent_seconds_leads_to_a_new_socket() {
    let mut world = play("04a-no-heartbeat", "A");
    assert!(world.sent("heartbeat").len() >= 2, "this client does speak");
    assert_eq!(world.status(), Some(Status::Offline));
    world.advance_until("a new socket", |world| world.opens().len() == 2);
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
fn the_other_closes_after_66_silent_seconds_are_no_different() {
    for (name, config, changes) in [
        ("04a-no-heartbeat-v2", on_board2(), 0),
        ("04a-no-heartbeat-with-changes", config(), 1),
    ] {
        let mut world = Player::new(name, &["A"], config).play();
        assert_eq!(world.changes().len(), changes, "{name}");
        use Status::{Connecting, Live, Offline};
        assert_eq!(world.statuses(), [Connecting, Live, Offline], "{name}");
        world.advance_until("a new socket", |world| world.opens().len() == 2);
        assert!(world.clock <= 67_000, "{name}: it was live for a while");
    }
}

#[test]
fn a_socket_on_which_no_join_is_ever_answered_is_tried_and_replaced() {
    let mut world = play("04a-no-heartbeat-never-joined", "A");
    let joins = world.sent_at("phx_join");
    assert!((3..=6).contains(&joins.len()), "one every 12 s and a wait");
    assert_eq!(world.sent("phx_leave").len(), joins.len());
    assert!(!world.statuses().contains(&Status::Live));
    world.advance_until("a new socket", |world| world.opens().len() == 2);
}

#[test]
fn a_socket_that_is_kept_open_stays_live_for_as_long_as_it_lasts() {
    let mut world = play("04a-ws-ping-only", "A");
    world.advance_to(100_000);
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    assert_eq!(world.snapshots().len(), 4, "one and three regular ones");
    assert!(world.sent("heartbeat").len() >= 4);
}

#[test]
fn a_socket_closed_with_a_code_of_its_own_is_replaced() {
    let mut world = play("04d-ping", "A");
    assert_eq!(world.status(), Some(Status::Offline));
    assert!(world.client.last_problem().unwrap().contains("4000"));
    world.advance_until("a new socket", |world| world.opens().len() == 2);
}

#[test]
fn a_frame_of_any_size_that_the_server_sends_is_read() {
    for size in [64_000, 1_000_000] {
        let name = match size {
            64_000 => "04c-frame-64000-v1",
            _ => "04c-frame-1000000-v1",
        };
        let config = config_for(&format!("big{size}"), false, false);
        let world = Player::new(name, &["A"], config).play();
        assert_eq!(world.broadcasts().len(), 1, "{name}");
        let text = world.broadcasts()[0].1["a"].as_str().unwrap();
        assert!(text.len() > size - 200, "played at its real length");
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
    }
}

#[test]
fn an_error_whose_response_is_a_text_leaves_the_channel_live() {
    for (name, topic) in [
        ("04c-frame-3500000-v1", "big3500000"),
        ("04c-frame-4999000-v1", "big4999000"),
    ] {
        let world = Player::new(name, &["A"], config_for(topic, false, false)).play();
        assert_eq!(
            world.statuses(),
            [Status::Connecting, Status::Live],
            "{name}"
        );
        assert_eq!(world.sent("phx_join").len(), 1, "{name}");
    }
}

#[test]
fn a_socket_that_was_cut_is_replaced() {
    for (name, topic) in [
        ("04c-frame-5000001-v1", "big5000001"),
        ("04c-frame-9000000-v1", "big9000000"),
    ] {
        let mut world = Player::new(name, &["A"], config_for(topic, false, false)).play();
        assert_eq!(world.status(), Some(Status::Offline), "{name}");
        world.advance_until("a new socket", |world| world.opens().len() == 2);
    }
}

/// 1140 joins in a burst were all accepted, so the server does not hold clients back: they must.
#[test]
fn the_server_holds_nobody_back_so_the_client_paces_itself() {
    let name = "04f-joins-per-second";
    let result = result(name);
    assert_eq!(
        (&result["joins_sent"], &result["ok"]),
        (&1_140.into(), &1_141.into())
    );
    assert_eq!(result["errors"], serde_json::json!([]));
    // No frame of it was kept: to this client it is a handshake that nobody answers for 15 s.
    for socket in 0..12 {
        let world = play(name, &format!("S{socket}"));
        assert!(world.opens().len() <= 2, "{:?}", world.opens());
        assert_eq!(world.sent("phx_join").len(), 0);
    }
}

#[test]
fn a_restart_of_the_servers_worker_is_not_noticed() {
    let world = play("05b-cdc-worker-restart", "A");
    assert_eq!(result("05b-cdc-worker-restart")["lost"], 0);
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    assert_eq!(world.sent("phx_join").len(), 1);
    assert_eq!(world.changes().len(), 2);
    assert_eq!(world.snapshots(), [Reason::Subscribed]);
}
