//! The rules: who may do what to a call, and what comes of it.
//!
//! This is the same table as the transition trigger in `supabase/migrations`, proven equal by
//! `tests/referee`. The trigger decides; this copy lets the dashboard offer only what will be allowed, and say at once why not. A
//! dashboard that is behind can be wrong here, and the database then refuses in its own words.

use crate::call::{Call, Status};
use crate::id::MemberId;
use crate::member::{Member, Role};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The member.
    pub id: MemberId,
    /// What the member may do.
    pub role: Role,
}

impl From<&Member> for Actor {
    fn from(member: &Member) -> Self {
        Self {
            id: member.id,
            role: member.role,
        }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Take a ringing call.
    Answer,
    /// Put an active call into a slot, or into the first free one.
    Park {
        /// The slot, 1 to the size of the lot.
        slot: Option<i16>,
    },
    /// Take a parked call.
    Retrieve,
    /// Move a parked call to another slot.
    Move {
        /// The slot, 1 to the size of the lot.
        slot: i16,
    },
    /// Hand an active call to a colleague.
    Transfer {
        /// The colleague.
        to: MemberId,
    },
    /// Let the customer hear music.
    Hold,
    /// Talk again.
    Resume,
    /// Hang up.
    End,
}

/// The state of a call, as far as the rules look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has it yet.
    Ringing,
    /// An agent has it.
    Active {
        /// Who.
        agent: MemberId,
        /// Whether the customer hears music.
        on_hold: bool,
    },
    /// It waits in a slot.
    Parked {
        /// Which.
        slot: i16,
    },
    /// It is over.
    Ended,
}

/// What the rules need to know besides the call: who is on a call, which slots are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floor {
    /// Members of the team who are not retired.
    pub members: Vec<MemberId>,
    /// Members who are on a call.
    pub busy: Vec<MemberId>,
    /// Slots with a call in them.
    pub taken_slots: Vec<i16>,
    /// How many slots agents may use: they are numbered from 1 to this.
    pub slots: i16,
}

impl Floor {
    fn first_free_slot(&self) -> Option<i16> {
        (1..=self.slots).find(|slot| !self.taken_slots.contains(slot))
    }
}

/// Why something is not allowed. [`Refusal::code`] is the `hint` of the database's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A colleague answered first.
    #[error("a colleague has answered this call")]
    AlreadyAnswered,
    /// The call is over.
    #[error("this call has ended")]
    AlreadyEnded,
    /// The call is not in a state in which this can be done.
    #[error("this cannot be done with the call as it is now")]
    WrongState,
    /// The one who would take the call is on another.
    #[error("you are on another call: end, park or transfer it first")]
    OnAnotherCall,
    /// It is somebody else's call.
    #[error("this is a colleague's call")]
    NotYours,
    /// The colleague is on a call.
    #[error("this colleague is on a call")]
    ColleagueBusy,
    /// There is no such colleague, or not any more.
    #[error("there is no such colleague")]
    NoSuchColleague,
    /// Another call is in that slot.
    #[error("this slot is taken")]
    SlotTaken,
    /// The lot has no slot of that number.
    #[error("there is no slot of that number")]
    SlotOutOfRange,
    /// Every slot is taken.
    #[error("the parking lot is full: retrieve or end a parked call first")]
    LotFull,
}

impl Refusal {
    /// The `hint` with which the database says the same.
    pub fn code(self) -> &'static str {
        match self {
            Self::AlreadyAnswered => "already_answered",
            Self::AlreadyEnded => "already_ended",
            Self::WrongState => "wrong_state",
            Self::OnAnotherCall => "on_another_call",
            Self::NotYours => "not_yours",
            Self::ColleagueBusy => "colleague_busy",
            Self::NoSuchColleague => "no_such_colleague",
            Self::SlotTaken => "slot_taken",
            Self::SlotOutOfRange => "slot_out_of_range",
            Self::LotFull => "lot_full",
        }
    }
}

