//! Losing sockets, opening new ones, and the end.

use crate::world::{World, change_of, config};
use serde_json::Value;
use switchboard_realtime::{Event, Input, Output, Status};

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
