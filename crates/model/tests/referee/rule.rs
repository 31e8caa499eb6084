//! What has to come of each case: for a person's action by `model::transition`, for the rest by the rules below; and
//! the whole row that follows from it.

use serde_json::{Map, Value, json};
use switchboard_model::transition::{Floor, State};
use switchboard_model::{Actor, Call, Direction, Intent, MemberId, Role, Status, transition};

use crate::cases::Ask;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Who {
    Person(Actor),
    Service,
}

/// What has to come of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The row stays as it is, down to its version.
    Unchanged,
    /// No, with this hint.
    Refused(&'static str),
    /// The row gets these columns. [`NOW`] stands for a time during the statement.
    Becomes(Map<String, Value>),
}

/// A timestamp that the server takes from its clock.
pub(crate) const NOW: &str = "now";

/// The verdict on asking for `body` with a filter that lets the call through. `who` had the call once, or not.
pub(crate) fn verdict(
    before: &Call,
    row: &Map<String, Value>,
    (who, had_it): (Who, bool),
    (ask, body): (&Ask, &Map<String, Value>),
    floor: &Floor,
) -> Verdict {
    // Asking for what already is changes nothing, whoever asks: there is nothing to forbid.
    if body.iter().all(|(column, value)| row[column] == *value) {
        return Verdict::Unchanged;
    }
    let next = match who {
        Who::Person(actor) => by_person(before, (actor, had_it), (ask, body), floor),
        Who::Service => by_service(before, (ask, body), floor),
    };
    match next {
        Ok(Next::Same) => Verdict::Unchanged,
        Ok(Next::State(state)) if state == state_of(before) => Verdict::Unchanged,
        Ok(Next::State(state)) => Verdict::Becomes(columns(before, row, state, (who, ask))),
        Ok(Next::Columns(columns)) => Verdict::Becomes(columns),
        Err(hint) => Verdict::Refused(hint),
    }
}

/// What follows, if it may.
enum Next {
    Same,
    State(State),
    Columns(Map<String, Value>),
}

fn by_person(
    before: &Call,
    (actor, had_it): (Actor, bool),
    (ask, body): (&Ask, &Map<String, Value>),
    floor: &Floor,
) -> Result<Next, &'static str> {
    let leads = actor.role == Role::Supervisor;
    match (ask, before.status) {
        (Ask::Act(intent), status) => match meaning(*intent, status, actor.id) {
            None => Ok(Next::Same),
            Some(intent) => transition(before, actor, intent, floor)
                .map(Next::State)
                .map_err(|refusal| refusal.code()),
        },
        (Ask::Note, _) => {
            let own = before.assigned_to == Some(actor.id) || before.last_agent == Some(actor.id);
            let is_everybodys = before.status == Status::Ended && before.last_agent.is_none();
            if leads || own || had_it || is_everybodys {
                Ok(Next::Columns(body.clone()))
            } else {
                Err("not_yours")
            }
        }
        (_, Status::Ended) => Err("already_ended"),
        (Ask::Requeue, _) => Err("service_only"),
        (Ask::Give { to: Some(to) }, Status::Active) => {
            transition(before, actor, Intent::Transfer { to: *to }, floor)
                .map(Next::State)
                .map_err(|refusal| refusal.code())
        }
        (Ask::Give { to: Some(to) }, Status::Ringing | Status::Parked) => {
            if !leads && *to != actor.id {
                return Err("not_yours");
            }
            given(*to, Some(actor.id), floor)
        }
        (ask, status) => panic!("nobody asks {ask:?} of a call that is {status:?}"),
    }
}

/// The action that the PATCH amounts to in that state, when no filter keeps it away: the trigger sees what is asked
/// for, and not what was meant.
fn meaning(intent: Intent, status: Status, me: MemberId) -> Option<Intent> {
    match (intent, status) {
        (Intent::Answer | Intent::Retrieve, Status::Ringing) => Some(Intent::Answer),
        (Intent::Answer | Intent::Retrieve, Status::Parked) => Some(Intent::Retrieve),
        (Intent::Answer | Intent::Retrieve, Status::Active) => Some(Intent::Transfer { to: me }),
        (Intent::Park { slot: Some(slot) }, Status::Parked) => Some(Intent::Move { slot }),
        // A slot means nothing for a call that is being talked to.
        (Intent::Move { .. }, Status::Active) => None,
        _ => Some(intent),
    }
}

