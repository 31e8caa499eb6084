//! A caller's way through the verbs.

use super::*;
use crate::wire::Hears;

#[test]
fn a_call_is_told_in_the_order_of_its_life() {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug", "agent_rhonda"])),
        ("/twilio/dial", END),
    ]);
    world.device(1, "agent_doug");
    world.device(2, "agent_rhonda");
    let caller = world.call();
    assert_eq!(world.leg(&caller).hears, Hears::Ringback);
    world.pass(2_000);
    assert_eq!(
        world.leg(&caller).status,
        "ringing",
        "answerOnBridge: nobody has answered"
    );
    let doug = world.accept(1);
    world.pass(10_000);
    assert_eq!(world.leg(&caller).status, "in-progress");
    world.input(Input::Frame(
        1,
        FromPage::Disconnect {
            call_sid: doug.clone(),
        },
    ));
    world.pass(5_000);

    let told: Vec<_> = world
        .heard
        .iter()
        .filter(|heard| heard.get("CallSid") == doug)
        .map(|heard| (heard.get("CallStatus"), heard.get("SequenceNumber")))
        .collect();
    assert_eq!(
        told,
        [
            ("initiated", "0"),
            ("ringing", "1"),
            ("in-progress", "2"),
            ("completed", "3")
        ]
    );
    for heard in world
        .heard
        .iter()
        .filter(|heard| heard.uri.starts_with("/twilio/leg"))
    {
        assert_eq!(heard.get("ParentCallSid"), caller);
        assert_eq!(heard.get("Direction"), "outbound-dial");
        assert_eq!(heard.get("CallbackSource"), "call-progress-events");
        assert!(!heard.get("Timestamp").is_empty());
    }
    let paths: Vec<_> = world
        .heard
        .iter()
        .filter(|heard| heard.get("CallSid") == caller)
        .map(|heard| (heard.uri.as_str(), heard.get("CallStatus")))
        .collect();
    assert_eq!(
        paths,
        [
            ("/twilio/voice", "ringing"),
            ("/twilio/dial?e=1", "in-progress"),
            ("/twilio/status", "completed"),
        ]
    );
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["completed"]);
    assert_eq!(world.words("/twilio/dial", "DialCallDuration"), ["9"]);
    assert_eq!(world.words("/twilio/status", "SequenceNumber"), ["0"]);
    assert_eq!(world.words("/twilio/voice", "CallerName"), ["Ann & Bob"]);
}

#[test]
fn the_first_to_accept_wins_and_the_others_hear_cancel_without_a_reason() {
    let mut world = World::new(&[("/twilio/voice", &dial(&["agent_doug", "agent_rhonda"]))]);
    world.device(1, "agent_doug");
    world.device(2, "agent_doug");
    world.device(3, "agent_rhonda");
    let caller = world.call();
    world.pass(1_000);
    let doug = world.accept(2);
    let late = world.accept(3);
    world.pass(1_000);
    assert_eq!(world.types(1), ["registered", "incoming", "cancel"]);
    assert_eq!(world.types(2), ["registered", "incoming", "accepted"]);
    assert_eq!(
        world.types(3),
        ["registered", "incoming", "cancel", "cancel"]
    );
    assert_eq!(world.leg(&caller).talks_to, Some(doug.clone()));
    assert_eq!(world.leg(&doug).talks_to, Some(caller.clone()));
    assert_eq!(world.leg(&late).status, "canceled");
    let talk = Hears::Talk {
        with: caller,
        muted: false,
    };
    assert_eq!(world.heard_by(2), [talk]);
    assert!(world.heard_by(3).is_empty());
}

#[test]
fn nobody_answers_for_as_long_as_the_dial_and_its_buffer_last() {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug"])),
        ("/twilio/dial", HOLD),
    ]);
    world.device(1, "agent_doug");
    let caller = world.call();
    world.pass(19_999);
    assert_eq!(world.leg(&caller).hears, Hears::Ringback);
    world.pass(1_000);
    assert_eq!(world.types(1), ["registered", "incoming", "cancel"]);
    let told = world.told("/twilio/dial", "DialCallStatus");
    assert_eq!(told, [(20_100, "no-answer".to_owned())]);
    assert!(matches!(world.leg(&caller).hears, Hears::Music { .. }));
}

#[test]
fn a_dial_to_nobodys_device_is_over_at_once() {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug", "agent_sue"])),
        ("/twilio/dial", HOLD),
    ]);
    world.call();
    world.pass(1_000);
    assert_eq!(
        world.told("/twilio/dial", "DialCallStatus"),
        [(300, "no-answer".to_owned())]
    );
}

