//! Browsers, as Twilio treats them.

use super::*;
use crate::wire::{Hears, Unregistered};

fn ringing(devices: &[(SocketId, &str)]) -> (World, String) {
    let mut world = World::new(&[
        ("/twilio/voice", &dial(&["agent_doug", "agent_rhonda"])),
        ("/twilio/dial", HOLD),
    ]);
    for (socket, identity) in devices {
        world.device(*socket, identity);
    }
    let caller = world.call();
    world.pass(1_000);
    (world, caller)
}

#[test]
fn an_invitation_carries_the_parameters_of_the_call() {
    let (world, caller) = ringing(&[(1, "agent_doug")]);
    let invitation = world.frames.iter().find_map(|(_, _, frame)| match frame {
        ToPage::Incoming {
            from,
            to,
            parameters,
            ..
        } => Some((from, to, parameters)),
        _ => None,
    });
    let (from, to, parameters) = invitation.unwrap();
    assert_eq!(
        (from.as_str(), to.as_str()),
        ("+12025550101", "client:agent_doug")
    );
    assert_eq!(
        *parameters,
        BTreeMap::from([("epoch".to_owned(), "1".to_owned())])
    );
    assert_eq!(world.leg(&caller).hears, Hears::Ringback);
}

#[test]
fn a_refusal_in_one_tab_stops_the_other_tabs_of_that_person_alone() {
    let (mut world, caller) = ringing(&[(1, "agent_doug"), (2, "agent_doug"), (3, "agent_rhonda")]);
    let call_sid = world.invitation(1);
    world.input(Input::Frame(
        1,
        FromPage::Reject {
            call_sid: call_sid.clone(),
        },
    ));
    world.pass(1_000);
    assert_eq!(world.types(1), ["registered", "incoming"]);
    assert_eq!(world.types(2), ["registered", "incoming", "cancel"]);
    assert_eq!(world.types(3), ["registered", "incoming"]);
    assert_eq!(world.leg(&call_sid).status, "busy");
    world.accept(3);
    world.pass(1_000);
    assert!(world.leg(&caller).talks_to.is_some());
}

#[test]
fn when_all_refuse_the_dial_is_busy() {
    let (mut world, _) = ringing(&[(1, "agent_doug"), (2, "agent_rhonda")]);
    for socket in [1, 2] {
        let call_sid = world.invitation(socket);
        world.input(Input::Frame(socket, FromPage::Reject { call_sid }));
    }
    world.pass(1_000);
    assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["busy"]);
}

#[test]
fn who_ignores_a_call_stops_ringing_and_nobody_else_does() {
    let (mut world, _) = ringing(&[(1, "agent_doug"), (2, "agent_doug")]);
    let call_sid = world.invitation(1);
    world.input(Input::Frame(
        1,
        FromPage::Ignore {
            call_sid: call_sid.clone(),
        },
    ));
    world.pass(1_000);
    assert_eq!(world.types(2), ["registered", "incoming"]);
    world.input(Input::Frame(1, FromPage::Accept { call_sid }));
    assert_eq!(
        world.types(1),
        ["registered", "incoming", "cancel"],
        "it cannot be accepted any more"
    );
    world.accept(2);
    world.pass(1_000);
    assert_eq!(world.types(2), ["registered", "incoming", "accepted"]);
}

#[test]
fn a_device_in_a_call_is_not_told_of_another() {
    let (mut world, first) = ringing(&[(1, "agent_doug"), (2, "agent_rhonda")]);
    world.accept(1);
    world.pass(1_000);
    let second = world.call();
    world.pass(1_000);
    assert_eq!(world.types(1), ["registered", "incoming", "accepted"]);
    world.accept(2);
    world.pass(1_000);
    let talks = [first, second].map(|caller| world.leg(&caller).talks_to);
    assert!(talks[0].is_some() && talks[1].is_some() && talks[0] != talks[1]);
}

#[test]
fn accepting_a_second_call_ends_the_first() {
    let (mut world, first) = ringing(&[(1, "agent_doug")]);
    let second = world.call();
    world.pass(1_000);
    let invitations = world.sim.devices()[0].invitations.clone();
    assert_eq!(invitations.len(), 2);
    for call_sid in &invitations {
        world.input(Input::Frame(
            1,
            FromPage::Accept {
                call_sid: call_sid.clone(),
            },
        ));
        world.pass(500);
    }
    assert_eq!(world.leg(&invitations[0]).status, "completed");
    assert_eq!(world.leg(&second).talks_to, Some(invitations[1].clone()));
    assert_eq!(world.leg(&first).talks_to, None);
}

#[test]
fn the_eleventh_registration_evicts_the_oldest() {
    let mut world = World::new(&[("/twilio/voice", &dial(&["agent_doug"]))]);
    for socket in 1..=10 {
        world.device(socket, "agent_doug");
    }
    world.device(99, "agent_rhonda");
    assert_eq!(world.types(1), ["registered"]);
    world.device(11, "agent_doug");
    let evicted = ToPage::Unregistered {
        reason: Unregistered::Evicted,
    };
    assert!(
        world
            .frames
            .iter()
            .any(|(_, socket, frame)| *socket == 1 && *frame == evicted)
    );
    world.call();
    world.pass(1_000);
    assert_eq!(world.types(1), ["registered", "unregistered"]);
    assert_eq!(world.types(2), ["registered", "incoming"]);
    assert_eq!(world.types(11), ["registered", "incoming"]);
}

