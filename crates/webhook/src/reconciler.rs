//! Makes the audio follow the rows: looks for calls of which something is due, and does it.
//!
//! Each call is taken by a note in the database for a few seconds, so that several processes share the work and one
//! that dies loses nothing. One request to Twilio is in flight for a call; whatever changes meanwhile is seen by the
//! next look, because a redirected leg asks what its row says *then*.

mod legs;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use switchboard_model::{Call, EndReason, ParkReason};
use switchboard_twilio::rest::{Advice, CallResource, CallUpdate, RestError};
use switchboard_twilio::{CallSid, CallStatus};
use tokio::time::{Instant, timeout};
use tracing::{Instrument as _, error, info, info_span, warn};

use crate::due::{Due, due, is_too_late};
use crate::rows::{
    Claim, Floor, Guard, LegState, LegWord, Release, Rows, Scene, Step, TELEPHONE, Work,
};
use crate::service::Service;
use crate::store::StoreError;
use crate::telephony::Telephony;

/// How many calls are taken by one look. More wait for the next; the database gives no more at once either.
const AT_MOST: i32 = 500;

/// Looks after the audio of all calls.
#[derive(Clone)]
pub struct Reconciler<R, T> {
    service: Service<R, T>,
    /// This process, among others on the same database.
    worker: String,
}

/// What came of the work on one call.
enum Outcome {
    /// Nobody has to look for so long.
    Rest(Duration),
    /// Twilio was asked how the leg is, and it lives.
    Checked,
    /// Twilio failed.
    Failed(RestError),
    /// The leg is there but cannot be changed yet.
    Unanswered,
}

/// Nothing more is due, as far as is known.
const DONE: Outcome = Outcome::Rest(Duration::ZERO);

impl<R: Rows, T: Telephony> Reconciler<R, T> {
    /// One of possibly several; `worker` is its name, which no other has.
    pub fn new(service: Service<R, T>, worker: impl Into<String>) -> Self {
        Self {
            service,
            worker: worker.into(),
        }
    }

    /// Works for as long as it is polled: at first asks after every call, then looks every 2 s and at each hint. A call
    /// for which Twilio takes its time keeps no other waiting.
    pub async fn run(&self) {
        let mut first_look = None;
        let mut in_flight = FuturesUnordered::new();
        loop {
            let quiet =
                first_look.map_or(Duration::ZERO, |at: Instant| self.quiet_after(at.elapsed()));
            match self.take(quiet).await {
                Ok(taken) => {
                    let floor = Arc::new(taken.floor);
                    for scene in taken.scenes {
                        in_flight.push(self.attend(scene, floor.clone(), quiet));
                    }
                    first_look = first_look.or_else(|| Some(Instant::now()));
                }
                Err(error) => warn!(%error, "cannot look for work on the audio"),
            }
            // A hint and the end of the wait mean the same: look.
            let look = timeout(self.service.timings.poll, self.service.hint.notified());
            tokio::pin!(look);
            loop {
                tokio::select! {
                    // In this order, never by chance: a simulation runs the same way each time.
                    biased;
                    _ = &mut look => break,
                    Some(()) = in_flight.next() => {}
                }
            }
        }
    }

    /// One look at all calls, and everything that is due. Returns how many were taken. `quiet`: see [`due`].
    pub async fn pass(&self, quiet: Duration) -> Result<usize, StoreError> {
        let work = self.take(quiet).await?;
        let taken = work.scenes.len();
        let floor = Arc::new(work.floor);
        futures::stream::iter(work.scenes)
            .for_each_concurrent(None, |scene| self.attend(scene, floor.clone(), quiet))
            .await;
        Ok(taken)
    }

    /// How long a call may be quiet so long after the first look: not since before it. What a process that died still
    /// held then is asked after as soon as it comes free.
    fn quiet_after(&self, span: Duration) -> Duration {
        let quiet_s = self.service.timings.quiet.as_secs().max(1);
        Duration::from_secs(span.as_secs().clamp(1, quiet_s))
    }

    async fn take(&self, quiet: Duration) -> Result<Work, StoreError> {
        let quiet_s = i32::try_from(quiet.as_secs()).unwrap_or(i32::MAX);
        let rows = &self.service.rows;
        rows.claim_work(&self.worker, AT_MOST, quiet_s).await
    }

