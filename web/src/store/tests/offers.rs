//! What may be done from here: buttons, and places to drop on.

use super::*;

#[test]
fn what_is_offered_is_what_the_rules_allow() {
    let calls = vec![call(1, &json!({})), active(2, 1), parked(3, 1, 2)];
    let doug = view(&seen_by(1, calls.clone()));
    assert!(!doug.incoming[0].offers.answer, "Doug is on a call");
    assert!(doug.am_busy);
    let own = doug.agents[0].call.as_ref().expect("his call").offers;
    assert!(own.park && own.hold && own.transfer && own.end);

    let rhonda = view(&seen_by(2, calls.clone()));
    assert!(rhonda.incoming[0].offers.answer);
    assert!(
        rhonda.slots[0]
            .call
            .as_ref()
            .expect("a call")
            .offers
            .retrieve
    );
    let his = rhonda.agents[1].call.as_ref().expect("Doug's call").offers;
    assert!(!his.park && !his.hold && !his.transfer && !his.end);

    let sue = view(&seen_by(3, calls));
    let his = sue.agents[1].call.as_ref().expect("Doug's call").offers;
    assert!(his.park && his.transfer && his.end && !his.hold);
}

#[test]
fn a_transfer_is_offered_to_free_colleagues_those_on_duty_first() {
    let mut store = seen_by(1, vec![active(1, 1)]);
    let away = json!({"id": member_id(2), "is_available": false, "version": 9});
    let Value::Object(away) = away else { panic!() };
    store.take(Action::DutyAnswered(Ok(away)));
    let names: Vec<_> = view(&store).agents[0]
        .colleagues
        .iter()
        .map(|colleague| colleague.name.to_string())
        .collect();
    assert_eq!(names, ["Sue", "Rhonda"]);
}

#[test]
fn places_take_what_the_rules_allow() {
    let store = seen_by(1, vec![call(1, &json!({})), active(2, 1), parked(3, 1, 2)]);
    let rhonda = Place::Desk(member_id(2).parse().expect("a uuid"));
    let me = Place::Desk(member_id(1).parse().expect("a uuid"));
    let intent = |call, place| drop_intent(&store, call_id(call), place);
    assert_eq!(
        intent(2, Place::Slot(3)),
        Some(Intent::Park { slot: Some(3) })
    );
    assert_eq!(intent(2, Place::Slot(1)), None, "the slot is taken");
    assert!(matches!(intent(2, rhonda), Some(Intent::Transfer { .. })));
    assert_eq!(intent(2, me), None, "it is mine already");
    assert_eq!(intent(1, me), None, "I am on a call");
    assert_eq!(
        intent(1, rhonda),
        None,
        "a ringing call is not mine to give"
    );
    assert_eq!(intent(3, Place::Slot(2)), Some(Intent::Move { slot: 2 }));

    let free = seen_by(2, vec![call(1, &json!({})), parked(3, 1, 1)]);
    assert_eq!(drop_intent(&free, call_id(1), rhonda), Some(Intent::Answer));
    assert_eq!(
        drop_intent(&free, call_id(3), rhonda),
        Some(Intent::Retrieve)
    );
    let over = Some(rhonda);
    assert_eq!(target(&free, Some(call_id(1)), None, rhonda), Target::Takes);
    assert_eq!(target(&free, Some(call_id(1)), over, rhonda), Target::Over);
    assert_eq!(target(&free, None, over, rhonda), Target::No);
}
