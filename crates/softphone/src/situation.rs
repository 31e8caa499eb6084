//! What the rows say, as far as a person's audio must follow them.

use switchboard_model::{Call, CallId, Direction, Member, MemberId, ParkReason, Status};

/// What the board says, as far as audio must follow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// My row says that I want calls.
    pub available: bool,
    /// My row says that my device is ready.
    pub told_ready: bool,
    /// The call that is mine.
    pub mine: Option<Mine>,
    /// The call whose line I lost, while it waits for me.
    pub dropped: Option<CallId>,
    /// The calls that others have.
    pub of_others: Vec<CallId>,
    /// Every live call to a telephone, whoever has it now.
    pub calls_out: Vec<CallId>,
    /// The calls that wait for somebody, those first that have waited longest.
    pub ringing: Vec<CallId>,
}

/// The call that is mine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mine {
    /// Whose row it is.
    pub id: CallId,
    /// Which audio belongs to it now.
    pub epoch: i32,
    /// The other side waits, with music.
    pub on_hold: bool,
    /// I am the one who called.
    pub outbound: bool,
    /// The other side has answered.
    pub connected: bool,
}

impl Situation {
    /// The call that needs my audio, and its epoch: what is mine and not on hold.
    #[must_use]
    pub fn wanted(&self) -> Option<(CallId, i32)> {
        let mine = self.mine.filter(|mine| !mine.on_hold)?;
        Some((mine.id, mine.epoch))
    }

    /// How it is for `me`, by the calls that a board knows. A board that does not know all of them, or is behind (not
    /// `is_live`), does not say that a line was lost.
    pub fn of<'a>(me: &Member, calls: impl Iterator<Item = &'a Call>, is_live: bool) -> Self {
        let mut now = Self {
            available: me.is_available,
            told_ready: me.device_state.as_deref() == Some("ready"),
            ..Self::default()
        };
        let mut ringing = Vec::new();
        for call in calls {
            // Whoever leaves a message is not to be answered.
            if call.status == Status::Ringing && call.voicemail_at.is_none() {
                ringing.push((call.created_at, call.id));
            }
            now.add(me.id, call, is_live);
        }
        ringing.sort_unstable();
        now.ringing = ringing.into_iter().map(|(_, id)| id).collect();
        now
    }

    /// Takes one more call into account.
    fn add(&mut self, me: MemberId, call: &Call, is_live: bool) {
        let outbound = call.direction == Direction::Outbound;
        if outbound && call.status.is_live() {
            self.calls_out.push(call.id);
        }
        match call.status {
            Status::Active if call.assigned_to == Some(me) => {
                self.mine = Some(Mine {
                    id: call.id,
                    epoch: call.epoch,
                    on_hold: call.on_hold,
                    outbound,
                    connected: call.connected_at.is_some(),
                });
            }
            Status::Active if call.assigned_to.is_some() => self.of_others.push(call.id),
            Status::Parked
                if is_live
                    && call.park_reason == Some(ParkReason::AgentDropped)
                    && call.last_agent == Some(me) =>
            {
                self.dropped = Some(call.id);
            }
            Status::Ringing | Status::Active | Status::Parked | Status::Ended => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};
    use switchboard_model::{Board, Change, Kind, Table};

    use super::*;

    fn row(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(row) => row,
            other => panic!("{other} is no row"),
        }
    }

    #[test]
    fn whoever_leaves_a_message_does_not_ring() {
        let id = |n: u8| format!("33333333-0000-4000-8000-00000000000{n}");
        let mut board = Board::default();
        let mut hear = |table, record| {
            board.apply(&Change {
                table,
                kind: Kind::Upsert,
                record: row(record),
            });
        };
        hear(
            Table::Members,
            json!({ "id": id(9), "user_id": id(9), "display_name": "Doug", "identity": "agent_doug", "role": "agent",
                "is_available": true, "version": 1 }),
        );
        for (n, voicemail) in [(1, json!("2026-01-05T09:00:30Z")), (2, Value::Null)] {
            hear(
                Table::Calls,
                json!({ "id": id(n), "twilio_call_sid": "CA1", "direction": "inbound", "from_number": "+12025550150",
                    "to_number": "+12025550100", "status": "ringing", "on_hold": false, "epoch": 0, "version": 7,
                    "created_at": "2026-01-05T09:00:00Z", "voicemail_at": voicemail }),
            );
        }
        let now = Situation::of(board.members()[0], board.calls(), true);
        assert_eq!(now.ringing, [id(2).parse().unwrap()]);
    }
}