    async fn attend(&self, scene: Scene, floor: Arc<Floor>, quiet: Duration) {
        let span = info_span!("audio", call.sid = %scene.call.twilio_call_sid);
        self.attend_within(&scene, &floor, quiet)
            .instrument(span)
            .await;
    }

    async fn attend_within(&self, scene: &Scene, floor: &Floor, quiet: Duration) {
        let timings = &self.service.timings;
        let due = due(scene, floor, timings, quiet);
        let outcome = match due {
            // Whoever is slower than this would find that somebody else has taken the call.
            Some(due) => timeout(timings.piece, self.work(due, scene))
                .await
                .unwrap_or(Ok(Outcome::Failed(RestError::TimedOut))),
            None => Ok(DONE),
        };
        let release = match outcome {
            Ok(outcome) => self.release(outcome, scene),
            Err(error) => {
                warn!(%error, ?due, "the audio waits for the database");
                return;
            }
        };
        let rows = &self.service.rows;
        if let Err(error) = rows
            .release_work(scene.call.id, &self.worker, release)
            .await
        {
            // It comes free by itself.
            warn!(%error, "cannot give a call back");
        }
    }

    fn release(&self, outcome: Outcome, scene: &Scene) -> Release {
        let timings = &self.service.timings;
        match outcome {
            Outcome::Rest(pause) => Release {
                pause,
                ..Release::default()
            },
            Outcome::Checked => Release {
                is_check: true,
                ..Release::default()
            },
            Outcome::Unanswered => Release {
                pause: timings.unanswered,
                is_failure: true,
                is_check: true,
            },
            Outcome::Failed(error) => {
                let is_final = matches!(error.advice(), Advice::GiveUp);
                if is_final {
                    error!(%error, "Twilio refuses; compare the account and its keys with the console");
                } else {
                    warn!(%error, attempts = scene.audio.attempts, "Twilio is asked again later");
                }
                let wished = match error.advice() {
                    Advice::Retry(after) => after.unwrap_or_default(),
                    Advice::GiveUp => timings.give_up,
                    Advice::Gone | Advice::NotInProgress => Duration::ZERO,
                };
                let doublings = scene.audio.attempts.clamp(0, 10).unsigned_abs();
                let pause = timings.give_up.min(timings.back_off * 2_u32.pow(doublings));
                Release {
                    pause: pause.max(wished),
                    is_failure: true,
                    is_check: false,
                }
            }
        }
    }

    async fn work(&self, due: Due, scene: &Scene) -> Result<Outcome, StoreError> {
        let call = &scene.call;
        let Some(leg) = self.leg_of(scene).await? else {
            return self.without_leg(due, scene).await;
        };
        info!(
            ?due,
            call.status = call.status.as_str(),
            epoch = call.epoch,
            "audio work"
        );
        match due {
            Due::Render => {
                let url = self.service.urls.voice(call);
                self.update(scene, &leg, &CallUpdate::Url(url)).await
            }
            Due::HangUp => self.update(scene, &leg, &CallUpdate::Complete).await,
            Due::Lease | Due::Untold => self.lease(due, scene, &leg).await,
            Due::Drop => match self.ask(&leg).await {
                Ok(is) if is.status.is_final() => self.over(call).await,
                Ok(_) => {
                    let step = Step::Park(ParkReason::AgentDropped);
                    self.service.step(&Guard::of(call), &step).await?;
                    Ok(Outcome::Checked)
                }
                Err(error) => self.failed(call, &leg, error).await,
            },
            Due::Requeue => {
                self.service.step(&Guard::of(call), &Step::Requeue).await?;
                Ok(DONE)
            }
            Due::Check => match self.ask(&leg).await {
                Ok(is) if is.status.is_final() => self.over(call).await,
                Ok(_) => Ok(Outcome::Checked),
                Err(error) => self.failed(call, &leg, error).await,
            },
        }
    }

    /// There is no leg to work on: a call out whose telephone was never rung. The agent's own leg is all there is.
    async fn without_leg(&self, due: Due, scene: &Scene) -> Result<Outcome, StoreError> {
        let call = &scene.call;
        let Ok(leg) = CallSid::parse(&call.twilio_call_sid) else {
            return Ok(Outcome::Checked);
        };
        match (due, self.ask(&leg).await) {
            (Due::HangUp, Ok(is)) if !is.status.is_final() => {
                self.update(scene, &leg, &CallUpdate::Complete).await
            }
            (_, Ok(is)) if is.status.is_final() => self.over(call).await,
            (_, Ok(_)) => Ok(Outcome::Unanswered),
            (_, Err(error)) => self.failed(call, &leg, error).await,
        }
    }

