//! The database in memory: the tables that telephony needs, with the functions of the migrations written out.

mod asked;

use std::collections::BTreeMap;

use switchboard_model::transition::Floor as Rules;
use switchboard_model::{Call, CallId, Member, MemberId, NewCall, ParkReason, Status};
use switchboard_webhook::rows::{Audio, Claim, Floor, LegState, Office, Scene};
use time::OffsetDateTime;
use uuid::Uuid;

/// The highest leg time-outs of the functions.
const CLAIM_S: i64 = 15;
const SEEN_S: i64 = 75;

/// A line of `call_events`.
#[derive(Debug, Clone)]
struct Line {
    call: CallId,
    kind: &'static str,
    at: OffsetDateTime,
    from: Option<Status>,
    park_reason: Option<ParkReason>,
    has_epoch: bool,
}

/// What `call_audio` has besides [`Audio`].
#[derive(Debug, Clone, Default)]
struct Note {
    audio: Audio,
    claimed_by: String,
    claimed_until: Option<OffsetDateTime>,
}

/// All tables.
#[derive(Debug)]
pub(crate) struct Memory {
    now: OffsetDateTime,
    calls: BTreeMap<CallId, Call>,
    notes: BTreeMap<CallId, Note>,
    log: Vec<Line>,
    members: BTreeMap<MemberId, Member>,
    seen: BTreeMap<MemberId, OffsetDateTime>,
    office: Office,
    is_open: bool,
    slots: i16,
    version: i64,
    changed: Vec<Call>,
}

impl Memory {
    /// Nobody has called yet.
    pub(crate) fn new(members: Vec<Member>, office: Office, is_open: bool) -> Self {
        Self {
            now: OffsetDateTime::UNIX_EPOCH,
            calls: BTreeMap::new(),
            notes: BTreeMap::new(),
            log: Vec::new(),
            members: members.into_iter().map(|one| (one.id, one)).collect(),
            seen: BTreeMap::new(),
            office,
            is_open,
            slots: 4,
            version: 0,
            changed: Vec::new(),
        }
    }

