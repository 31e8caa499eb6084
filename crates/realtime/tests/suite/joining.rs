//! Joining: the address, the join itself, and every way in which a join ends.

use crate::world::{World, config};
use serde_json::json;
use switchboard_realtime::{Input, Reason, Status};

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
fn why_the_channel_was_lost_is_known_until_the_next_join() {
    let mut world = World::live();
    world.answers = crate::world::Answers::Nothing;
    world.advance(20_000);
    world.system("system", "error");
    world.close_channel();
    // The server's own words say more than that it closed.
    assert_eq!(world.client.last_problem(), Some("system error"));
    world.give_token(3_600_000);
    assert_eq!(world.client.last_problem(), None);

    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    world.advance_to(12_000);
    assert_eq!(
        world.client.last_problem(),
        Some("the join was not answered")
    );
    world.advance_until("a second join", |world| world.sent("phx_join").len() == 2);
    world.reply_ok();
    world.advance_until("the leave", |world| world.sent("phx_leave").len() == 2);
    assert_eq!(
        world.client.last_problem(),
        Some("the subscription was not confirmed")
    );
}
