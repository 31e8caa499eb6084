//! Whatever people do, in whatever order: nobody is in two places, nobody in none, and the same seed is the same day.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rand::rngs::StdRng;

use super::*;
use crate::wire::Hears;

/// Half a minute or so of people who do what they can, and the log of it.
fn day(seed: u64, faults: FaultRates) -> World {
    let record = "<Response><Record action='/twilio/dial' recordingStatusCallback='/twilio/recording' maxLength='9'/></Response>";
    let mut world = World::with(
        &[
            ("/twilio/voice", &dial(&["agent_0", "agent_1", "agent_2"])),
            ("/twilio/voice?e=2", HOLD),
            ("/twilio/voice?e=3", record),
            ("/twilio/dial", HOLD),
            ("/twilio/fallback", HOLD),
        ],
        |config| {
            config.seed = seed;
            config.names = seed;
            config.faults = faults;
        },
    );
    let mut random = StdRng::seed_from_u64(seed);
    for socket in 0..5 {
        world.device(socket, &format!("agent_{}", socket % 3));
    }
    for _ in 0..60 {
        act(&mut world, &mut random);
        world.pass(random.random_range(0..900));
        check(&world);
    }
    world
}

fn act(world: &mut World, random: &mut StdRng) {
    let socket = random.random_range(0..6);
    let legs: Vec<_> = world
        .sim
        .legs(true)
        .into_iter()
        .map(|leg| leg.call_sid)
        .collect();
    let call_sid = match legs.len() {
        0 => "CA0".to_owned(),
        many => legs[random.random_range(0..many)].clone(),
    };
    match random.random_range(0..15) {
        0..3 => {
            world.caller(Some(random.random_range(0..40_000)));
        }
        3..7 => {
            let invited = world
                .sim
                .devices()
                .into_iter()
                .find(|device| !device.invitations.is_empty());
            if let Some(device) = invited {
                let call_sid = device.invitations[0].clone();
                world.input(Input::Frame(device.socket, FromPage::Accept { call_sid }));
            }
        }
        7 => world.input(Input::Frame(socket, FromPage::Reject { call_sid })),
        8 => world.input(Input::Frame(socket, FromPage::Disconnect { call_sid })),
        9 => world.input(Input::Frame(socket, FromPage::Accept { call_sid })),
        10 => world.input(Input::Do(Command::HangUp(call_sid))),
        11 => {
            let is_clean = random.random();
            world.input(Input::Closed { socket, is_clean });
            world.device(socket, &format!("agent_{}", socket % 3));
        }
        12 => {
            let request = String::new();
            let params = BTreeMap::new();
            world.input(Input::Frame(socket, FromPage::Connect { request, params }));
        }
        _ => {
            let path = ["/twilio/voice", "/twilio/voice?e=2", "/twilio/voice?e=3"]
                [random.random_range(0..3)];
            let url = format!("{BASE}{path}");
            let form = [("Url", url.as_str())].into_iter().collect();
            world.rest(RestRequest::Update {
                sid: call_sid,
                form,
            });
        }
    }
}

/// What is true at every moment.
fn check(world: &World) {
    let legs = world.sim.legs(true);
    let by_sid: BTreeMap<_, _> = legs
        .iter()
        .map(|leg| (leg.call_sid.as_str(), leg))
        .collect();
    let living: BTreeSet<_> = world
        .sim
        .legs(false)
        .into_iter()
        .map(|leg| leg.call_sid)
        .collect();
    for leg in &legs {
        let is_over = switchboard_twilio::CallStatus::parse(&leg.status)
            .unwrap()
            .is_final();
        assert_ne!(is_over, living.contains(&leg.call_sid), "{leg:?}");
        match &leg.talks_to {
            Some(other) => {
                assert_eq!(
                    by_sid[other.as_str()].talks_to.as_ref(),
                    Some(&leg.call_sid)
                );
                assert!(
                    !is_over && matches!(&leg.hears, Hears::Talk { with, .. } if with == other)
                );
            }
            None => assert!(!matches!(leg.hears, Hears::Talk { .. }), "{leg:?}"),
        }
    }
    for device in world.sim.devices() {
        if let Some(call_sid) = &device.call_sid {
            assert!(
                living.contains(call_sid),
                "a device is in a call that is over: {device:?}"
            );
        }
        for invitation in &device.invitations {
            assert!(living.contains(invitation), "{device:?}");
        }
    }
}

