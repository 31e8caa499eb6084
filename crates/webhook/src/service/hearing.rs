//! What a customer hears next: the row, who is rung, and the note of it.

use std::time::Duration;

use switchboard_model::{Call, CallId, EndReason, Member, Status};
use switchboard_twilio::{Dial, Twiml};
use tracing::info;

use super::Service;
use crate::config::Voice;
use crate::render::{Stage, hold_and_retry, render};
use crate::rows::{Guard, Picture, Rendering, Rows, Scene, Step};
use crate::store::StoreError;
use crate::telephony::Telephony;

/// How often a row may change while its answer is being made.
const MAX_LOOKS: usize = 4;

/// Who is dialled.
struct Plan {
    dialled: Vec<Member>,
    round: i32,
    lease_s: Option<i32>,
    dials_again: bool,
}

impl<R: Rows, T: Telephony> Service<R, T> {
    /// The verbs for the customer's leg, noted as what is heard. `was_in_vain`: a `<Dial>` of the same row has just
    /// ended without an answer.
    pub(super) async fn hear(&self, id: CallId, was_in_vain: bool) -> Result<Twiml, StoreError> {
        if self.voice == Voice::Off {
            let call = self.rows.call(id).await?;
            return Ok(call.map_or_else(
                || hold_and_retry(self.urls.first()),
                |call| self.hear_without_audio(&call),
            ));
        }
        for _ in 0..MAX_LOOKS {
            let Some(picture) = self.rows.picture(id).await? else {
                return Ok(hold_and_retry(self.urls.first()));
            };
            if let Some(step) = gives_up(&picture) {
                info!(call.id = %id, ?step, "nobody answers");
                self.rows
                    .change(&Guard::of(&picture.scene.call), &step)
                    .await?;
                continue;
            }
            let plan = plan(&picture, was_in_vain, self.timings.lease);
            return self.render_noted(&picture, &plan).await;
        }
        // Somebody changes it all the time; by then the row will say what to hear.
        Ok(hold_and_retry(self.urls.first()))
    }

    async fn render_noted(&self, picture: &Picture, plan: &Plan) -> Result<Twiml, StoreError> {
        let call = &picture.scene.call;
        let identities = plan.dialled.iter().map(|member| member.identity.clone());
        let rendering = Rendering {
            id: call.id,
            epoch: call.epoch,
            dialled: identities.collect(),
            round: plan.round,
            lease_s: plan.lease_s,
        };
        let noted = self.rows.note_render(&rendering).await?;
        if !picture.scene.is_rendered() && picture.scene.audio.rendered_epoch.is_some() {
            self.metrics.audio_caught_up(noted.behind_ms);
        }
        let office = &picture.floor.settings;
        let stage = Stage {
            hold_music: office.hold_music_url.as_deref(),
            greeting: &office.voicemail_greeting,
            caller_id: None,
            dials_again: plan.dials_again,
            ..self.stage(noted.render)
        };
        Ok(render(call, &plan.dialled, stage))
    }

    /// What a customer hears of a service that carries no audio: the row as it was just read.
    pub(super) fn hear_without_audio(&self, call: &Call) -> Twiml {
        self.notes.note(call.id, call.epoch);
        render(call, &[], self.stage(0))
    }

    pub(super) fn stage(&self, render: i32) -> Stage<'_> {
        Stage {
            urls: &self.urls,
            timings: &self.timings,
            render,
            hold_music: None,
            greeting: "",
            caller_id: None,
            has_audio: self.voice != Voice::Off,
            dials_again: false,
        }
    }

    /// The row as it is now.
    pub(super) async fn fresh(&self, call: &Call) -> Result<Call, StoreError> {
        Ok(self
            .rows
            .call(call.id)
            .await?
            .unwrap_or_else(|| call.clone()))
    }
}

/// What becomes of a call that nobody answers: it rang for as long as it may, or the office is closed.
fn gives_up(picture: &Picture) -> Option<Step> {
    let Picture { scene, floor } = picture;
    let call = &scene.call;
    if call.status != Status::Ringing || call.voicemail_at.is_some() {
        return None;
    }
    let ring = Duration::from_secs(floor.settings.ring_timeout_s.unsigned_abs());
    let since = scene.rung_since.unwrap_or(call.created_at);
    if floor.is_open && scene.now < since + ring {
        return None;
    }
    Some(if floor.settings.voicemail_enabled {
        Step::Record
    } else {
        Step::End(EndReason::Missed)
    })
}

fn plan(picture: &Picture, was_in_vain: bool, lease: Duration) -> Plan {
    let scene = &picture.scene;
    let nobody = |round| Plan {
        dialled: Vec::new(),
        round,
        lease_s: None,
        dials_again: false,
    };
    match scene.call.status {
        Status::Ringing if scene.call.voicemail_at.is_none() => {
            let is_again = was_in_vain && scene.is_rendered();
            let round = if is_again {
                scene.audio.round
            } else {
                next_round(scene)
            };
            let dialled = who_rings(&picture.floor.ringable, scene, round);
            Plan {
                // A browser that has just gone away lets a `<Dial>` fail at once: without a pause that would go round
                // in circles, several times a second.
                dials_again: is_again && !dialled.is_empty(),
                dialled,
                ..nobody(round)
            }
        }
        Status::Active if !scene.call.on_hold => {
            let dials_again = was_in_vain && scene.audio.lease_until.is_some();
            let agent = scene.agent.iter().filter(|_| !dials_again);
            Plan {
                dialled: agent.cloned().collect(),
                lease_s: i32::try_from(lease.as_secs()).ok(),
                dials_again,
                ..nobody(0)
            }
        }
        Status::Ringing | Status::Active | Status::Parked | Status::Ended => nobody(0),
    }
}

/// The next ten, once these have been rung; from the start for every new epoch.
fn next_round(scene: &Scene) -> i32 {
    match (scene.is_rendered(), scene.audio.legs.is_empty()) {
        (false, _) => 0,
        (true, true) => scene.audio.round,
        (true, false) => scene.audio.round.saturating_add(1),
    }
}

/// At most ten of those who can be rung, in turn. Whoever parked the call for too long is alone in the first round.
fn who_rings(ringable: &[Member], scene: &Scene, round: i32) -> Vec<Member> {
    let first = ringable
        .iter()
        .find(|member| scene.rings_first == Some(member.id));
    if let (Some(first), 0) = (first, round) {
        return vec![first.clone()];
    }
    let rounds = ringable.len().div_ceil(Dial::MAX_CLIENTS).max(1);
    let round = usize::try_from(round).unwrap_or_default() - usize::from(first.is_some());
    let members = ringable.iter().skip(round % rounds * Dial::MAX_CLIENTS);
    members.take(Dial::MAX_CLIENTS).cloned().collect()
}
