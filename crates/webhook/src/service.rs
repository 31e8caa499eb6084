//! What Twilio's requests mean: the service without HTTP, sockets and clocks of its own.
//!
//! Generic over [`Rows`] and [`Telephony`], so that a test can run it with rows in memory and a simulated Twilio, on one
//! thread and with paused time: see [`Service::answer`].

mod hearing;
mod legs;
mod messages;
mod outbound;

use std::sync::Arc;

use switchboard_model::{Call, Direction, ParkReason, Status};
use switchboard_twilio::{
    CallStatus, Callback, DialResult, Form, MalformedCallback, RecordResult, RecordingCallback,
    StatusCallback, Twiml, VoiceRequest,
};
use tokio::sync::Notify;
use tracing::{debug, info, warn};

use crate::config::Voice;
use crate::endings::{Ending, Endings};
use crate::metrics::Metrics;
use crate::render::{go_to, hold_and_retry};
use crate::rendered::Notes;
use crate::rows::{Guard, LegState, Rows, Scene, Step};
use crate::store::StoreError;
use crate::telephony::Telephony;
use crate::timings::Timings;
use crate::urls::{About, Urls, with_query};

/// The service between Twilio and the rows. Cloning shares it.
#[derive(Clone)]
pub struct Service<R, T> {
    /// The rows.
    pub rows: R,
    /// Twilio.
    pub telephony: T,
    /// Our own addresses.
    pub urls: Urls,
    /// Who carries the agents' audio.
    pub voice: Voice,
    /// How long everything may take.
    pub timings: Timings,
    /// As whom we call out unless the office says otherwise.
    pub caller_id: Option<String>,
    /// Ends of calls that could not be written yet.
    pub endings: Endings<R>,
    /// What callers hear, while nobody carries audio.
    pub notes: Notes<R>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Somebody should look for work.
    pub hint: Arc<Notify>,
}

/// An answer to Twilio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Verbs.
    Twiml(Twiml),
    /// Understood.
    Done,
    /// Not written: ask again later.
    Later,
    /// There is no such address.
    Unknown,
}

impl<R: Rows, T: Telephony> Service<R, T> {
    /// A service that knows nothing yet.
    pub fn new(rows: R, telephony: T, urls: Urls, voice: Voice) -> Self {
        Self {
            endings: Endings::new(rows.clone()),
            notes: Notes::new(rows.clone()),
            rows,
            telephony,
            urls,
            voice,
            timings: Timings::default(),
            caller_id: None,
            metrics: Arc::default(),
            hint: Arc::default(),
        }
    }

    /// Answers one of Twilio's requests by its path and query and its form: all endpoints without HTTP. The signature
    /// is taken for checked.
    pub async fn answer(
        &self,
        path_and_query: &str,
        form: &Form,
    ) -> Result<Reply, MalformedCallback> {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let about = About::of_query(query);
        let again = || self.urls.again(path_and_query);
        Ok(match path {
            "/twilio/voice" => Reply::Twiml(
                self.or_hold(again(), self.voice(&VoiceRequest::parse(form)?, about))
                    .await,
            ),
            "/twilio/dial" => Reply::Twiml({
                let result = DialResult::parse(&with_query(form, query))?;
                let again = self.urls.dial_again(about, &result);
                self.or_hold(again, self.dial(&result, about)).await
            }),
            "/twilio/recorded" => Reply::Twiml(
                self.or_hold(again(), self.recorded(&RecordResult::parse(form)?, about))
                    .await,
            ),
            "/twilio/fallback" => Reply::Twiml(self.fallback(&VoiceRequest::parse(form)?)),
            "/twilio/leg" => self.leg(&StatusCallback::parse(form)?, about).await,
            "/twilio/status" => self.status(StatusCallback::parse(form)?).await,
            "/twilio/recording" => {
                self.recording(&RecordingCallback::parse(form)?, about)
                    .await
            }
            _ => Reply::Unknown,
        })
    }

    /// A call asks what to do, at its beginning and whenever a loop or a redirect comes round.
    pub async fn voice(&self, request: &VoiceRequest, about: About) -> Result<Twiml, StoreError> {
        let known = match about.call {
            Some(id) => self.rows.call(id).await?,
            None => None,
        };
        let call = match known {
            Some(call) => call,
            None => match self.meet(request).await? {
                outbound::Met::Call(call) => *call,
                outbound::Met::Nobody(twiml) => return Ok(twiml),
            },
        };
        let is_agents_leg = call.direction == Direction::Outbound
            && request.parent_call_sid.is_none()
            && call.twilio_call_sid == request.call_sid.as_str();
        if is_agents_leg {
            return self.agent_calls_out(&call).await;
        }
        if self.voice == Voice::Off {
            // The row is as old as this request; to read it again would take as long as to write it.
            return Ok(self.hear_without_audio(&call));
        }
        self.hear(call.id, false).await
    }

