//! A model of the database: calls and members, transactions that overlap, and what others see.

use crate::dice::Dice;
use serde_json::{Map, Value, json};
use switchboard_model::{Board, Call, Member, Snapshot, call::Status};
use uuid::Uuid;

/// A row that was committed, as the lanes tell it.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) table: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) record: Map<String, Value>,
}

/// A transaction that has written its row and has not ended.
pub(crate) struct Pending {
    row: Row,
    is_new: bool,
    is_rolled_back: bool,
}

enum Row {
    Call(usize, Box<Call>),
    Deleted(usize),
    Member(usize, Member),
}

/// A call and who sees it.
struct Stored {
    /// As committed; none once deleted.
    committed: Option<Call>,
    /// A transaction holds the row's lock.
    locked: bool,
}

pub(crate) struct Database {
    calls: Vec<Stored>,
    members: Vec<Member>,
    member_locked: Vec<bool>,
    next_version: i64,
}

fn uuid(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128((kind << 96) + number as u128 + 1)
}

fn ringing(number: usize, version: i64) -> Call {
    let call = json!({"id": uuid(2, number), "twilio_call_sid": format!("CA{number}"),
        "direction": "inbound", "from_number": "+12025550101", "to_number": "+12025550100",
        "caller_name": "a name that may be stored out of line", "status": "ringing",
        "assigned_to": null, "last_agent": null, "on_hold": false, "parking_slot": null,
        "park_reason": null, "end_reason": null, "epoch": 0,
        "created_at": "2026-01-02T03:04:05Z", "version": version});
    serde_json::from_value(call).unwrap()
}

fn member(number: usize) -> Member {
    let member = json!({"id": uuid(1, number), "user_id": uuid(3, number),
        "display_name": format!("Member {number}"), "identity": format!("agent_{number}"),
        "role": "agent", "is_available": true, "version": number});
    serde_json::from_value(member).unwrap()
}

fn record(row: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(row) {
        Ok(Value::Object(record)) => record,
        other => panic!("a row is an object: {other:?}"),
    }
}

impl Database {
    pub(crate) fn new() -> Self {
        Self {
            calls: Vec::new(),
            members: (0..3).map(member).collect(),
            member_locked: vec![false; 3],
            next_version: 100,
        }
    }

    /// Begins a transaction that writes one row, if the row that the dice choose is free. Versions
    /// are drawn here, so they are not committed in their order.
    pub(crate) fn begin(&mut self, dice: &mut Dice) -> Option<Pending> {
        let version = self.next_version;
        self.next_version += 1;
        let is_rolled_back = dice.once_in(12);
        if dice.once_in(6) {
            let number = dice.below(3) as usize;
            if std::mem::replace(&mut self.member_locked[number], true) {
                return None;
            }
            let mut member = self.members[number].clone();
            member.is_available = !member.is_available;
            member.version = version;
            let row = Row::Member(number, member);
            return Some(Pending {
                row,
                is_new: false,
                is_rolled_back,
            });
        }
        let free: Vec<usize> = (0..self.calls.len())
            .filter(|number| {
                let stored = &self.calls[*number];
                let is_live = stored
                    .committed
                    .as_ref()
                    .is_some_and(|call| call.status.is_live());
                is_live && !stored.locked
            })
            .collect();
        if free.len() < 2 || (free.len() < 8 && dice.once_in(4)) {
            let number = self.calls.len();
            self.calls.push(Stored {
                committed: None,
                locked: true,
            });
            let row = Row::Call(number, Box::new(ringing(number, version)));
            return Some(Pending {
                row,
                is_new: true,
                is_rolled_back,
            });
        }
        let number = free[dice.below(free.len() as u64) as usize];
        let stored = &mut self.calls[number];
        stored.locked = true;
        let row = if dice.once_in(40) {
            Row::Deleted(number)
        } else {
            let mut call = stored.committed.clone()?;
            step(&mut call, dice);
            call.version = version;
            Row::Call(number, Box::new(call))
        };
        Some(Pending {
            row,
            is_new: false,
            is_rolled_back,
        })
    }

    /// Ends a transaction. What the lanes tell of it, if it was not rolled back.
    pub(crate) fn commit(&mut self, pending: Pending) -> Option<Told> {
        let kind = if pending.is_new { "INSERT" } else { "UPDATE" };
        match pending.row {
            Row::Member(number, member) => {
                self.member_locked[number] = false;
                if pending.is_rolled_back {
                    return None;
                }
                let record = record(&member);
                self.members[number] = member;
                Some(Told {
                    table: "voip_users",
                    kind,
                    record,
                })
            }
            Row::Call(number, call) => {
                self.calls[number].locked = false;
                if pending.is_rolled_back {
                    return None;
                }
                let record = record(&*call);
                self.calls[number].committed = Some(*call);
                Some(Told {
                    table: "calls",
                    kind,
                    record,
                })
            }
            Row::Deleted(number) => {
                self.calls[number].locked = false;
                if pending.is_rolled_back {
                    return None;
                }
                self.calls[number].committed = None;
                let mut record = Map::new();
                record.insert("id".to_owned(), json!(uuid(2, number)));
                Some(Told {
                    table: "calls",
                    kind: "DELETE",
                    record,
                })
            }
        }
    }

    /// What the board's queries answer: everything to a member, nothing to anybody else.
    pub(crate) fn snapshot(&self, to_a_member: bool) -> Snapshot {
        if !to_a_member {
            return Snapshot::default();
        }
        let committed = self
            .calls
            .iter()
            .filter_map(|stored| stored.committed.clone());
        Snapshot {
            calls: committed.filter(|call| call.status.is_live()).collect(),
            members: self.members.clone(),
            settings: None,
        }
    }

    /// The board as it should be.
    pub(crate) fn board(&self) -> Board {
        let mut board = Board::default();
        let asked = board.snapshot_asked();
        board.apply_snapshot(asked, self.snapshot(true));
        board
    }
}

/// The next state of a call.
fn step(call: &mut Call, dice: &mut Dice) {
    match (call.status, dice.below(6)) {
        (_, 0) => call.note = Some(format!("note {}", dice.below(1_000))),
        (Status::Ringing | Status::Parked, 1..=4) => {
            call.status = Status::Active;
            call.assigned_to = Some(uuid(1, dice.below(3) as usize).into());
            call.parking_slot = None;
            call.epoch += 1;
        }
        (Status::Active, 1..=2) => call.on_hold = !call.on_hold,
        (Status::Active, 3..=4) => {
            call.status = Status::Parked;
            call.on_hold = false;
            call.last_agent = call.assigned_to.take();
            call.parking_slot = Some(dice.between(1, 9) as i16);
            call.epoch += 1;
        }
        _ => {
            call.status = Status::Ended;
            call.on_hold = false;
            call.parking_slot = None;
        }
    }
}