fn log_of(world: &World) -> Vec<String> {
    let lines = world.sim.log_after(0);
    let log = lines.map(|line| {
        format!(
            "{} {} {} {}",
            line.at_ms, line.call_sid, line.what, line.text
        )
    });
    let heard = world
        .heard
        .iter()
        .map(|heard| format!("{} {} {}", heard.at_ms, heard.uri, heard.form.encode()));
    let frames = world.frames.iter().map(|frame| format!("{frame:?}"));
    log.chain(heard).chain(frames).collect()
}

/// Once everybody has gone, nothing is left: no ghost, no device in a call, no wish that waits.
fn everybody_goes(world: &mut World) {
    world.input(Input::Do(Command::Faults(FaultRates::none())));
    for socket in 0..5 {
        world.input(Input::Closed {
            socket,
            is_clean: true,
        });
    }
    for leg in world.sim.legs(false) {
        if leg.parent_call_sid.is_none() {
            world.input(Input::Do(Command::HangUp(leg.call_sid)));
        }
    }
    world.pass(300_000);
    for leg in world.sim.legs(false) {
        world.input(Input::Do(Command::HangUp(leg.call_sid)));
    }
    world.pass(300_000);
    check(world);
    assert!(
        world.sim.legs(false).is_empty(),
        "{:?}",
        world.sim.legs(false)
    );
    assert_eq!(world.sim.waiting_requests(), 0);
    assert_eq!(world.sim.next_wake(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_ever_in_two_places_and_nothing_is_left(seed in any::<u64>(), per_mille in 0_u16..200) {
        let mut world = day(seed, FaultRates::all(per_mille));
        everybody_goes(&mut world);
    }
}

#[test]
fn the_same_seed_gives_the_same_log_also_when_things_go_wrong() {
    for seed in 0..20 {
        let logs = [(); 2].map(|()| log_of(&day(seed, FaultRates::all(100))));
        assert_eq!(logs[0], logs[1]);
        assert!(logs[0].len() > 100, "something happened");
    }
    let other = [1, 2].map(|seed| log_of(&day(seed, FaultRates::none())));
    assert_ne!(other[0], other[1]);
}

#[test]
fn it_does_not_matter_how_often_somebody_looks_at_the_clock() {
    let run = |step_ms: u64| {
        let mut world = World::new(&[
            ("/twilio/voice", &dial(&["agent_doug"])),
            ("/twilio/dial", HOLD),
        ]);
        world.device(1, "agent_doug");
        world.caller(Some(9_000));
        for _ in 0..30_000 / step_ms {
            world.pass(step_ms);
        }
        log_of(&world)
    };
    assert_eq!(run(1), run(30_000));
}

#[test]
fn who_wakes_up_late_finds_everything_at_its_own_time() {
    let verbs =
        "<Response><Say>Hello</Say><Play loop='2'>/a.mp3</Play><Pause length='2'/></Response>";
    let run = |stops_ms: &[u64]| {
        let mut world = World::new(&[("/twilio/voice", verbs)]);
        world.call();
        for stop_ms in stops_ms {
            let outputs = world
                .sim
                .handle(Input::Wake, Duration::from_millis(*stop_ms));
            world.carry(outputs);
        }
        let lines = world.sim.log_after(0);
        let log: Vec<_> = lines.map(|line| (line.at_ms, line.what.clone())).collect();
        log
    };
    let late = run(&[30_000]);
    assert_eq!(late.last().unwrap(), &(22_300, "hung_up".to_owned()));
    assert_eq!(late, run(&[1, 299, 300, 5_000, 20_299, 22_300, 30_000]));
}
