//! Accidents, each provoked once.

use super::*;
use crate::wire::Hears;

fn once(world: &mut World, fault: Fault) {
    world.input(Input::Do(Command::Once(fault)));
}

fn with_doug() -> World {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug"])),
        ("/twilio/voice?e=2", HOLD),
        ("/twilio/fallback", HOLD),
    ]);
    world.device(1, "agent_doug");
    world
}

#[test]
fn callbacks_get_lost_doubled_and_out_of_order() {
    let sequence = |fault| {
        let mut world = with_doug();
        once(&mut world, fault);
        world.call();
        world.pass(1_000);
        world.accept(1);
        world.pass(10_000);
        world.words("/twilio/leg", "SequenceNumber")
    };
    assert_eq!(sequence(Fault::Rest500), ["0", "1", "2"]);
    assert_eq!(sequence(Fault::CallbackDrop), ["1", "2"]);
    assert_eq!(sequence(Fault::CallbackSwap), ["1", "0", "2"]);
    let mut doubled = sequence(Fault::CallbackDuplicate);
    doubled.sort();
    assert_eq!(doubled, ["0", "0", "1", "2"]);
    let mut late = sequence(Fault::CallbackDelay);
    late.sort();
    assert_eq!(late, ["0", "1", "2"]);
}

#[test]
fn a_callback_that_waits_for_the_next_is_sent_when_there_is_none() {
    let quiet = dial(&["agent_doug"]).replace("initiated ringing answered completed", "ringing");
    let mut world = World::new(&[("/twilio/voice", &quiet)]);
    world.device(1, "agent_doug");
    once(&mut world, Fault::CallbackSwap);
    let caller = world.call();
    world.pass(5_000);
    assert!(world.words("/twilio/leg", "CallStatus").is_empty());
    world.input(Input::Do(Command::HangUp(caller)));
    world.pass(1_000);
    assert_eq!(world.words("/twilio/leg", "CallStatus"), ["ringing"]);
}

#[test]
fn verbs_that_are_lost_on_the_way_are_asked_of_the_fallback() {
    let mut world = with_doug();
    let caller = world.call();
    world.pass(1_000);
    world.accept(1);
    world.pass(1_000);
    once(&mut world, Fault::FetchLost);
    world.redirect(&caller, "/twilio/voice?e=2");
    world.pass(15_000);
    assert_eq!(
        world.words("/twilio/voice?e=2", "CallSid").len(),
        1,
        "the webhook was asked"
    );
    assert_eq!(world.leg(&caller).hears, Hears::Silence);
    world.pass(1_000);
    assert_eq!(world.words("/twilio/fallback", "ErrorCode"), ["11200"]);
    assert_eq!(
        world.words("/twilio/fallback", "ErrorUrl"),
        ["https://x.example/twilio/voice?e=2"]
    );
    assert!(matches!(world.leg(&caller).hears, Hears::Music { .. }));
}

#[test]
fn a_webhook_that_cannot_be_reached_is_asked_once_more() {
    let mut world = with_doug();
    let caller = world.call();
    world.pass(1_000);
    world.accept(1);
    world.pass(1_000);
    once(&mut world, Fault::FetchUnreachable);
    world.redirect(&caller, "/twilio/voice?e=2");
    world.pass(3_000);
    assert!(world.words("/twilio/fallback", "ErrorCode").is_empty());
    assert!(matches!(world.leg(&caller).hears, Hears::Music { .. }));
}

#[test]
fn a_webhook_that_talks_nonsense_is_asked_at_its_fallback_and_then_drops_the_call() {
    for nonsense in ["<html>", "404", ""] {
        let mut world = World::new(&[("/twilio/voice", nonsense), ("/twilio/fallback", nonsense)]);
        let caller = world.call();
        world.pass(60_000);
        assert_eq!(world.leg(&caller).status, "failed", "{nonsense}");
        assert_eq!(world.words("/twilio/status", "CallStatus"), ["failed"]);
        assert!(world.sim.log_after(0).any(|line| line.what == "dropped"));
    }
}

#[test]
fn a_webhook_that_does_not_answer_is_given_fifteen_seconds() {
    let mut world = World::with(
        &[("/twilio/voice", "0"), ("/twilio/fallback", HOLD)],
        |config| {
            config.voice_url = format!("{BASE}/twilio/voice");
        },
    );
    let caller = world.call();
    world.pass(14_999);
    assert_eq!(world.leg(&caller).hears, Hears::Ringback);
    world.pass(1);
    assert!(matches!(world.leg(&caller).hears, Hears::Music { .. }));
}

#[test]
fn a_status_that_the_webhook_cannot_take_is_repeated_as_the_url_says() {
    let mut world = World::new(&[("/twilio/voice", END), ("/twilio/status", "503")]);
    world.call();
    world.pass(60_000);
    assert_eq!(world.words("/twilio/status", "CallStatus").len(), 6);
    assert!(
        world
            .sim
            .log_after(0)
            .any(|line| line.what == "end_not_told")
    );
}

#[test]
fn rest_accidents_are_what_they_say() {
    for (fault, status, is_processed) in [
        (Fault::Rest429, Some(429), false),
        (Fault::Rest500, Some(500), false),
        (Fault::RestUnanswered, None, false),
        (Fault::RestAnswerLost, None, true),
        (Fault::RestIgnored, Some(200), false),
    ] {
        let mut world = with_doug();
        let caller = world.call();
        world.pass(1_000);
        world.accept(1);
        world.pass(1_000);
        once(&mut world, fault);
        let form = [("Url", "https://x.example/twilio/voice?e=2")]
            .into_iter()
            .collect();
        let sid = caller.clone();
        let answer = world.rest(RestRequest::Update { sid, form });
        assert_eq!(answer.map(|answer| answer.status), status, "{fault:?}");
        world.pass(5_000);
        let went = world.leg(&caller).talks_to.is_none();
        assert_eq!(went, is_processed, "{fault:?}");
    }
}
