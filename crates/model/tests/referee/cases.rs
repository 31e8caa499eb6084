//! What is tried: every state of a call, every state of the board around it, everybody, everything one can ask.

use serde_json::{Map, Value, json};
use switchboard_model::{CallId, Intent, MemberId, request};

pub(crate) const DOUG: &str = "11111111-0000-4000-8000-000000000001";
pub(crate) const RHONDA: &str = "11111111-0000-4000-8000-000000000002";
pub(crate) const SUE: &str = "11111111-0000-4000-8000-000000000003";
const NOBODY: &str = "99999999-0000-4000-8000-000000000009";
pub(crate) const CALL: &str = "22222222-0000-4000-8000-000000000001";

/// How the call came to be what it is.
pub(crate) struct Past {
    pub(crate) name: &'static str,
    /// Who has it.
    pub(crate) holder: Option<&'static str>,
    /// The name of whoever answered it, whom a latecomer is told.
    pub(crate) answered_by: Option<&'static str>,
    /// Whether it is Doug's from its first moment.
    pub(crate) is_placed: bool,
    /// The updates by the service that led here.
    pub(crate) steps: &'static [&'static str],
}

const DOUG_ANSWERS: &str =
    "status = 'active', assigned_to = '11111111-0000-4000-8000-000000000001'";
const SUE_ANSWERS: &str = "status = 'active', assigned_to = '11111111-0000-4000-8000-000000000003'";
const PARK: &str = "status = 'parked', assigned_to = null";

pub(crate) const PASTS: [Past; 15] = [
    past("a ringing call", (None, None), &[]),
    past(
        "a call that rings again after Doug had it",
        (None, None),
        &[DOUG_ANSWERS, "status = 'ringing'"],
    ),
    past("Doug's call", (Some(DOUG), Some("Doug")), &[DOUG_ANSWERS]),
    past(
        "Doug's call on hold, connected",
        (Some(DOUG), Some("Doug")),
        &[DOUG_ANSWERS, "connected_at = now()", "on_hold = true"],
    ),
    past(
        "Rhonda's call, answered by Doug",
        (Some(RHONDA), Some("Doug")),
        &[
            DOUG_ANSWERS,
            "assigned_to = '11111111-0000-4000-8000-000000000002'",
        ],
    ),
    past("Sue's call", (Some(SUE), Some("Sue")), &[SUE_ANSWERS]),
    past(
        "a call that Doug parked in slot 1",
        (None, None),
        &[
            DOUG_ANSWERS,
            "status = 'parked', assigned_to = null, parking_slot = 1",
        ],
    ),
    past(
        "a call that was parked beyond the lot",
        (None, None),
        &[
            DOUG_ANSWERS,
            "status = 'parked', assigned_to = null, parking_slot = 101, park_reason = 'transfer_failed'",
        ],
    ),
    past("a call that was parked unanswered", (None, None), &[PARK]),
    past(
        "a call that Doug had and that ended",
        (None, None),
        &[DOUG_ANSWERS, "status = 'ended'"],
    ),
    past(
        "a call that ended unanswered",
        (None, None),
        &["status = 'ended', end_reason = 'missed'"],
    ),
    past(
        "a call whose caller leaves a message",
        (None, None),
        &["voicemail_at = now()"],
    ),
    past(
        "a call that was answered during the message",
        (Some(DOUG), Some("Doug")),
        &[
            "voicemail_at = now()",
            "recording_sid = 'RE0', recording_s = 3",
            DOUG_ANSWERS,
        ],
    ),
    placed("a call that Doug placed", &[]),
    placed(
        "a call that Doug placed and that was answered",
        &["connected_at = now()"],
    ),
];

/// A call that Doug placed himself.
const fn placed(name: &'static str, steps: &'static [&'static str]) -> Past {
    Past {
        is_placed: true,
        ..past(name, (Some(DOUG), Some("Doug")), steps)
    }
}

const fn past(
    name: &'static str,
    (holder, answered_by): (Option<&'static str>, Option<&'static str>),
    steps: &'static [&'static str],
) -> Past {
    Past {
        name,
        holder,
        answered_by,
        is_placed: false,
        steps,
    }
}