fn by_service(
    before: &Call,
    (ask, body): (&Ask, &Map<String, Value>),
    floor: &Floor,
) -> Result<Next, &'static str> {
    match (ask, before.status) {
        (Ask::Note | Ask::Rename | Ask::Keep, _) => Ok(Next::Columns(body.clone())),
        (Ask::Forge, _) => Ok(Next::Same),
        // Callbacks come late and twice; what a caller left on tape comes after the end.
        (Ask::EndFor { reason }, Status::Ended) if *reason == "voicemail" => Ok(Next::Columns(
            Map::from_iter([("end_reason".to_owned(), json!(reason))]),
        )),
        (_, Status::Ended) => Ok(Next::Same),
        (Ask::Connect, Status::Active) if before.connected_at.is_none() => {
            let mut connected = Map::from_iter([("connected_at".to_owned(), json!(NOW))]);
            // Of a call that an agent placed this is the answer.
            if before.answered_at.is_none() {
                connected.insert("answered_at".to_owned(), json!(NOW));
            }
            Ok(Next::Columns(connected))
        }
        (Ask::Record, Status::Ringing) if before.voicemail_at.is_none() => {
            Ok(Next::Columns(Map::from_iter([
                ("voicemail_at".to_owned(), json!(NOW)),
                ("epoch".to_owned(), json!(before.epoch + 1)),
            ])))
        }
        (Ask::Record, _) => Ok(Next::Same),
        (Ask::Connect, _) => Ok(Next::Same),
        (Ask::EndFor { .. } | Ask::Act(Intent::End), _) => Ok(Next::State(State::Ended)),
        (Ask::Requeue, _) => Ok(Next::State(State::Ringing)),
        (Ask::Give { to: None }, Status::Active) => Err("wrong_state"),
        (Ask::Give { to: None }, _) => Err("no_such_colleague"),
        (Ask::Give { to: Some(to) }, Status::Ringing | Status::Parked) => given(*to, None, floor),
        (Ask::Give { to: Some(to) } | Ask::Act(Intent::Transfer { to }), Status::Active) => {
            if before.assigned_to == Some(*to) {
                return Ok(Next::Same);
            }
            given(*to, None, floor)
        }
        (Ask::Act(Intent::Hold | Intent::Resume), Status::Active) => {
            Ok(Next::State(State::Active {
                agent: before.assigned_to.unwrap(),
                on_hold: *ask == Ask::Act(Intent::Hold),
            }))
        }
        (Ask::Act(Intent::Resume), _) => Ok(Next::Same),
        (Ask::ParkFor { slot, .. } | Ask::Act(Intent::Park { slot }), status) => {
            let stays = status == Status::Parked && slot.is_none();
            let slot = if stays {
                before.parking_slot.unwrap()
            } else {
                some_slot(*slot, before, floor)
            };
            Ok(Next::State(State::Parked { slot }))
        }
        (Ask::Act(Intent::Move { slot }), Status::Parked) => Ok(Next::State(State::Parked {
            slot: some_slot(Some(*slot), before, floor),
        })),
        (Ask::Act(Intent::Move { .. }), Status::Active) => Ok(Next::Same),
        (Ask::Act(_), _) => Err("wrong_state"),
    }
}

/// A call for somebody, if that one is there and free.
fn given(to: MemberId, by: Option<MemberId>, floor: &Floor) -> Result<Next, &'static str> {
    if !floor.members.contains(&to) {
        return Err("no_such_colleague");
    }
    if floor.busy.contains(&to) {
        return Err(if by == Some(to) {
            "on_another_call"
        } else {
            "colleague_busy"
        });
    }
    Ok(Next::State(State::Active {
        agent: to,
        on_hold: false,
    }))
}

/// The service never fails for want of a slot: the one it asks for, else the lowest that is free, even beyond the lot.
fn some_slot(wanted: Option<i16>, before: &Call, floor: &Floor) -> i16 {
    let is_free =
        |slot: &i16| !floor.taken_slots.contains(slot) || before.parking_slot == Some(*slot);
    wanted
        .filter(|slot| *slot >= 1 && is_free(slot))
        .unwrap_or_else(|| {
            (1..)
                .find(|slot| !floor.taken_slots.contains(slot))
                .unwrap()
        })
}

