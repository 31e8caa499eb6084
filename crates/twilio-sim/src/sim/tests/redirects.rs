//! Leaving a `<Dial>` by REST, with the times that were measured on a live line.

use super::*;
use crate::wire::Hears;

/// A caller who talks with Doug, at the moment `at_ms`.
fn talking() -> (World, String, String) {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug"])),
        ("/twilio/voice?e=2", HOLD),
        (
            "/twilio/dial",
            "<Response><Say>Not for the caller</Say></Response>",
        ),
    ]);
    world.device(1, "agent_doug");
    let caller = world.call();
    world.pass(1_000);
    let agent = world.accept(1);
    world.pass(9_000);
    assert_eq!(world.leg(&caller).talks_to, Some(agent.clone()));
    (world, caller, agent)
}

#[test]
fn a_redirect_out_of_a_dial_has_the_measured_order_and_delays() {
    let (mut world, caller, agent) = talking();
    let began = world.now_ms();
    world.heard.clear();
    assert_eq!(world.redirect(&caller, "/twilio/voice?e=2"), 200);
    assert_eq!(
        world.leg(&caller).talks_to,
        Some(agent.clone()),
        "the answer comes first"
    );
    world.pass(165);
    assert_eq!(world.leg(&agent).status, "in-progress");
    world.pass(1);
    assert_eq!(world.leg(&agent).status, "completed");
    world.pass(2_000);

    let delays: Vec<_> = world
        .heard
        .iter()
        .map(|heard| {
            (
                heard.at_ms - began,
                heard.uri.as_str(),
                heard.get("CallSid"),
            )
        })
        .collect();
    assert_eq!(
        delays,
        [
            (176, "/twilio/leg?e=1", agent.as_str()),
            (320, "/twilio/dial?e=1", caller.as_str()),
            (651, "/twilio/voice?e=2", caller.as_str()),
        ]
    );
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["completed"]);
    assert_eq!(world.words("/twilio/dial", "DialBridged"), ["true"]);
    assert_eq!(world.words("/twilio/dial", "DialCallSid"), [agent]);
}

#[test]
fn the_answer_of_the_action_is_thrown_away() {
    let (mut world, caller, _) = talking();
    world.redirect(&caller, "/twilio/voice?e=2");
    world.pass(5_000);
    let url = "https://x.example/hold.mp3".to_owned();
    assert_eq!(world.leg(&caller).hears, Hears::Music { url });
    let said = world
        .sim
        .log_after(0)
        .filter(|line| line.text.contains("Not for the caller"));
    assert_eq!(said.count(), 0);
}

#[test]
fn the_agent_of_a_redirected_call_hears_that_it_is_over_and_nothing_more() {
    let (mut world, caller, _) = talking();
    world.redirect(&caller, "/twilio/voice?e=2");
    world.pass(5_000);
    assert_eq!(
        world.types(1),
        ["registered", "incoming", "accepted", "disconnected"]
    );
    assert!(!world.sim.devices()[0].busy);
}

#[test]
fn an_agent_who_hangs_up_while_the_redirect_is_on_its_way_changes_nothing() {
    let (mut world, caller, agent) = talking();
    world.redirect(&caller, "/twilio/voice?e=2");
    world.pass(50);
    world.input(Input::Frame(1, FromPage::Disconnect { call_sid: agent }));
    world.pass(5_000);
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["completed"]);
    assert_eq!(
        world.words("/twilio/voice?e=2", "CallStatus"),
        ["in-progress"]
    );
    assert!(matches!(world.leg(&caller).hears, Hears::Music { .. }));
}

#[test]
fn the_last_of_two_redirects_counts() {
    let (mut world, caller, _) = talking();
    world.answers.insert("/twilio/voice?e=3", END.to_owned());
    world.redirect(&caller, "/twilio/voice?e=2");
    world.pass(300);
    world.redirect(&caller, "/twilio/voice?e=3");
    world.pass(5_000);
    assert!(world.words("/twilio/voice?e=2", "CallSid").is_empty());
    assert_eq!(world.leg(&caller).status, "completed");
}

#[test]
fn a_caller_who_hangs_up_on_the_way_is_gone() {
    let (mut world, caller, _) = talking();
    world.redirect(&caller, "/twilio/voice?e=2");
    world.pass(100);
    world.input(Input::Do(Command::HangUp(caller.clone())));
    world.pass(5_000);
    assert!(world.words("/twilio/voice?e=2", "CallSid").is_empty());
    assert_eq!(world.words("/twilio/status", "CallStatus"), ["completed"]);
    assert_eq!(world.redirect(&caller, "/twilio/voice?e=2"), 400);
}

#[test]
fn a_caller_who_hears_music_goes_where_the_redirect_says() {
    let (mut world, caller, _) = talking();
    world.redirect(&caller, "/twilio/voice?e=2");
    world.pass(5_000);
    world.redirect(&caller, "/twilio/voice");
    world.pass(1_000);
    assert_eq!(world.leg(&caller).hears, Hears::Ringback);
    let again = world.accept(1);
    world.pass(200);
    assert_eq!(world.leg(&caller).talks_to, Some(again));
}

#[test]
fn a_call_that_nobody_has_answered_is_redirected_or_refused_as_configured() {
    let answers: [(&'static str, &str); 2] = [
        ("/twilio/voice", &dial(&["agent_doug"])),
        ("/twilio/voice?e=2", HOLD),
    ];
    let mut world = World::new(&answers);
    world.device(1, "agent_doug");
    let caller = world.call();
    world.pass(1_000);
    assert_eq!(world.redirect(&caller, "/twilio/voice?e=2"), 200);
    world.pass(1_000);
    assert_eq!(world.types(1), ["registered", "incoming", "cancel"]);
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["no-answer"]);
    assert!(matches!(world.leg(&caller).hears, Hears::Music { .. }));

    let mut world = World::with(&answers, |config| {
        config.unanswered_redirect = UnansweredRedirect::Refused;
    });
    world.device(1, "agent_doug");
    let caller = world.call();
    world.pass(1_000);
    assert_eq!(world.redirect(&caller, "/twilio/voice?e=2"), 400);
    world.pass(1_000);
    assert_eq!(world.leg(&caller).hears, Hears::Ringback);
}

#[test]
fn verbs_can_be_sent_along() {
    let (mut world, caller, _) = talking();
    let form = [("Twiml", "<Response><Say>Bye</Say></Response>")]
        .into_iter()
        .collect();
    let answer = world
        .rest(RestRequest::Update {
            sid: caller.clone(),
            form,
        })
        .unwrap();
    assert_eq!(answer.status, 200);
    world.pass(700);
    assert_eq!(
        world.leg(&caller).hears,
        Hears::Voice {
            text: "Bye".to_owned()
        }
    );
    world.pass(5_000);
    assert_eq!(world.leg(&caller).status, "completed");
}