#[test]
fn a_caller_who_hangs_up_while_it_rings_has_canceled() {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug"])),
        ("/twilio/dial", HOLD),
    ]);
    world.device(1, "agent_doug");
    let caller = world.caller(Some(2_000));
    world.pass(5_000);
    assert_eq!(world.leg(&caller).status, "canceled");
    assert_eq!(world.types(1), ["registered", "incoming", "cancel"]);
    assert_eq!(world.words("/twilio/status", "CallStatus"), ["canceled"]);
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["canceled"]);
    assert_eq!(world.words("/twilio/dial", "CallStatus"), ["canceled"]);
    assert!(world.sim.legs(false).is_empty(), "nothing of it lives on");
}

#[test]
fn a_caller_who_hangs_up_while_talking_ends_the_agents_leg_too() {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug"])),
        ("/twilio/dial", HOLD),
    ]);
    world.device(1, "agent_doug");
    let caller = world.call();
    world.pass(1_000);
    let agent = world.accept(1);
    world.pass(3_000);
    world.input(Input::Do(Command::HangUp(caller)));
    world.pass(1_000);
    assert_eq!(world.leg(&agent).status, "completed");
    assert_eq!(
        world.types(1),
        ["registered", "incoming", "accepted", "disconnected"]
    );
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["completed"]);
    assert_eq!(
        world.words("/twilio/leg", "CallStatus").last().unwrap(),
        "completed"
    );
}

#[test]
fn verbs_run_one_after_the_other_and_their_end_is_the_end() {
    let mut world = World::new(&[(
        "/twilio/voice",
        "<Response><Say>Hello</Say><Play loop='2'>/a.mp3</Play><Pause length='2'/></Response>",
    )]);
    let caller = world.call();
    assert_eq!(
        world.leg(&caller).hears,
        Hears::Voice {
            text: "Hello".to_owned()
        }
    );
    assert_eq!(world.leg(&caller).status, "in-progress");
    world.pass(300);
    assert_eq!(
        world.leg(&caller).hears,
        Hears::Music {
            url: "/a.mp3".to_owned()
        }
    );
    world.pass(20_000);
    assert_eq!(world.leg(&caller).hears, Hears::Silence);
    world.pass(1_999);
    assert_eq!(world.leg(&caller).status, "in-progress");
    world.pass(1);
    assert_eq!(world.leg(&caller).status, "completed");
    world.pass(100);
    assert_eq!(
        world.told("/twilio/status", "CallDuration"),
        [(22_310, "22".to_owned())]
    );
}

#[test]
fn a_pause_in_front_of_everything_delays_the_answer() {
    let mut world = World::new(&[(
        "/twilio/voice",
        "<Response><Pause length='3'/><Say>Hello</Say></Response>",
    )]);
    let caller = world.call();
    world.pass(2_999);
    assert_eq!(world.leg(&caller).status, "ringing");
    world.pass(1);
    assert_eq!(world.leg(&caller).status, "in-progress");
}

#[test]
fn answer_on_bridge_works_only_in_front_of_everything() {
    let late = dial(&["agent_doug"]).replace("<Response>", "<Response><Say>Hi</Say>");
    let mut world = World::new(&[("/twilio/voice", &late)]);
    world.device(1, "agent_doug");
    let caller = world.call();
    world.pass(2_000);
    assert_eq!(world.leg(&caller).status, "in-progress");
    assert_eq!(world.leg(&caller).hears, Hears::Ringback);
}

#[test]
fn a_call_that_is_refused_was_never_answered() {
    let mut world = World::new(&[("/twilio/voice", "<Response><Reject/></Response>")]);
    let caller = world.call();
    world.pass(100);
    assert_eq!(world.leg(&caller).status, "busy");
    assert_eq!(world.words("/twilio/status", "CallStatus"), ["busy"]);
}

const RECORD: &str = "<Response><Record action='/twilio/recorded' recordingStatusCallback='/twilio/recording' \
    maxLength='30' finishOnKey='#'/></Response>";

#[test]
fn a_voicemail_is_told_to_the_action_and_two_seconds_later_that_it_is_ready() {
    let mut world = World::new(&[("/twilio/voice", RECORD), ("/twilio/recorded", END)]);
    let caller = world.call();
    world.pass(10_000);
    assert_eq!(world.leg(&caller).hears, Hears::Recording);
    world.input(Input::Do(Command::Press(caller.clone(), '1')));
    assert_eq!(
        world.leg(&caller).hears,
        Hears::Recording,
        "1 is no key that ends it"
    );
    world.input(Input::Do(Command::Press(caller.clone(), '#')));
    world.pass(5_000);
    assert_eq!(
        world.told("/twilio/recorded", "Digits"),
        [(10_100, "#".to_owned())]
    );
    assert_eq!(
        world.told("/twilio/recording", "RecordingStatus"),
        [(12_000, "completed".to_owned())]
    );
    let sids = [
        world.words("/twilio/recorded", "RecordingSid"),
        world.words("/twilio/recording", "RecordingSid"),
    ];
    assert_eq!(sids[0], sids[1]);
    let recording = world.sim.recording(&sids[0][0]).unwrap();
    assert_eq!((recording.duration_s, &recording.call_sid), (10, &caller));
    assert_eq!(world.words("/twilio/recorded", "RecordingDuration"), ["10"]);
}

