//! Browsers that call out.

use super::*;
use crate::wire::Hears;

const OUT: &str = "<Response><Dial answerOnBridge='true' timeout='30' action='/twilio/dial' callerId='+12025550199'>\
    <Number statusCallback='/twilio/leg' statusCallbackEvent='initiated ringing answered completed'>+12025550101</Number>\
    </Dial></Response>";

fn dialling(answer: &str) -> World {
    let mut world = World::new(&[("/twilio/voice", answer), ("/twilio/dial", END)]);
    world.device(1, "agent_doug");
    let params = [
        ("number", "+12025550101"),
        ("From", "+19005550100"),
        ("CallSid", "CA0"),
    ];
    world.input(Input::Frame(
        1,
        FromPage::Connect {
            request: "r1".to_owned(),
            params: params
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        },
    ));
    world
}

fn own_leg(world: &World) -> String {
    world.sim.devices()[0].call_sid.clone().unwrap()
}

#[test]
fn the_app_hears_who_calls_out_and_what_the_page_says_but_no_forged_sender() {
    let world = dialling(OUT);
    let asked = &world.heard[0];
    assert_eq!(asked.uri, "/twilio/voice");
    assert_eq!(asked.get("From"), "client:agent_doug");
    assert_eq!(asked.get("Direction"), "inbound");
    assert_eq!(asked.get("number"), "+12025550101");
    assert_eq!(asked.get("CallSid"), own_leg(&world));
    for once in ["From", "CallSid"] {
        let times = asked.form.pairs().filter(|(key, _)| *key == once).count();
        assert_eq!(times, 1, "{once} is ours alone");
    }
}

#[test]
fn the_roles_are_flipped_the_agent_is_the_parent() {
    let mut world = dialling(OUT);
    let agent = own_leg(&world);
    world.pass(1_000);
    assert_eq!(world.types(1), ["registered", "connecting", "ringing"]);
    assert_eq!(world.leg(&agent).hears, Hears::Ringback);
    world.pass(3_000);
    assert_eq!(
        world.types(1),
        ["registered", "connecting", "ringing", "accepted"]
    );
    let customer = world.leg(&agent).talks_to.unwrap();
    assert_eq!(world.leg(&customer).parent_call_sid, Some(agent.clone()));
    assert_eq!(world.leg(&customer).from, "+12025550199");
    assert_eq!(
        world.heard_by(1).last().unwrap(),
        &Hears::Talk {
            with: customer.clone(),
            muted: false
        }
    );
    world.input(Input::Do(Command::HangUp(customer)));
    world.pass(1_000);
    assert_eq!(
        world.words("/twilio/leg", "CallStatus"),
        ["initiated", "ringing", "in-progress", "completed"]
    );
    assert_eq!(world.types(1).last().unwrap(), "disconnected");
    assert_eq!(world.words("/twilio/status", "CallSid"), [agent]);
}

#[test]
fn the_customer_can_be_taken_out_of_the_bridge_and_lives_on() {
    let mut world = dialling(OUT);
    world.answers.insert("/twilio/voice?e=2", HOLD.to_owned());
    let agent = own_leg(&world);
    world.pass(5_000);
    let customer = world.leg(&agent).talks_to.unwrap();
    assert_eq!(world.redirect(&customer, "/twilio/voice?e=2"), 200);
    world.pass(2_000);
    assert!(matches!(world.leg(&customer).hears, Hears::Music { .. }));
    assert_eq!(
        world.words("/twilio/voice?e=2", "ParentCallSid"),
        [agent.as_str()]
    );
    assert_eq!(
        world.words("/twilio/voice?e=2", "Direction"),
        ["outbound-dial"]
    );
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["completed"]);
    assert_eq!(world.leg(&agent).status, "completed", "the action said so");
    world.pass(60_000);
    assert_eq!(world.leg(&customer).status, "in-progress");
}