/// What is the case around it: other calls, by member or slot, and whether Rhonda has left.
pub(crate) struct Around {
    pub(crate) name: &'static str,
    pub(crate) busy: Option<&'static str>,
    pub(crate) taken: &'static [i16],
    pub(crate) rhonda_retired: bool,
}

pub(crate) const AROUND: [Around; 6] = [
    around("nothing else", None, &[], false),
    around("Doug on another call", Some(DOUG), &[], false),
    around("Rhonda on another call", Some(RHONDA), &[], false),
    around("Sue on another call", Some(SUE), &[], false),
    around("a full lot", None, &[1, 2, 3], false),
    around("slot 2 taken, Rhonda gone", None, &[2], true),
];

const fn around(
    name: &'static str,
    busy: Option<&'static str>,
    taken: &'static [i16],
    rhonda_retired: bool,
) -> Around {
    Around {
        name,
        busy,
        taken,
        rhonda_retired,
    }
}

impl Around {
    /// Nobody is on two calls, and nobody leaves who is on one.
    pub(crate) fn can_be(&self, past: &Past) -> bool {
        past.holder.is_none_or(|holder| {
            self.busy != Some(holder) && !(self.rhonda_retired && holder == RHONDA)
        })
    }

    /// The updates of the database's owner, whom the trigger takes for the service.
    pub(crate) fn script(&self, past: &Past) -> String {
        let ring = |id: &str| {
            format!(
                "insert into calls (id, twilio_call_sid, from_number, to_number) \
                 values ('{id}', '{id}', '+12025550150', '+12025550199');"
            )
        };
        let mut script =
            "delete from calls; update board_settings set parking_slots = 3;".to_owned();
        if past.is_placed {
            script += &format!(
                "insert into calls (id, twilio_call_sid, direction, from_number, to_number, status, assigned_to) \
                 values ('{CALL}', '{CALL}', 'outbound', '+12025550199', '+12025550150', 'active', '{DOUG}');"
            );
        } else {
            script += &ring(CALL);
        }
        for step in past.steps {
            script += &format!("update calls set {step} where id = '{CALL}';");
        }
        if let Some(member) = self.busy {
            let id = "22222222-0000-4000-8000-000000000002";
            script += &ring(id);
            script += &format!(
                "update calls set status = 'active', assigned_to = '{member}' where id = '{id}';"
            );
        }
        for slot in self.taken {
            let id = format!("22222222-0000-4000-8000-1000000000{slot:02}");
            script += &ring(&id);
            // Where the call itself is in that slot, the service gives another.
            script += &format!(
                "update calls set status = 'parked', parking_slot = {slot} where id = '{id}';"
            );
        }
        if self.rhonda_retired {
            script += &format!("update voip_users set retired_at = now() where id = '{RHONDA}';");
        }
        script
    }
}

/// What is asked of the database.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ask {
    /// What the dashboard can ask, in the words in which it asks.
    Act(Intent),
    /// To give a waiting call to somebody.
    Give { to: Option<MemberId> },
    /// To let it ring again.
    Requeue,
    /// To write about it.
    Note,
    /// To park it, as the service does: whatever it is, for that reason.
    ParkFor {
        slot: Option<i16>,
        reason: &'static str,
    },
    /// To end it for that reason.
    EndFor { reason: &'static str },
    /// To say that the agent's audio is connected.
    Connect,
    /// To say that the caller leaves a message.
    Record,
    /// To say where the message is.
    Keep,
    /// To say who is calling.
    Rename,
    /// To write what is the database's own.
    Forge,
}

const SLOTS: [i16; 7] = [-1, 0, 1, 2, 3, 4, 101];

fn people() -> impl Iterator<Item = MemberId> {
    [DOUG, RHONDA, SUE, NOBODY].map(member_id).into_iter()
}