    /// A `<Dial>` is over. What comes next is in the row; only the end of the one that runs can change it.
    pub async fn dial(&self, result: &DialResult, about: About) -> Result<Twiml, StoreError> {
        info!(dial.status = ?result.dial_status, "a dial is over");
        let id = match about.call {
            Some(id) => Some(id),
            None => {
                let call = self.rows.call_by_sid(result.call_sid.as_str()).await?;
                call.map(|call| call.id)
            }
        };
        let picture = match id {
            Some(id) => self.rows.picture(id).await?,
            None => None,
        };
        let Some(picture) = picture else {
            return Ok(hold_and_retry(self.urls.first()));
        };
        let call = &picture.scene.call;
        let is_agents_leg = call.direction == Direction::Outbound
            && call.twilio_call_sid == result.call_sid.as_str();
        if self.voice == Voice::Off {
            return Ok(self.hear_without_audio(call));
        }
        if is_agents_leg {
            return self.call_out_is_over(call, result).await;
        }
        // The caller hung up: that is told to the status URL, and this answer is thrown away.
        if result.status.is_some_and(CallStatus::is_final) {
            return Ok(Twiml::empty());
        }
        let is_current = about.place().is_some() && about.place() == picture.scene.place();
        if !is_current || !picture.scene.is_rendered() {
            // Redirected away, or answered before: if anybody listens at all, the row says what comes next.
            return Ok(go_to(self.urls.voice(call)));
        }
        if call.status != Status::Active || call.on_hold {
            let is_in_vain = call.status == Status::Ringing && nobody_rang(&picture.scene);
            return self.hear(call.id, is_in_vain).await;
        }
        let was_connected = result.dial_status == CallStatus::Completed
            || result.is_bridged == Some(true)
            || call.connected_at.is_some() && picture.scene.audio.lease_until.is_none();
        if was_connected {
            info!(call.id = %call.id, "the agent's line is lost");
            self.step(&Guard::of(call), &Step::Park(ParkReason::AgentDropped))
                .await?;
        }
        self.hear(call.id, !was_connected).await
    }

    /// The leg of somebody who called us is over, or goes on. 204 when its end is written; otherwise Twilio may ask
    /// again, and this process tries by itself in any case.
    pub async fn status(&self, callback: StatusCallback) -> Reply {
        if !callback.status.is_final() {
            debug!(call.status = ?callback.status, "a leg goes on");
            return Reply::Done;
        }
        info!(call.status = ?callback.status, sequence = callback.sequence_number, "a leg is over");
        match self.endings.end(callback).await {
            Ending::Written => Reply::Done,
            Ending::Waiting => Reply::Later,
        }
    }

    /// Twilio could not reach us or did not like the answer. Start over, calmly.
    pub fn fallback(&self, request: &VoiceRequest) -> Twiml {
        warn!(
            error.code = request.error_code,
            "Twilio asks for the fallback"
        );
        hold_and_retry(self.urls.first())
    }

    /// The answer, or a few seconds of waiting and then the same request again: while the database is away the caller
    /// stays, and when it is back the call becomes a row.
    pub async fn or_hold(
        &self,
        again: String,
        next: impl Future<Output = Result<Twiml, StoreError>>,
    ) -> Twiml {
        match tokio::time::timeout(DEADLINE, next).await {
            Ok(Ok(twiml)) => twiml,
            Ok(Err(error)) => {
                warn!(%error, "the caller waits for the database");
                hold_and_retry(again)
            }
            Err(_) => {
                warn!("the caller waits for the database, which did not answer in time");
                hold_and_retry(again)
            }
        }
    }

    /// Changes a row and lets the reconciler look after what follows.
    pub(crate) async fn step(
        &self,
        guard: &Guard,
        step: &Step,
    ) -> Result<Option<Call>, StoreError> {
        let changed = self.rows.change(guard, step).await?;
        if changed.is_some() {
            self.hint.notify_one();
        }
        Ok(changed)
    }
}

/// A caller does not wait longer than this for the database. Twilio itself gives up after 15 s.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(3);

/// Whether no leg of the `<Dial>` has come as far as ringing, as when every browser is gone. A leg's own callbacks count
/// from `initiated`, so one whose end is its third has rung.
fn nobody_rang(scene: &Scene) -> bool {
    !scene.audio.legs.values().any(|leg| match leg.state {
        LegState::Ringing | LegState::Answered => true,
        LegState::Ended => leg.sequence.is_some_and(|sequence| sequence >= 2),
        LegState::Dialled | LegState::Initiated => false,
    })
}