    /// The time of a claim is over, or its answer was not told. Twilio knows whether there is audio.
    async fn lease(&self, due: Due, scene: &Scene, leg: &CallSid) -> Result<Outcome, StoreError> {
        let call = &scene.call;
        let (Some(place), Some(awaited)) = (scene.place(), scene.awaited()) else {
            return Ok(DONE);
        };
        let parent = match CallSid::parse(&call.twilio_call_sid) {
            Ok(agent) if scene.is_carried_by_agent() => agent,
            _ => leg.clone(),
        };
        let children = match self.children(&parent).await {
            Ok(children) => children,
            Err(error) => return self.failed(call, leg, error).await,
        };
        let is_awaited = |child: &&CallResource| match child.to.client() {
            Some(client) => client.as_str() == awaited,
            None => awaited == TELEPHONE,
        };
        let talking = children
            .iter()
            .filter(|child| child.status == CallStatus::InProgress)
            .find(is_awaited);
        if let Some(child) = talking {
            let word = LegWord {
                id: call.id,
                place,
                key: awaited.to_owned(),
                sid: child.sid.to_string(),
                state: LegState::Answered,
                sequence: None,
            };
            self.service.rows.note_leg(&word).await?;
            self.service.connect(call.id, place, awaited).await?;
            return Ok(DONE);
        }
        // Of two dials one after the other the first may be said to talk when it is already over.
        if due == Due::Untold || !is_too_late(scene, &self.service.timings) {
            return Ok(Outcome::Checked);
        }
        let Some(step) = give_back(scene) else {
            return self.over(call).await;
        };
        info!(?step, "the agent got no audio in time");
        self.service.step(&Guard::unconnected(call), &step).await?;
        Ok(DONE)
    }

    async fn update(
        &self,
        scene: &Scene,
        leg: &CallSid,
        update: &CallUpdate,
    ) -> Result<Outcome, StoreError> {
        let call = &scene.call;
        let asked = self.service.telephony.update(leg, update);
        let answer = timeout(self.service.timings.request, asked)
            .await
            .unwrap_or(Err(RestError::TimedOut));
        self.service.metrics.asked(&answer);
        match answer {
            // Also of a leg that was hung up: that it is over is told by its callback or by the next try.
            Ok(_) => Ok(Outcome::Rest(self.service.timings.settle)),
            Err(error) => self.failed(call, leg, error).await,
        }
    }

    async fn failed(
        &self,
        call: &Call,
        leg: &CallSid,
        error: RestError,
    ) -> Result<Outcome, StoreError> {
        match error.advice() {
            Advice::Gone => self.over(call).await,
            Advice::NotInProgress => match self.ask(leg).await {
                Ok(is) if is.status.is_final() => self.over(call).await,
                Err(error) if matches!(error.advice(), Advice::Gone) => self.over(call).await,
                Ok(_) => Ok(Outcome::Unanswered),
                Err(error) => Ok(Outcome::Failed(error)),
            },
            Advice::Retry(_) | Advice::GiveUp => Ok(Outcome::Failed(error)),
        }
    }

    /// The leg is over, and nobody told us.
    async fn over(&self, call: &Call) -> Result<Outcome, StoreError> {
        let rows = &self.service.rows;
        if call.status == switchboard_model::Status::Ended {
            rows.note_over(call.id).await?;
        } else if rows
            .change(&Guard::of(call), &Step::End(EndReason::Reconciled))
            .await?
            .is_some()
        {
            info!("a call is over, and nobody had said so");
            rows.note_over(call.id).await?;
        }
        Ok(DONE)
    }
}

/// Where a call goes back to whose agent got no audio; `None` if it has never been anywhere else.
fn give_back(scene: &Scene) -> Option<Step> {
    match scene.claimed_by? {
        Claim::Created => None,
        Claim::Answered => Some(Step::Requeue),
        Claim::Retrieved => Some(Step::Park(ParkReason::Unreachable)),
        Claim::Transferred => Some(Step::Park(ParkReason::TransferFailed)),
        Claim::Resumed => Some(Step::Park(ParkReason::AgentDropped)),
    }
}