#[test]
fn a_tab_that_reloads_loses_its_call_at_once_and_one_that_crashes_after_five_seconds() {
    for (is_clean, lost_after_ms) in [(true, 100), (false, 5_000)] {
        let (mut world, caller) = ringing(&[(1, "agent_doug")]);
        let agent = world.accept(1);
        world.pass(3_000);
        world.input(Input::Closed {
            socket: 1,
            is_clean,
        });
        world.pass(lost_after_ms - 1);
        assert_eq!(world.leg(&agent).status, "in-progress");
        world.pass(1);
        assert_eq!(world.leg(&agent).status, "completed");
        world.pass(1_000);
        assert_eq!(world.words("/twilio/dial", "DialCallStatus"), ["completed"]);
        assert!(matches!(world.leg(&caller).hears, Hears::Music { .. }));
    }
}

#[test]
fn a_tab_that_goes_while_it_rings_leaves_the_ringing_to_the_others() {
    let (mut world, caller) = ringing(&[(1, "agent_doug"), (2, "agent_rhonda")]);
    world.input(Input::Closed {
        socket: 1,
        is_clean: true,
    });
    world.pass(1_000);
    let rhonda = world.accept(2);
    world.pass(1_000);
    assert_eq!(world.leg(&caller).talks_to, Some(rhonda));
}

#[test]
fn a_tab_that_goes_between_accepting_and_talking_ends_the_dial() {
    let (mut world, _) = ringing(&[(1, "agent_doug"), (2, "agent_rhonda")]);
    world.accept(1);
    world.input(Input::Closed {
        socket: 1,
        is_clean: true,
    });
    world.pass(2_000);
    assert_eq!(world.words("/twilio/dial", "DialCallStatus").len(), 1);
    assert_eq!(world.types(2), ["registered", "incoming", "cancel"]);
}

#[test]
fn who_mutes_is_not_heard() {
    let (mut world, caller) = ringing(&[(1, "agent_doug")]);
    let agent = world.accept(1);
    world.pass(1_000);
    let mute = |muted| {
        Input::Frame(
            1,
            FromPage::Mute {
                call_sid: agent.clone(),
                muted,
            },
        )
    };
    world.input(mute(true));
    assert_eq!(
        world.leg(&caller).hears,
        Hears::Talk {
            with: agent.clone(),
            muted: true
        }
    );
    assert!(world.leg(&agent).muted);
    world.input(mute(false));
    assert_eq!(
        world.leg(&caller).hears,
        Hears::Talk {
            with: agent,
            muted: false
        }
    );
}

#[test]
fn a_token_is_warned_of_and_its_end_unregisters_but_ends_no_call() {
    let mut world = World::new(&[("/twilio/voice", &dial(&["agent_doug"]))]);
    let opened = |socket, ends_s| Input::Opened {
        socket,
        identity: "agent_doug".to_owned(),
        token_ends: Some(Duration::from_secs(ends_s)),
    };
    for socket in [1, 2] {
        world.input(opened(socket, 60));
        world.input(Input::Frame(socket, FromPage::Register));
    }
    let caller = world.call();
    world.pass(1_000);
    world.accept(1);
    world.pass(48_000);
    assert!(!world.types(2).contains(&"tokenWillExpire".to_owned()));
    world.pass(1_500);
    assert_eq!(world.types(1).last().unwrap(), "tokenWillExpire");
    world.input(Input::Renewed(2, Some(Duration::from_secs(3_600))));
    world.pass(20_000);
    assert_eq!(world.types(1)[4..], ["error", "unregistered"]);
    assert_eq!(world.types(2).last().unwrap(), "tokenUpdated");
    assert!(world.leg(&caller).talks_to.is_some());
    world.input(Input::Frame(1, FromPage::Register));
    assert_eq!(world.types(1).last().unwrap(), "error");
}

#[test]
fn strange_frames_are_answered_and_harm_nobody() {
    let (mut world, caller) = ringing(&[(1, "agent_doug"), (2, "agent_rhonda")]);
    let doug = world.accept(1);
    world.pass(1_000);
    for call_sid in [
        doug.clone(),
        caller.clone(),
        "CA0".to_owned(),
        String::new(),
    ] {
        world.input(Input::Frame(
            2,
            FromPage::Disconnect {
                call_sid: call_sid.clone(),
            },
        ));
        world.input(Input::Frame(
            2,
            FromPage::Mute {
                call_sid: call_sid.clone(),
                muted: true,
            },
        ));
        world.input(Input::Frame(
            2,
            FromPage::Accept {
                call_sid: call_sid.clone(),
            },
        ));
        world.input(Input::Frame(2, FromPage::Reject { call_sid }));
    }
    world.input(Input::Frame(77, FromPage::Register));
    world.pass(1_000);
    assert_eq!(world.leg(&caller).talks_to, Some(doug));
    assert!(!world.leg(&caller).muted);
}

#[test]
fn a_warning_reaches_the_one_who_talks() {
    let (mut world, _) = ringing(&[(1, "agent_doug"), (2, "agent_doug")]);
    world.accept(1);
    world.pass(1_000);
    let identity = "agent_doug".to_owned();
    world.input(Input::Do(Command::Warn {
        identity,
        name: "low-mos".to_owned(),
        cleared: false,
    }));
    assert_eq!(world.types(1).last().unwrap(), "warning");
    assert_eq!(world.types(2).last().unwrap(), "cancel");
}