#[test]
fn a_caller_who_hangs_up_has_left_the_message_all_the_same() {
    let mut world = World::new(&[("/twilio/voice", RECORD), ("/twilio/recorded", HOLD)]);
    let caller = world.caller(Some(8_000));
    world.pass(20_000);
    assert_eq!(world.words("/twilio/recorded", "Digits"), ["hangup"]);
    assert_eq!(world.words("/twilio/recorded", "CallStatus"), ["completed"]);
    assert_eq!(world.words("/twilio/recording", "RecordingDuration"), ["8"]);
    assert_eq!(world.leg(&caller).status, "completed");
}

#[test]
fn a_message_is_not_longer_than_allowed() {
    let mut world = World::new(&[("/twilio/voice", RECORD), ("/twilio/recorded", END)]);
    world.call();
    world.pass(40_000);
    assert_eq!(
        world.told("/twilio/recorded", "RecordingDuration"),
        [(30_100, "30".to_owned())]
    );
    assert_eq!(world.words("/twilio/recorded", "Digits"), [""]);
}

#[test]
fn a_message_can_be_interrupted_by_an_agent_and_is_kept() {
    let mut world = World::new(&[("/twilio/voice", RECORD), ("/twilio/voice?e=2", HOLD)]);
    let caller = world.call();
    world.pass(6_000);
    assert_eq!(world.redirect(&caller, "/twilio/voice?e=2"), 200);
    world.pass(5_000);
    assert!(matches!(world.leg(&caller).hears, Hears::Music { .. }));
    assert!(world.words("/twilio/recorded", "Digits").is_empty());
    assert_eq!(world.words("/twilio/recording", "RecordingDuration"), ["6"]);
}

#[test]
fn a_conversation_is_recorded_when_the_dial_says_so() {
    let taped = dial(&["agent_doug"]).replace(
        "<Dial ",
        "<Dial record='record-from-answer-dual' recordingStatusCallback='/twilio/recording' ",
    );
    let mut world = World::new(&[("/twilio/voice", &taped), ("/twilio/dial", END)]);
    world.device(1, "agent_doug");
    world.call();
    world.pass(1_000);
    let agent = world.accept(1);
    world.pass(5_080);
    world.input(Input::Frame(1, FromPage::Disconnect { call_sid: agent }));
    world.pass(5_000);
    assert_eq!(
        world.words("/twilio/recording", "RecordingSource"),
        ["DialVerb"]
    );
    assert_eq!(world.words("/twilio/recording", "RecordingDuration"), ["5"]);
    assert!(!world.words("/twilio/dial", "RecordingUrl")[0].is_empty());
}

#[test]
fn ten_are_rung_and_the_rest_is_said_in_the_log() {
    let names: Vec<_> = (0..12).map(|n| format!("agent_{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut world = World::new(&[("/twilio/voice", &dial(&names))]);
    for (socket, name) in (1..).zip(&names) {
        world.device(socket, name);
    }
    world.call();
    world.pass(1_000);
    assert_eq!(world.types(10), ["registered", "incoming"]);
    assert_eq!(world.types(11), ["registered"]);
    assert!(world.sim.log_after(0).any(|line| line.what == "too_many"));
}

#[test]
fn what_is_long_over_is_forgotten_but_nothing_that_somebody_needs() {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug"])),
        ("/twilio/dial", HOLD),
    ]);
    let gone = world.caller(Some(1_000));
    world.pass(2_000_000);
    assert!(world.sim.leg(&gone).is_some());
    // Its dials make legs again and again.
    let stays = world.call();
    world.pass(2_000_000);
    assert!(world.sim.leg(&gone).is_none());
    assert_eq!(world.sim.legs(true)[0].call_sid, stays);
    world.pass(4_000_000);
    assert_eq!(world.sim.legs(true)[0].call_sid, stays, "it lives");
    world.input(Input::Do(Command::HangUp(stays.clone())));
    world.pass(4_000_000);
    world.call();
    assert!(world.sim.leg(&stays).is_none());
    assert_eq!(
        world.sim.legs(true).len(),
        2,
        "the new caller and who is rung"
    );
}
