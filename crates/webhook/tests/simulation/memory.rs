//! The database in memory: the tables that telephony needs, with the functions of the migrations written out.

use std::collections::BTreeMap;

use switchboard_model::transition::Floor as Rules;
use switchboard_model::{
    Actor, Call, CallId, Direction, Intent, Member, MemberId, NewCall, ParkReason, Status,
};
use switchboard_webhook::rows::{
    Audio, Claim, Floor, Guard, Leg, LegState, LegWord, News, Office, Picture, Place, Release,
    Rendered, Rendering, Scene, Step, Work,
};
use switchboard_webhook::store::StoreError;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::referee;
use crate::tables::{Lost, Tables};

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
            status: if agent.is_some() {
                Status::Active
            } else {
                Status::Ringing
            },
            assigned_to: agent,
            last_agent: agent,
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

impl Tables for Memory {
    fn at(&mut self, now: OffsetDateTime) {
        self.now = now;
    }

    fn changed(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.changed)
    }

    fn all(&mut self) -> Vec<Call> {
        self.calls.values().cloned().collect()
    }

    fn team(&mut self) -> Vec<Member> {
        self.members
            .keys()
            .filter_map(|id| self.member(*id))
            .collect()
    }

    fn act(&mut self, me: MemberId, call: CallId, intent: Intent) -> Result<Call, Lost> {
        let before = self.calls.get(&call).ok_or(Lost)?.clone();
        let filter = match intent {
            Intent::Answer => before.status == Status::Ringing,
            Intent::Retrieve | Intent::Move { .. } => before.status == Status::Parked,
            Intent::Park { .. } | Intent::Transfer { .. } | Intent::Hold | Intent::Resume => {
                before.status == Status::Active
            }
            Intent::End => before.status != Status::Ended,
        };
        if !filter {
            return Err(Lost);
        }
        let actor = Actor::from(&self.members[&me]);
        let after = referee::by_person(&before, actor, intent, &self.rules(), self.now);
        Ok(self.write(&before, after.map_err(|_| Lost)?))
    }

    fn heartbeat(&mut self, me: MemberId) {
        self.seen.insert(me, self.now);
    }

    fn tell_device(&mut self, me: MemberId, state: &'static str) {
        self.members.get_mut(&me).unwrap().device_state = Some(state.to_owned());
    }

    fn tell_available(&mut self, me: MemberId, available: bool) {
        self.members.get_mut(&me).unwrap().is_available = available;
    }

    fn insert_or_read(&mut self, new: &NewCall) -> Result<Call, StoreError> {
        match self.call_by_sid(&new.twilio_call_sid)? {
            Some(call) => Ok(call),
            None => Ok(self.insert(new, None)),
        }
    }

    fn place(&mut self, new: &NewCall, agent: MemberId) -> Result<Call, StoreError> {
        assert_eq!(new.direction, Direction::Outbound);
        match self.call_by_sid(&new.twilio_call_sid)? {
            Some(call) => Ok(call),
            None if self.busy(agent) => Err(StoreError::Refused {
                status: reqwest::StatusCode::CONFLICT,
                code: "PT409".to_owned(),
            }),
            None => Ok(self.insert(new, Some(agent))),
        }
    }

    fn call(&mut self, id: CallId) -> Result<Option<Call>, StoreError> {
        Ok(self.calls.get(&id).cloned())
    }

    fn call_by_sid(&mut self, sid: &str) -> Result<Option<Call>, StoreError> {
        let mut calls = self.calls.values();
        Ok(calls.find(|call| call.twilio_call_sid == sid).cloned())
    }

    fn member_by_identity(&mut self, identity: &str) -> Result<Option<Member>, StoreError> {
        let member = self.members.values().find(|one| one.identity == identity);
        Ok(member.and_then(|one| self.member(one.id)))
    }

    fn change(&mut self, guard: &Guard, step: &Step) -> Result<Option<Call>, StoreError> {
        let Some(before) = self.calls.get(&guard.id).cloned() else {
            return Ok(None);
        };
        let fits = before.status == guard.status
            && before.epoch == guard.epoch
            && before.assigned_to == guard.assigned_to
            && !(guard.is_unconnected && before.connected_at.is_some());
        if !fits {
            return Ok(None);
        }
        let after = referee::by_service(&before, step, &self.rules(), self.now);
        Ok(Some(self.write(&before, after)))
    }

    fn picture(&mut self, id: CallId) -> Result<Option<Picture>, StoreError> {
        let floor = self.office();
        Ok(self.scene(id).map(|scene| Picture { scene, floor }))
    }

    fn floor(&mut self) -> Result<Floor, StoreError> {
        Ok(self.office())
    }

    fn note_render(&mut self, rendering: &Rendering) -> Result<Rendered, StoreError> {
        let now = self.now;
        let note = self.notes.entry(rendering.id).or_default();
        let audio = &mut note.audio;
        let until = rendering
            .lease_s
            .map(|s| now + time::Duration::seconds(s.into()));
        audio.lease_until = match until {
            // An agent who is dialled again has no more time for it.
            Some(until) if audio.rendered_epoch == Some(rendering.epoch) => {
                audio.lease_until.or(Some(until))
            }
            until => until,
        };
        audio.rendered_epoch = Some(rendering.epoch);
        audio.render += 1;
        audio.round = rendering.round;
        let dialled = |who: &String| {
            let leg = Leg {
                state: LegState::Dialled,
                at: now,
                sid: None,
                sequence: None,
            };
            (who.clone(), leg)
        };
        audio.legs = rendering.dialled.iter().map(dialled).collect();
        audio.attempts = 0;
        note.claimed_until = None;
        let render = audio.render;
        let mut lines = self.log.iter().rev();
        let changed = lines.find(|line| line.call == rendering.id && line.has_epoch);
        let behind = changed.map(|line| (now - line.at).whole_milliseconds());
        Ok(Rendered {
            render,
            behind_ms: behind.map(|ms| i64::try_from(ms).unwrap()),
        })
    }

    fn note_leg(&mut self, word: &LegWord) -> Result<News, StoreError> {
        let now = self.now;
        let Some(note) = self.notes.get_mut(&word.id) else {
            return Ok(News::Stale);
        };
        let audio = &mut note.audio;
        let is_current =
            audio.rendered_epoch == Some(word.place.epoch) && audio.render == word.place.render;
        let Some(leg) = audio.legs.get_mut(&word.key).filter(|_| is_current) else {
            return Ok(News::Stale);
        };
        let is_late = matches!((word.sequence, leg.sequence), (Some(new), Some(old)) if new <= old);
        if is_late || leg.state == LegState::Ended {
            return Ok(News::Old);
        }
        *leg = Leg {
            state: word.state,
            at: now,
            sid: Some(word.sid.clone()),
            sequence: word.sequence.or(leg.sequence),
        };
        Ok(News::News)
    }

    fn note_connected(&mut self, id: CallId, place: Place) -> Result<(), StoreError> {
        if let Some(note) = self.notes.get_mut(&id)
            && note.audio.rendered_epoch == Some(place.epoch)
            && note.audio.render == place.render
        {
            note.audio.lease_until = None;
        }
        Ok(())
    }

    fn note_customer(&mut self, id: CallId, sid: &str) -> Result<(), StoreError> {
        let audio = &mut self.notes.entry(id).or_default().audio;
        audio.customer_sid.get_or_insert_with(|| sid.to_owned());
        Ok(())
    }

    fn note_over(&mut self, id: CallId) -> Result<(), StoreError> {
        if let Some(call) = self
            .calls
            .get(&id)
            .filter(|call| call.status == Status::Ended)
        {
            let note = self.notes.entry(id).or_default();
            note.audio.rendered_epoch = Some(call.epoch);
            note.audio.lease_until = None;
            note.claimed_until = None;
        }
        Ok(())
    }

    fn claim_work(&mut self, worker: &str, at_most: i32, quiet_s: i32) -> Result<Work, StoreError> {
        let now = self.now;
        for call in self.calls.values().filter(|call| call.status.is_live()) {
            self.notes.entry(call.id).or_default();
        }
        let is_recent = |call: &Call| {
            let hour_ago = now - time::Duration::hours(1);
            call.ended_at.is_none_or(|at| at > hour_ago) && self.notes.contains_key(&call.id)
        };
        let mut due: Vec<_> = self
            .calls
            .values()
            .filter(|call| is_recent(call))
            .filter(|call| {
                self.notes[&call.id]
                    .claimed_until
                    .is_none_or(|until| until < now)
            })
            .filter(|call| self.may_be_due(call, quiet_s))
            .map(|call| (self.notes[&call.id].claimed_until, call.id))
            .collect();
        due.sort();
        due.truncate(usize::try_from(at_most).unwrap());
        for (_, id) in &due {
            let note = self.notes.get_mut(id).unwrap();
            worker.clone_into(&mut note.claimed_by);
            note.claimed_until = Some(now + time::Duration::seconds(CLAIM_S));
        }
        Ok(Work {
            scenes: due.iter().filter_map(|(_, id)| self.scene(*id)).collect(),
            floor: self.office(),
        })
    }

    fn release_work(
        &mut self,
        id: CallId,
        worker: &str,
        release: Release,
    ) -> Result<(), StoreError> {
        let now = self.now;
        if let Some(note) = self.notes.get_mut(&id) {
            if release.is_check {
                note.audio.checked_at = Some(now);
            }
            if note.claimed_by == worker && note.claimed_until.is_some() {
                note.claimed_until = Some(now + release.pause);
            }
            note.audio.attempts = if release.is_failure {
                (note.audio.attempts + 1).min(100)
            } else {
                0
            };
        }
        Ok(())
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
