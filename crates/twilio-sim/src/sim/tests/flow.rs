//! People who call by themselves.

use super::*;
use crate::plan::Plan;

fn flowing(seed: u64) -> World {
    World::with(&[("/twilio/voice", HOLD)], |config| {
        config.seed = seed;
        config.flow = Some(Flow {
            plan: Plan::new(seed, Duration::from_secs(8)),
            to: "+12025550199".to_owned(),
            callers: 3,
        });
    })
}

/// The first requests of calls: who called, in order.
fn callers(world: &World) -> Vec<String> {
    let firsts = world
        .heard
        .iter()
        .filter(|heard| heard.get("CallStatus") == "ringing");
    firsts.map(|heard| heard.get("From").to_owned()).collect()
}

#[test]
fn a_flow_is_the_plan_and_never_more_than_asked_are_on_the_line() {
    let mut world = flowing(5);
    world.input(Input::Do(Command::Flow(true)));
    for _ in 0..600 {
        world.pass(1_000);
        assert!(world.sim.legs(false).len() <= 3);
    }
    let called = callers(&world);
    assert!(called.len() > 8, "{}", called.len());
    let planned: Vec<_> = Plan::new(5, Duration::from_secs(8))
        .take(called.len())
        .map(|call| call.caller.number.to_owned())
        .collect();
    assert_eq!(called, planned);
}

#[test]
fn nobody_calls_while_the_webhook_is_not_ready() {
    let mut world = flowing(5);
    world.pass(60_000);
    assert!(callers(&world).is_empty());
    world.input(Input::Do(Command::Flow(true)));
    world.pass(10);
    assert_eq!(callers(&world).len(), 1);
    world.input(Input::Do(Command::Flow(false)));
    world.pass(60_000);
    assert_eq!(callers(&world).len(), 1);
    world.input(Input::Do(Command::Flow(true)));
    world.pass(10);
    assert_eq!(callers(&world).len(), 2);
}
