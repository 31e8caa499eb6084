//! Tokens: fresh ones before joins, newer ones before the old expire.

use crate::world::{Answers, EPOCH_MS, World, config};
use serde_json::json;
use switchboard_realtime::{Input, Reason, Status, Token, TokenReason};

const HOUR_MS: u64 = 3_600_000;

#[test]
fn a_token_given_before_the_start_is_used_and_none_is_asked_for() {
    let mut world = World::new(config());
    world.give_token(HOUR_MS);
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    assert_eq!(world.token_requests(), []);
    assert_eq!(world.sent("phx_join").len(), 1);
}

#[test]
fn every_rejoin_asks_for_a_token_and_waits_for_it() {
    let mut world = World::live();
    world.answers = Answers::Nothing;
    world.advance(20_000);
    world.close_channel();
    assert_eq!(
        world.token_requests(),
        [TokenReason::Join, TokenReason::Join]
    );
    world.advance(5_000);
    assert_eq!(world.sent("phx_join").len(), 1, "it waits");
    world.give_token(HOUR_MS);
    let joins = world.sent("phx_join");
    assert_eq!(joins[1]["payload"]["access_token"], "token-2");
}

#[test]
fn an_application_that_does_not_answer_is_not_waited_for_while_the_old_token_is_good() {
    let mut world = World::live();
    world.answers = Answers::Nothing;
    world.advance(20_000);
    world.close_channel();
    world.advance(10_000);
    let joins = world.sent("phx_join");
    assert_eq!(joins[1]["payload"]["access_token"], "token-1");
}

#[test]
fn a_token_that_the_server_rejected_is_never_tried_again_unasked() {
    let mut world = World::live();
    world.answers = Answers::Nothing;
    world.advance(20_000);
    world.system("system", "error");
    world.close_channel();
    world.advance(60_000);
    assert_eq!(world.sent("phx_join").len(), 1);
    let requests = world.token_requests();
    assert!(
        requests[1..]
            .iter()
            .all(|reason| *reason == TokenReason::Rejected)
    );
    assert!(
        (5..=8).contains(&requests.len()),
        "asked now and then: {}",
        requests.len()
    );
    world.give_token(HOUR_MS);
    assert_eq!(world.sent("phx_join").len(), 2);
}

#[test]
fn a_refusal_of_the_token_asks_for_a_better_one() {
    for reason in [
        "InvalidJWTToken: Token has expired 5 seconds ago",
        "JwtSignatureError: Failed to validate JWT signature",
        "MalformedJWT: The token provided is not a valid JWT",
    ] {
        let mut world = World::new(config());
        world.feed(Input::Start);
        world.feed(Input::SocketOpened);
        world.reply_error(reason);
        world.advance_until("a second join", |world| world.sent("phx_join").len() == 2);
        assert_eq!(world.token_requests()[1], TokenReason::Rejected);
        assert_eq!(world.refusals(), [reason]);
    }
}

#[test]
fn a_token_is_replaced_well_before_it_expires() {
    let mut world = World::live();
    world.advance_to(HOUR_MS - 60_001);
    assert_eq!(world.sent("access_token").len(), 0);
    world.advance_to(HOUR_MS - 60_000);
    assert_eq!(world.token_requests().last(), Some(&TokenReason::Expiring));
    let pushes = world.sent("access_token");
    assert_eq!(pushes.len(), 1);
    assert_eq!(pushes[0]["payload"], json!({"access_token": "token-2"}));
    assert_eq!(pushes[0]["join_ref"], world.join_ref());
}

#[test]
fn the_next_system_ok_acknowledges_a_push_and_needs_no_snapshot() {
    let mut world = World::live();
    world.advance(1_000);
    world.give_token(HOUR_MS);
    world.advance(3_000);
    world.system("postgres_changes", "ok");
    world.advance(20_000);
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    assert_eq!(world.snapshots(), [Reason::Subscribed]);
    assert_eq!(world.sent("phx_join").len(), 1);
}

#[test]
fn a_push_that_is_never_acknowledged_ends_in_a_rejoin() {
    let mut world = World::live();
    world.advance(1_000);
    world.give_token(HOUR_MS);
    world.advance_to(15_999);
    assert_eq!(world.sent("phx_leave").len(), 0);
    world.advance_to(16_000);
    assert_eq!(world.sent("phx_leave").len(), 1);
    world.advance_until("a rejoin", |world| world.sent("phx_join").len() == 2);
}

#[test]
fn the_same_token_or_an_expired_one_is_not_pushed() {
    let mut world = World::live();
    let expires = EPOCH_MS + HOUR_MS;
    world.feed(Input::Token(Token::new("token-1", expires)));
    world.feed(Input::Token(Token::new("stale", EPOCH_MS - 1)));
    assert_eq!(world.sent("access_token").len(), 0);
}

#[test]
fn a_token_that_comes_while_joining_is_pushed_once_the_channel_flows() {
    let mut world = World::new(config());
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    world.give_token(HOUR_MS);
    assert_eq!(world.sent("access_token").len(), 0);
    world.reply_ok();
    world.system("postgres_changes", "ok");
    let pushes = world.sent("access_token");
    assert_eq!(pushes[0]["payload"]["access_token"], "token-2");
}

#[test]
fn an_application_that_repeats_itself_is_not_asked_in_a_tight_loop() {
    for lifetime_ms in [0, 1, 50, 2_000] {
        let mut world = World::live();
        world.answers = Answers::Tokens { lifetime_ms };
        world.feed(Input::Token(Token::new("short", EPOCH_MS + 1)));
        world.advance(60_000);
        let asked = world.token_requests().len();
        assert!(asked <= 35, "{asked} times in a minute at {lifetime_ms} ms");
    }
}

#[test]
fn a_wrong_local_clock_does_not_keep_a_good_token_from_being_used() {
    // By this clock every token expired an hour ago; the server is the referee.
    let mut world = World::new(config());
    world.answers = Answers::Nothing;
    world.feed(Input::Token(Token::new("good", EPOCH_MS - HOUR_MS)));
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    world.reply_ok();
    world.system("postgres_changes", "ok");
    assert_eq!(world.status(), Some(Status::Live));
    assert_eq!(world.sent("phx_join")[0]["payload"]["access_token"], "good");
}

#[test]
fn a_wall_clock_that_is_set_back_does_not_let_a_token_run_out() {
    let mut world = World::live();
    world.advance(1_000);
    world.wall_clock_set_by(-900_000);
    world.advance_to(HOUR_MS - 60_000);
    assert_eq!(world.token_requests().last(), Some(&TokenReason::Expiring));
    assert_eq!(world.sent("access_token").len(), 1);
    // Set forward it asks too early, once, and keeps its distance.
    let mut world = World::live();
    world.advance(1_000);
    world.wall_clock_set_by(2 * 3_600_000);
    world.advance_until("a request", |world| world.token_requests().len() == 2);
    world.advance(2_000);
    world.system("postgres_changes", "ok");
    world.advance(60_000);
    assert_eq!(world.token_requests().len(), 2);
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
}