#[test]
fn who_dialled_is_remembered_for_as_long_as_the_customer_is_there() {
    let mut world = dialling(OUT);
    world.answers.insert(
        "/twilio/voice?e=2",
        "<Response><Pause length='9000'/></Response>".to_owned(),
    );
    let agent = own_leg(&world);
    world.pass(5_000);
    let customer = world.leg(&agent).talks_to.unwrap();
    world.redirect(&customer, "/twilio/voice?e=2");
    world.pass(8_000_000);
    world.call();
    assert_eq!(world.leg(&customer).parent_call_sid, Some(agent.clone()));
    assert_eq!(world.leg(&agent).status, "completed");
}

#[test]
fn a_number_behaves_as_it_was_told_to() {
    for (callee, word) in [
        (Callee::Busy, "busy"),
        (Callee::Fails, "failed"),
        (Callee::NoAnswer, "no-answer"),
    ] {
        let mut world = World::new(&[("/twilio/voice", OUT), ("/twilio/dial", END)]);
        world.device(1, "agent_doug");
        world.input(Input::Do(Command::Callee(
            "+12025550101".to_owned(),
            callee,
        )));
        let request = String::new();
        let params = BTreeMap::new();
        world.input(Input::Frame(1, FromPage::Connect { request, params }));
        world.pass(40_000);
        assert_eq!(world.words("/twilio/dial", "DialCallStatus"), [word]);
        assert_eq!(
            world.words("/twilio/leg", "CallStatus").last().unwrap(),
            word
        );
    }
}

#[test]
fn a_telephone_that_waits_is_picked_up_by_hand() {
    let mut world = World::new(&[("/twilio/voice", OUT)]);
    world.device(1, "agent_doug");
    world.input(Input::Do(Command::Callee(
        "+12025550101".to_owned(),
        Callee::Waits,
    )));
    let request = String::new();
    world.input(Input::Frame(
        1,
        FromPage::Connect {
            request,
            params: BTreeMap::new(),
        },
    ));
    world.pass(10_000);
    let agent = own_leg(&world);
    assert_eq!(world.leg(&agent).talks_to, None);
    let customer = world.sim.legs(false)[1].call_sid.clone();
    world.input(Input::Do(Command::PickUp(customer.clone())));
    assert_eq!(world.leg(&agent).talks_to, Some(customer));
}

#[test]
fn who_picks_up_before_it_rings_is_connected_when_it_does() {
    let mut world = dialling(OUT);
    let customer = world.sim.legs(false)[1].call_sid.clone();
    world.input(Input::Do(Command::PickUp(customer.clone())));
    world.pass(2_000);
    assert_eq!(world.leg(&customer).status, "in-progress");
    assert_eq!(
        world.words("/twilio/leg", "CallStatus"),
        ["initiated", "ringing", "in-progress"]
    );
    assert_eq!(
        world.words("/twilio/leg", "SequenceNumber"),
        ["0", "1", "2"]
    );
}

#[test]
fn a_browser_cannot_reach_a_telephone_without_a_number_of_ours() {
    let mut world = dialling(&OUT.replace("callerId='+12025550199'", ""));
    world.pass(2_000);
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["failed"]);
}

#[test]
fn a_device_in_a_call_cannot_call_out() {
    let mut world = dialling(OUT);
    world.pass(5_000);
    let request = String::new();
    world.input(Input::Frame(
        1,
        FromPage::Connect {
            request,
            params: BTreeMap::new(),
        },
    ));
    let busy = world
        .frames
        .iter()
        .any(|(_, _, frame)| matches!(frame, ToPage::Error { code: 31486, .. }));
    assert!(busy);
    assert_eq!(world.sim.legs(false).len(), 2);
}

#[test]
fn a_tab_that_goes_while_it_calls_out_ends_the_call() {
    let mut world = dialling(OUT);
    world.pass(1_000);
    world.input(Input::Closed {
        socket: 1,
        is_clean: true,
    });
    world.pass(1_000);
    assert!(world.sim.legs(false).is_empty());
    assert_eq!(world.words("/twilio/status", "CallStatus"), ["canceled"]);
}
