//! What is asked of the database in memory, as the functions of the migrations answer it.

use switchboard_model::{
    Actor, Call, CallId, Direction, Intent, Member, MemberId, NewCall, Status,
};
use switchboard_webhook::rows::{
    Floor, Guard, Leg, LegState, LegWord, News, Picture, Place, Release, Rendered, Rendering, Step,
    Work,
};
use switchboard_webhook::store::StoreError;
use time::OffsetDateTime;

use super::{CLAIM_S, Memory};
use crate::referee;
use crate::tables::{Lost, Tables};

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
