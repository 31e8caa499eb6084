//! The rules of staying in step, one situation at a time.

use crate::world::{World, config};
use serde_json::{Value, json};
use switchboard_realtime::{Event, Input, Lane, Output, Reason, Status};

fn change_of(id: &str, errors: &Value) -> Value {
    json!({"ids": [1], "data": {"schema": "public", "table": "calls", "type": "UPDATE",
        "commit_timestamp": "2026-01-02T03:04:05.123Z", "columns": [],
        "record": {"id": id, "version": 3}, "old_record": {"id": id}, "errors": errors}})
}

#[test]
fn the_socket_address_carries_the_key_escaped_and_no_double_slash() {
    let mut config = config();
    config.url = "https://project.supabase.co/".to_owned();
    config.apikey = "a+b/c=".to_owned();
    assert_eq!(
        config.socket_url().unwrap(),
        "wss://project.supabase.co/realtime/v1/websocket?apikey=a%2Bb%2Fc%3D&vsn=1.0.0"
    );
}

#[test]
fn an_impossible_address_is_a_configuration_fault_and_nothing_is_tried() {
    let mut config = config();
    config.url = "localhost".to_owned();
    let mut world = World::new(config);
    world.feed(Input::Start);
    assert_eq!(world.faults().len(), 1);
    assert!(world.opens().is_empty());
    assert!(world.feed(Input::Visible).is_empty());
}

#[test]
fn the_join_asks_for_a_private_channel_with_its_bindings_and_token() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    assert_eq!(world.sent("phx_join").len(), 0, "not before the socket");
    world.feed(Input::SocketOpened);
    let join = world.sent("phx_join").remove(0);
    assert_eq!(join["topic"], "realtime:board");
    assert_eq!(join["ref"], join["join_ref"]);
    assert_eq!(
        join["payload"],
        json!({"config": {
            "broadcast": {"ack": false, "self": false},
            "presence": {"enabled": false, "key": ""},
            "postgres_changes": [{"event": "*", "schema": "public", "table": "calls"}],
            "private": true},
            "access_token": "token-1"})
    );
}

#[test]
fn live_only_after_the_reply_and_system_ok_of_postgres_changes() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    world.system("postgres_changes", "ok");
    world.reply_ok();
    world.system("presence", "ok");
    assert_eq!(world.statuses(), [Status::Connecting]);
    world.system("postgres_changes", "ok");
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    assert_eq!(world.snapshots(), [Reason::Subscribed]);
}

#[test]
fn a_missing_system_ok_times_out_into_leave_and_rejoin() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    world.reply_ok();
    let first = world.join_ref();
    world.advance_to(9_999);
    assert_eq!(world.sent("phx_leave").len(), 0);
    world.advance_until("a second join", |world| world.sent("phx_join").len() == 2);
    assert_eq!(world.sent("phx_leave")[0]["join_ref"], first);
    assert_eq!(world.opens().len(), 1, "on the same socket");
    // What the old join still says does not count.
    world.server("phx_close", Some(&first), &json!({}));
    assert_eq!(world.sent("phx_join").len(), 2);
    world.reply_ok();
    world.system("postgres_changes", "ok");
    assert_eq!(world.status(), Some(Status::Live));
}

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

#[test]
fn phx_close_and_phx_error_of_the_current_join_mean_rejoin_on_the_same_socket() {
    for event in ["phx_close", "phx_error"] {
        let mut world = World::live();
        world.advance(20_000);
        world.server(event, Some("9999"), &json!({}));
        world.server(event, None, &json!({}));
        assert_eq!(world.status(), Some(Status::Live), "not ours");
        let current = world.join_ref();
        world.server(event, Some(&current), &json!({}));
        // It was live for a while, so there is nothing to wait for.
        assert_eq!(world.sent("phx_join").len(), 2, "{event}");
        assert_eq!(world.opens().len(), 1);
        world.reply_ok();
        world.system("postgres_changes", "ok");
        assert_eq!(world.snapshots(), [Reason::Subscribed, Reason::Subscribed]);
    }
}

#[test]
fn a_version_2_system_frame_of_an_older_join_does_not_count() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    world.reply_ok();
    let system = json!({"message": "", "status": "ok", "extension": "postgres_changes"});
    let frame = json!(["old", null, "realtime:board", "system", system]);
    world.feed(Input::Text(&frame.to_string()));
    assert_eq!(world.status(), Some(Status::Connecting));
    let frame = json!([world.join_ref(), null, "realtime:board", "system", system]);
    world.feed(Input::Text(&frame.to_string()));
    assert_eq!(world.status(), Some(Status::Live));
}

#[test]
fn late_answers_to_an_older_join_do_not_count() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    let first = world.join_ref();
    world.advance_until("a second join", |world| world.sent("phx_join").len() == 2);
    let ok = json!({"status": "ok", "response": {}});
    world.server("phx_reply", Some(&first), &ok);
    world.system("postgres_changes", "ok");
    let refused = json!({"status": "error", "response": {"reason": "Unauthorized"}});
    world.server("phx_reply", Some(&first), &refused);
    assert_eq!(world.status(), Some(Status::Connecting));
    assert!(world.refusals().is_empty());
    world.reply_ok();
    world.system("postgres_changes", "ok");
    assert_eq!(world.status(), Some(Status::Live));
}