    fn busy(&self, member: MemberId) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| call.status == Status::Active && call.assigned_to == Some(member))
    }

    fn rules(&self) -> Rules {
        Rules {
            members: self.members.keys().copied().collect(),
            busy: self
                .members
                .keys()
                .copied()
                .filter(|one| self.busy(*one))
                .collect(),
            taken_slots: self
                .calls
                .values()
                .filter_map(|call| call.parking_slot)
                .collect(),
            slots: self.slots,
        }
    }

    fn insert(&mut self, new: &NewCall, agent: Option<MemberId>) -> Call {
        self.version += 1;
        let number = u128::try_from(self.calls.len()).unwrap() + 1;
        let call = Call {
            id: CallId::from(Uuid::from_u128((0xca11 << 112) | number)),
            twilio_call_sid: new.twilio_call_sid.clone(),
            direction: new.direction,
            from_number: new.from_number.clone(),
            to_number: new.to_number.clone(),
            caller_name: new.caller_name.clone(),
            caller_company: None,
            status: if agent.is_some() {
                Status::Active
            } else {
                Status::Ringing
            },
            assigned_to: agent,
            last_agent: agent,
            moved_by: None,
            on_hold: false,
            parking_slot: None,
            park_reason: None,
            end_reason: None,
            epoch: 0,
            created_at: self.now,
            answered_at: None,
            connected_at: None,
            parked_at: None,
            held_at: None,
            ended_at: None,
            version: self.version,
            note: None,
            disposition: None,
            voicemail_at: None,
            recording_sid: None,
            recording_s: None,
        };
        self.calls.insert(call.id, call.clone());
        self.log.push(Line {
            call: call.id,
            kind: "created",
            at: self.now,
            from: None,
            park_reason: None,
            has_epoch: true,
        });
        self.changed.push(call.clone());
        call
    }

    fn write(&mut self, before: &Call, mut after: Call) -> Call {
        if after == *before {
            return after;
        }
        self.version += 1;
        after.version = self.version;
        self.log.push(Line {
            call: after.id,
            kind: kind_of_change(before, &after),
            at: self.now,
            from: Some(before.status),
            park_reason: after.park_reason,
            has_epoch: before.epoch != after.epoch,
        });
        self.calls.insert(after.id, after.clone());
        self.changed.push(after.clone());
        after
    }

    fn member(&self, id: MemberId) -> Option<Member> {
        let mut member = self.members.get(&id)?.clone();
        let mut calls = self.calls.values();
        let mine = calls.find(|call| call.status == Status::Active && call.assigned_to == Some(id));
        member.current_call_id = mine.map(|call| call.id);
        Some(member)
    }

    fn ringable(&self) -> Vec<Member> {
        let is_ringable = |one: &&Member| {
            let seen = self.seen.get(&one.id);
            one.is_available
                && !self.busy(one.id)
                && one.device_state.as_deref() == Some("ready")
                && seen.is_some_and(|at| *at > self.now - time::Duration::seconds(SEEN_S))
        };
        let idle_since = |id: MemberId| {
            let calls = self
                .calls
                .values()
                .filter(|call| call.last_agent == Some(id));
            calls.filter_map(|call| call.ended_at).max()
        };
        let mut ringable: Vec<_> = self.members.values().filter(is_ringable).cloned().collect();
        ringable.sort_by_key(|one| (idle_since(one.id), one.id));
        ringable
    }

    fn office(&self) -> Floor {
        Floor {
            ringable: self.ringable(),
            is_open: self.is_open,
            settings: self.office.clone(),
        }
    }

    fn scene(&self, id: CallId) -> Option<Scene> {
        let call = self.calls.get(&id)?.clone();
        let lines = || {
            self.log
                .iter()
                .enumerate()
                .filter(|(_, line)| line.call == id)
                .rev()
        };
        let queued = lines().find(|(_, line)| matches!(line.kind, "created" | "requeued"));
        let claim = lines().find_map(|(_, line)| Some((claim(line.kind)?, line.at)));
        let rings_first = queued.filter(|(n, line)| {
            let mut before = lines().filter(|(m, _)| m < n);
            let parked = before.find(|(_, line)| line.kind == "parked");
            let reason = parked.and_then(|(_, line)| line.park_reason);
            line.kind == "requeued"
                && line.from == Some(Status::Parked)
                && reason.is_some_and(|reason| reason != ParkReason::AgentDropped)
        });
        Some(Scene {
            now: self.now,
            audio: self
                .notes
                .get(&id)
                .map(|note| note.audio.clone())
                .unwrap_or_default(),
            agent: call.assigned_to.and_then(|agent| self.member(agent)),
            rung_since: queued.map(|(_, line)| line.at),
            claimed_at: claim.map(|(_, at)| at),
            claimed_by: claim.map(|(how, _)| how),
            rings_first: rings_first.and(call.last_agent),
            call,
        })
    }

    fn may_be_due(&self, call: &Call, quiet_s: i32) -> bool {
        let audio = &self.notes[&call.id].audio;
        if audio.rendered_epoch != Some(call.epoch) {
            return true;
        }
        let any = |state| audio.legs.values().any(|leg| leg.state == state);
        let ago = |seconds: i64| self.now - time::Duration::seconds(seconds);
        let may = match call.status {
            Status::Ended => return false,
            Status::Ringing => {
                call.voicemail_at.is_none() && (audio.legs.is_empty() || any(LegState::Answered))
            }
            Status::Active => {
                !call.on_hold
                    && (call.connected_at.is_none()
                        || audio.lease_until.is_some()
                        || any(LegState::Ended))
            }
            Status::Parked => call.parked_at.is_some_and(|at| at < ago(20)),
        };
        may || audio.checked_at.unwrap_or(call.created_at) <= ago(quiet_s.into())
    }
}

fn claim(kind: &str) -> Option<Claim> {
    match kind {
        "created" => Some(Claim::Created),
        "answered" => Some(Claim::Answered),
        "retrieved" => Some(Claim::Retrieved),
        "transferred" => Some(Claim::Transferred),
        "resumed" => Some(Claim::Resumed),
        _ => None,
    }
}

fn kind_of_change(was: &Call, is: &Call) -> &'static str {
    if was.status != is.status {
        return match (is.status, was.status) {
            (Status::Ringing, _) => "requeued",
            (Status::Active, Status::Parked) => "retrieved",
            (Status::Active, _) => "answered",
            (Status::Parked, _) => "parked",
            (Status::Ended, _) => "ended",
        };
    }
    match () {
        () if was.assigned_to != is.assigned_to => "transferred",
        () if was.on_hold != is.on_hold && is.on_hold => "held",
        () if was.on_hold != is.on_hold => "resumed",
        () if was.parking_slot != is.parking_slot => "moved",
        () if was.connected_at != is.connected_at => "connected",
        () if was.voicemail_at != is.voicemail_at => "voicemail",
        () if was.recording_sid != is.recording_sid => "recorded",
        () => "corrected",
    }
}