impl Ask {
    /// What a person can ask.
    pub(crate) fn by_members() -> Vec<Self> {
        let mut acts = vec![
            Intent::Answer,
            Intent::Retrieve,
            Intent::Park { slot: None },
            Intent::Hold,
            Intent::Resume,
            Intent::End,
        ];
        acts.extend(SLOTS.map(|slot| Intent::Park { slot: Some(slot) }));
        acts.extend(SLOTS.map(|slot| Intent::Move { slot }));
        acts.extend(people().map(|to| Intent::Transfer { to }));
        let mut asks: Vec<Self> = acts.into_iter().map(Self::Act).collect();
        asks.extend(people().map(|to| Self::Give { to: Some(to) }));
        asks.extend([Self::Requeue, Self::Note]);
        asks
    }

    /// What the service can ask.
    pub(crate) fn by_the_service() -> Vec<Self> {
        let mut asks = vec![
            Self::Act(Intent::Park { slot: None }),
            Self::Act(Intent::Hold),
            Self::Act(Intent::Resume),
            Self::Act(Intent::End),
            Self::Give { to: None },
            Self::Requeue,
            Self::Note,
            Self::EndFor { reason: "missed" },
            Self::EndFor {
                reason: "voicemail",
            },
            Self::Connect,
            Self::Record,
            Self::Keep,
            Self::Rename,
            Self::Forge,
        ];
        asks.extend(SLOTS.map(|slot| Self::Act(Intent::Move { slot })));
        asks.extend(SLOTS.map(|slot| Self::ParkFor {
            slot: Some(slot),
            reason: "transfer_failed",
        }));
        asks.push(Self::ParkFor {
            slot: None,
            reason: "unreachable",
        });
        asks.extend(people().map(|to| Self::Act(Intent::Transfer { to })));
        asks.extend(people().map(|to| Self::Give { to: Some(to) }));
        asks
    }

    /// The PATCH's body, and the states that its filter names.
    pub(crate) fn request(&self, me: MemberId) -> (Map<String, Value>, Vec<String>) {
        let body = match self {
            Self::Act(intent) => {
                let request = request::action(CALL.parse::<CallId>().unwrap(), me, *intent);
                let filter = request.query.iter().find(|(key, _)| *key == "status");
                let statuses = filter.unwrap().1.trim_start_matches("eq.");
                let statuses = statuses.trim_start_matches("in.(").trim_end_matches(')');
                let statuses = statuses.split(',').map(str::to_owned).collect();
                return (object(request.body.unwrap()), statuses);
            }
            Self::Give { to } => json!({ "status": "active", "assigned_to": to }),
            Self::Requeue => json!({ "status": "ringing" }),
            Self::Note => json!({ "note": "Wants to be called back", "disposition": "callback" }),
            Self::ParkFor { slot, reason } => {
                let mut body =
                    json!({ "status": "parked", "assigned_to": null, "park_reason": reason });
                if let Some(slot) = slot {
                    body["parking_slot"] = json!(slot);
                }
                body
            }
            Self::EndFor { reason } => json!({ "status": "ended", "end_reason": reason }),
            Self::Connect => json!({ "connected_at": "2001-01-01T00:00:00+00:00" }),
            Self::Record => json!({ "voicemail_at": "2001-01-01T00:00:00+00:00" }),
            Self::Keep => json!({ "recording_sid": "RE1", "recording_s": 7 }),
            Self::Rename => json!({ "caller_name": "Ada Moreno" }),
            Self::Forge => json!({
                "version": 1, "epoch": 99, "last_agent": SUE, "twilio_call_sid": "forged",
                "from_number": "+12025550111", "to_number": "+12025550112", "direction": "outbound",
                "created_at": "2001-01-01T00:00:00+00:00", "answered_at": "2001-01-01T00:00:00+00:00",
                "parked_at": "2001-01-01T00:00:00+00:00", "held_at": "2001-01-01T00:00:00+00:00",
                "ended_at": "2001-01-01T00:00:00+00:00", "park_reason": "unreachable",
            }),
        };
        (object(body), Vec::new())
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

pub(crate) fn member_id(text: &str) -> MemberId {
    text.parse().unwrap()
}
