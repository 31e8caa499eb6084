use serde_json::json;

use super::*;

fn member(n: u8) -> MemberId {
    format!("11111111-0000-4000-8000-00000000000{n}")
        .parse()
        .unwrap()
}

fn agent(n: u8) -> Actor {
    Actor {
        id: member(n),
        role: Role::Agent,
    }
}

fn supervisor() -> Actor {
    Actor {
        id: member(9),
        role: Role::Supervisor,
    }
}

fn call(status: &str, assigned_to: Option<u8>, slot: Option<i16>) -> Call {
    serde_json::from_value(json!({
        "id": "22222222-0000-4000-8000-000000000001", "twilio_call_sid": "CA1",
        "direction": "inbound", "from_number": "+15550100", "to_number": "+15550199",
        "caller_name": null, "status": status, "assigned_to": assigned_to.map(member),
        "on_hold": false, "parking_slot": slot, "park_reason": null, "end_reason": null,
        "epoch": 0, "created_at": "2026-01-02T03:04:05+00:00", "version": 1
    }))
    .unwrap()
}

fn floor() -> Floor {
    Floor {
        members: [1, 2, 3, 9].map(member).into(),
        busy: [member(2)].into(),
        taken_slots: [1].into(),
        slots: 3,
    }
}

fn try_it(call: &Call, actor: Actor, intent: Intent) -> Result<State, Refusal> {
    transition(call, actor, intent, &floor())
}

#[test]
fn any_free_member_answers_or_retrieves_for_themselves() {
    for (call, intent) in [
        (call("ringing", None, None), Intent::Answer),
        (call("parked", None, Some(1)), Intent::Retrieve),
    ] {
        let mine = State::Active {
            agent: member(1),
            on_hold: false,
        };
        assert_eq!(try_it(&call, agent(1), intent), Ok(mine));
        assert_eq!(try_it(&call, agent(2), intent), Err(Refusal::OnAnotherCall));
    }
}

#[test]
fn who_comes_late_is_told_so() {
    let taken = call("active", Some(2), None);
    assert_eq!(
        try_it(&taken, agent(1), Intent::Answer),
        Err(Refusal::AlreadyAnswered)
    );
    assert_eq!(
        try_it(&taken, agent(1), Intent::Retrieve),
        Err(Refusal::AlreadyAnswered)
    );
    for intent in [
        Intent::Answer,
        Intent::Park { slot: None },
        Intent::Hold,
        Intent::End,
    ] {
        assert_eq!(
            try_it(&call("ended", Some(1), None), agent(1), intent),
            Err(Refusal::AlreadyEnded)
        );
    }
}

#[test]
fn parking_takes_the_first_free_slot_or_the_one_that_was_meant() {
    let mine = call("active", Some(1), None);
    let park = |slot| try_it(&mine, agent(1), Intent::Park { slot });
    assert_eq!(park(None), Ok(State::Parked { slot: 2 }));
    assert_eq!(park(Some(3)), Ok(State::Parked { slot: 3 }));
    assert_eq!(park(Some(1)), Err(Refusal::SlotTaken));
    for slot in [0, -1, 4, i16::MAX] {
        assert_eq!(park(Some(slot)), Err(Refusal::SlotOutOfRange));
    }
    let full = Floor {
        taken_slots: [1, 2, 3].into(),
        ..floor()
    };
    assert_eq!(
        transition(&mine, agent(1), Intent::Park { slot: None }, &full),
        Err(Refusal::LotFull)
    );
}

#[test]
fn only_its_agent_or_a_supervisor_parks_transfers_and_ends_a_call() {
    let rhondas = call("active", Some(2), None);
    for intent in [
        Intent::Park { slot: None },
        Intent::Transfer { to: member(3) },
        Intent::End,
    ] {
        assert_eq!(
            try_it(&rhondas, agent(1), intent),
            Err(Refusal::NotYours),
            "{intent:?}"
        );
        assert!(try_it(&rhondas, agent(2), intent).is_ok(), "{intent:?}");
        assert!(try_it(&rhondas, supervisor(), intent).is_ok(), "{intent:?}");
    }
    for intent in [Intent::Hold, Intent::Resume] {
        assert_eq!(
            try_it(&rhondas, supervisor(), intent),
            Err(Refusal::NotYours)
        );
        assert!(try_it(&rhondas, agent(2), intent).is_ok());
    }
}

#[test]
fn a_transfer_needs_a_free_colleague_who_is_on_the_team() {
    let mine = call("active", Some(1), None);
    let transfer = |n| try_it(&mine, agent(1), Intent::Transfer { to: member(n) });
    assert_eq!(
        transfer(3),
        Ok(State::Active {
            agent: member(3),
            on_hold: false
        })
    );
    assert_eq!(transfer(2), Err(Refusal::ColleagueBusy));
    assert_eq!(transfer(7), Err(Refusal::NoSuchColleague));
}

#[test]
fn a_waiting_call_is_ended_by_a_supervisor_a_parked_one_also_by_who_parked_it() {
    let ringing = call("ringing", None, None);
    assert_eq!(
        try_it(&ringing, agent(1), Intent::End),
        Err(Refusal::NotYours)
    );
    assert_eq!(
        try_it(&ringing, supervisor(), Intent::End),
        Ok(State::Ended)
    );
    let parked = Call {
        last_agent: Some(member(1)),
        ..call("parked", None, Some(1))
    };
    assert_eq!(try_it(&parked, agent(1), Intent::End), Ok(State::Ended));
    assert_eq!(
        try_it(&parked, agent(3), Intent::End),
        Err(Refusal::NotYours)
    );
}

#[test]
fn what_makes_no_sense_in_a_state_is_refused() {
    let ringing = call("ringing", None, None);
    for intent in [
        Intent::Park { slot: None },
        Intent::Retrieve,
        Intent::Transfer { to: member(3) },
        Intent::Hold,
        Intent::Move { slot: 2 },
    ] {
        assert_eq!(
            try_it(&ringing, supervisor(), intent),
            Err(Refusal::WrongState),
            "{intent:?}"
        );
    }
}