pub(crate) fn state_of(call: &Call) -> State {
    match call.status {
        Status::Ringing => State::Ringing,
        Status::Active => State::Active {
            agent: call.assigned_to.unwrap(),
            on_hold: call.on_hold,
        },
        Status::Parked => State::Parked {
            slot: call.parking_slot.unwrap(),
        },
        Status::Ended => State::Ended,
    }
}

/// Every column that the way from `before` to `after` sets.
fn columns(
    before: &Call,
    row: &Map<String, Value>,
    after: State,
    (who, ask): (Who, &Ask),
) -> Map<String, Value> {
    let answered_at = match &row["answered_at"] {
        // Whom an agent called answers with their own telephone.
        Value::Null if before.direction == Direction::Inbound => json!(NOW),
        answered_at => answered_at.clone(),
    };
    let louder = |by: i32| json!(before.epoch + by);
    let set = match (before.status, after) {
        (Status::Ringing | Status::Parked, State::Active { agent, .. }) => json!({
            "status": "active", "assigned_to": agent, "last_agent": agent,
            "answered_at": answered_at, "connected_at": null,
            "parking_slot": null, "parked_at": null, "park_reason": null,
            // An answer happens inside the dial that is running; while a message is recorded none does.
            "epoch": louder(i32::from(before.status == Status::Parked || before.voicemail_at.is_some())),
            "voicemail_at": null,
        }),
        (Status::Active, State::Active { agent, on_hold }) if before.assigned_to == Some(agent) => {
            json!({
                "on_hold": on_hold, "held_at": on_hold.then_some(NOW), "epoch": louder(1),
            })
        }
        (Status::Active, State::Active { agent, .. }) => json!({
            "assigned_to": agent, "last_agent": agent, "connected_at": null,
            "on_hold": false, "held_at": null, "epoch": louder(1),
        }),
        (Status::Parked, State::Parked { slot }) => json!({ "parking_slot": slot }),
        (_, State::Parked { slot }) => json!({
            "voicemail_at": null,
            "status": "parked", "parking_slot": slot, "parked_at": NOW, "park_reason": park_reason(before, who, ask),
            "assigned_to": null, "connected_at": null, "on_hold": false, "held_at": null, "epoch": louder(1),
        }),
        (_, State::Ended) => json!({
            "voicemail_at": null,
            "status": "ended", "ended_at": NOW, "end_reason": end_reason(before, who, ask),
            "parking_slot": null, "parked_at": null, "park_reason": null,
            "on_hold": false, "held_at": null, "epoch": louder(1),
        }),
        (_, State::Ringing) => json!({
            "status": "ringing", "assigned_to": null, "answered_at": null, "connected_at": null,
            "parking_slot": null, "parked_at": null, "park_reason": null,
            "on_hold": false, "held_at": null, "epoch": louder(1),
        }),
        (status, after) => panic!("nothing leads from {status:?} to {after:?}"),
    };
    let Value::Object(mut set) = set else {
        panic!("{set} is no object")
    };
    let changes = |column: &str| set.get(column).is_some_and(|to| *to != row[column]);
    if changes("status") || changes("assigned_to") {
        let mover = match who {
            Who::Person(actor) => Some(actor.id),
            Who::Service => None,
        };
        set.insert("moved_by".to_owned(), json!(mover));
    }
    set
}

fn park_reason(before: &Call, who: Who, ask: &Ask) -> &'static str {
    match (who, ask, before.status) {
        (Who::Person(_), ..) => "parked_by_agent",
        (Who::Service, Ask::ParkFor { reason, .. }, _) => reason,
        (Who::Service, _, Status::Active) => "agent_dropped",
        (Who::Service, ..) => "unreachable",
    }
}

fn end_reason(before: &Call, who: Who, ask: &Ask) -> &'static str {
    match (who, ask) {
        (Who::Person(_), _) => "ended_by_agent",
        (Who::Service, Ask::EndFor { reason }) => reason,
        (Who::Service, _) if before.answered_at.is_none() => "abandoned",
        (Who::Service, _) => "completed",
    }
}