#[test]
fn unmatched_topic_in_answer_to_a_push_means_rejoin() {
    let mut world = World::live();
    world.advance(20_000);
    world.give_token(3_600_000);
    let push = world.sent("access_token").remove(0);
    let payload = json!({"status": "error", "response": {"reason": "unmatched topic"}});
    world.server("phx_reply", push["ref"].as_str(), &payload);
    assert_eq!(world.sent("phx_join").len(), 2);
}

#[test]
fn an_error_reply_whose_response_is_a_text_does_no_harm() {
    let mut world = World::live();
    let payload = json!({"status": "error", "response": "payload_size_exceeded"});
    world.server("phx_reply", Some("77"), &payload);
    assert_eq!(world.status(), Some(Status::Live));
}

#[test]
fn refused_joins_back_off_and_never_stand_in_parallel() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    for _ in 0..8 {
        let joins = world.sent("phx_join").len();
        world.advance(5_000);
        assert_eq!(
            world.sent("phx_join").len(),
            joins,
            "while it is unanswered"
        );
        world.reply_error("Unauthorized: You do not have permissions");
        world.advance_until("the next join", |world| {
            world.sent("phx_join").len() > joins
        });
    }
    let times: Vec<u64> = world
        .sent_at("phx_join")
        .iter()
        .map(|(at, _)| *at)
        .collect();
    assert!(times[8] - times[7] >= 5_000 + 7_500, "{times:?}");
    assert_eq!(world.opens().len(), 1);
    assert_eq!(world.refusals().len(), 8);
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
fn lost_sockets_are_replaced_with_growing_waits_up_to_the_cap() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    for _ in 0..10 {
        let opens = world.opens().len();
        world.feed(Input::SocketRefused { status: None });
        assert_eq!(world.status(), Some(Status::Offline));
        world.advance_until("the next", |world| world.opens().len() > opens);
    }
    let gaps: Vec<u64> = world
        .opens()
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(
        gaps.iter().all(|gap| (2_000..=3_000).contains(gap)),
        "{gaps:?}"
    );
    // A refusal that time does not mend is given more of it.
    let opens = world.opens().len();
    world.feed(Input::SocketRefused { status: Some(401) });
    let before = world.clock;
    world.advance_until("the next", |world| world.opens().len() > opens);
    assert!(world.clock - before >= 7_500);
}

#[test]
fn waits_start_small_again_only_after_the_channel_was_live_for_a_while() {
    for (code, lived, at_most) in [
        (1012, 20_000, 500),
        (1006, 10_000, 500),
        (1000, 66_000, 500),
    ] {
        let mut world = World::live();
        world.advance(lived);
        world.feed(Input::SocketClosed { code, reason: "" });
        world.advance(at_most);
        assert_eq!(world.opens().len(), 2, "after {code}");
    }
    // A server that hangs up as soon as the channel is live gets more and more time.
    let mut config = config();
    config.timing.attempt_gap_ms = 1;
    let mut world = World::live_with(config);
    for round in 1..6 {
        world.advance(100);
        world.feed(Input::SocketClosed {
            code: 1006,
            reason: "",
        });
        world.advance_until("a new socket", |world| world.opens().len() > round);
        world.feed(Input::SocketOpened);
        world.reply_ok();
        world.system("postgres_changes", "ok");
    }
    let opens = world.opens();
    assert!(opens[5] - opens[4] >= 1_500, "{opens:?}");
}

#[test]
fn a_handshake_that_never_ends_is_given_up() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.advance_to(10_000);
    assert_eq!(world.closes(), [10_000]);
    world.advance_until("another", |world| world.opens().len() == 2);
    // The abandoned socket's late words, should an adapter let them through.
    world.feed(Input::Text("[]"));
    assert_eq!(world.status(), Some(Status::Connecting));
}

#[test]
fn a_page_that_returns_does_not_sit_out_a_long_wait() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.advance(3_000);
    for _ in 0..6 {
        let opens = world.opens().len();
        world.feed(Input::SocketRefused { status: Some(401) });
        world.advance_until("another", |world| world.opens().len() > opens);
    }
    world.feed(Input::SocketRefused { status: Some(401) });
    let (opens, before) = (world.opens().len(), world.clock);
    world.feed(Input::Online);
    world.advance_until("another", |world| world.opens().len() > opens);
    assert_eq!(world.clock - before, 2_000);
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

#[test]
fn stop_leaves_and_closes_and_is_final() {
    let mut world = World::live();
    let join_ref = world.join_ref();
    let outputs = world.feed(Input::Stop);
    assert_eq!(world.sent("phx_leave")[0]["join_ref"], join_ref);
    assert_eq!(outputs[1], Output::Close);
    assert_eq!(outputs[2], Output::Event(Event::Status(Status::Offline)));
    assert_eq!(outputs.len(), 3);
    for input in [
        Input::Start,
        Input::Timer,
        Input::Visible,
        Input::SocketOpened,
    ] {
        assert!(world.feed(input).is_empty());
    }
    world.give_token(1_000);
    world.server("postgres_changes", None, &change_of("a", &Value::Null));
    assert_eq!(world.changes().len(), 0);
}

#[test]
fn neither_tokens_nor_keys_are_shown_by_debug() {
    let mut config = config();
    config.apikey = "the-key".to_owned();
    let mut world = World::new(config);
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    let shown = format!("{:?}", world.log);
    assert!(
        !shown.contains("the-key") && !shown.contains("token-1"),
        "{shown}"
    );
    let input = Input::Token(switchboard_realtime::Token::new("secret", 5));
    assert!(!format!("{input:?}").contains("secret"));
}