/// The state that `call` would be in after `actor` did `intent`, or why it may not be done.
///
/// The call's own columns come first: what state it is in, then whose it is, then whether the agent
/// or slot that is wanted is free.
pub fn transition(
    call: &Call,
    actor: Actor,
    intent: Intent,
    floor: &Floor,
) -> Result<State, Refusal> {
    match (intent, call.status) {
        (_, Status::Ended) => Err(Refusal::AlreadyEnded),

        (Intent::Answer, Status::Ringing) | (Intent::Retrieve, Status::Parked) => {
            if floor.busy.contains(&actor.id) {
                return Err(Refusal::OnAnotherCall);
            }
            Ok(State::Active {
                agent: actor.id,
                on_hold: false,
            })
        }
        (Intent::Answer, Status::Active | Status::Parked) | (Intent::Retrieve, Status::Active) => {
            Err(Refusal::AlreadyAnswered)
        }

        (Intent::Park { slot }, Status::Active) => {
            own_or_supervisor(call, actor)?;
            Ok(State::Parked {
                slot: free_slot(slot, floor)?,
            })
        }
        (Intent::Move { slot }, Status::Parked) => {
            if call.parking_slot == Some(slot) {
                return Ok(State::Parked { slot });
            }
            Ok(State::Parked {
                slot: free_slot(Some(slot), floor)?,
            })
        }

        (Intent::Transfer { to }, Status::Active) => {
            let to_oneself = to == actor.id;
            own_or_supervisor(call, actor).map_err(|refusal| {
                // Who reaches for a colleague's call wanted to answer it, and came too late.
                if to_oneself {
                    Refusal::AlreadyAnswered
                } else {
                    refusal
                }
            })?;
            if !floor.members.contains(&to) {
                return Err(Refusal::NoSuchColleague);
            }
            if call.assigned_to != Some(to) && floor.busy.contains(&to) {
                return Err(if to_oneself {
                    Refusal::OnAnotherCall
                } else {
                    Refusal::ColleagueBusy
                });
            }
            let on_hold = call.assigned_to == Some(to) && call.on_hold;
            Ok(State::Active { agent: to, on_hold })
        }

        (Intent::Hold, Status::Active) => held(call, actor, true),
        (Intent::Resume, Status::Active) => held(call, actor, false),

        (Intent::End, Status::Active) => {
            own_or_supervisor(call, actor)?;
            Ok(State::Ended)
        }
        (Intent::End, Status::Parked) => {
            if call.last_agent != Some(actor.id) {
                supervisor(actor)?;
            }
            Ok(State::Ended)
        }
        (Intent::End, Status::Ringing) => {
            supervisor(actor)?;
            Ok(State::Ended)
        }

        (Intent::Retrieve, Status::Ringing)
        | (
            Intent::Park { .. } | Intent::Transfer { .. } | Intent::Hold | Intent::Resume,
            Status::Ringing | Status::Parked,
        )
        | (Intent::Move { .. }, Status::Ringing | Status::Active) => Err(Refusal::WrongState),
    }
}

fn held(call: &Call, actor: Actor, on_hold: bool) -> Result<State, Refusal> {
    if call.assigned_to != Some(actor.id) {
        return Err(Refusal::NotYours);
    }
    Ok(State::Active {
        agent: actor.id,
        on_hold,
    })
}

fn supervisor(actor: Actor) -> Result<(), Refusal> {
    match actor.role {
        Role::Supervisor => Ok(()),
        Role::Agent => Err(Refusal::NotYours),
    }
}

fn own_or_supervisor(call: &Call, actor: Actor) -> Result<(), Refusal> {
    if call.assigned_to == Some(actor.id) {
        return Ok(());
    }
    supervisor(actor)
}

fn free_slot(wanted: Option<i16>, floor: &Floor) -> Result<i16, Refusal> {
    match wanted {
        None => floor.first_free_slot().ok_or(Refusal::LotFull),
        Some(slot) if !(1..=floor.slots).contains(&slot) => Err(Refusal::SlotOutOfRange),
        Some(slot) if floor.taken_slots.contains(&slot) => Err(Refusal::SlotTaken),
        Some(slot) => Ok(slot),
    }
}

#[cfg(test)]
mod tests;
