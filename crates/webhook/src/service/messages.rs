//! Messages that callers leave.

use switchboard_model::{EndReason, Status};
use switchboard_twilio::{CallStatus, RecordResult, RecordingCallback, RecordingStatus, Twiml};
use tracing::{info, warn};

use super::{Reply, Service};
use crate::endings::MAX_LOOKS;
use crate::render::go_to;
use crate::rows::{Guard, Rows, Step};
use crate::store::StoreError;
use crate::telephony::Telephony;
use crate::urls::About;

/// Shorter than this is a breath, not a message.
const SHORTEST_S: u32 = 2;

impl<R: Rows, T: Telephony> Service<R, T> {
    /// A `<Record>` is over and the caller is still there.
    pub async fn recorded(&self, result: &RecordResult, about: About) -> Result<Twiml, StoreError> {
        let Some(id) = about.call else {
            return Ok(go_to(self.urls.first()));
        };
        let Some(call) = self.rows.call(id).await? else {
            return Ok(go_to(self.urls.first()));
        };
        if result.status.is_some_and(CallStatus::is_final) {
            return Ok(Twiml::empty());
        }
        // Somebody took the call, or an older request comes late: the row says what comes next.
        if call.voicemail_at.is_none() || about.epoch != Some(call.epoch) {
            return Ok(go_to(self.urls.voice(&call)));
        }
        let seconds = result.duration_s.unwrap_or_default();
        let is_message = result.recording_sid.is_some() && seconds >= SHORTEST_S;
        let reason = if is_message {
            EndReason::Voicemail
        } else {
            EndReason::Missed
        };
        info!(call.id = %id, ?reason, "a message is over");
        if let Some(sid) = &result.recording_sid {
            self.rows
                .change(&Guard::of(&call), &keep(sid.as_str(), seconds))
                .await?;
        }
        self.rows
            .change(&Guard::of(&call), &Step::End(reason))
            .await?;
        self.hear(id, false).await
    }

    /// A message can be heard, maybe after the caller hung up, maybe after somebody took the call.
    pub async fn recording(&self, callback: &RecordingCallback, about: About) -> Reply {
        if callback.status != RecordingStatus::Completed {
            return Reply::Done;
        }
        match self.keep_recording(callback, about).await {
            Ok(()) => Reply::Done,
            Err(error) => {
                warn!(%error, "a message waits for the database");
                Reply::Later
            }
        }
    }

    async fn keep_recording(
        &self,
        callback: &RecordingCallback,
        about: About,
    ) -> Result<(), StoreError> {
        let seconds = callback.duration_s.unwrap_or_default();
        let step = keep(callback.recording_sid.as_str(), seconds);
        let mut call = match about.call {
            Some(id) => self.rows.call(id).await?,
            None => self.rows.call_by_sid(callback.call_sid.as_str()).await?,
        };
        for _ in 0..MAX_LOOKS {
            let Some(before) = call else {
                return Ok(());
            };
            let Some(kept) = self.rows.change(&Guard::of(&before), &step).await? else {
                call = self.rows.call(before.id).await?;
                continue;
            };
            let was_missed = kept.status == Status::Ended
                && kept.answered_at.is_none()
                && matches!(
                    kept.end_reason,
                    Some(EndReason::Missed | EndReason::Abandoned)
                );
            if was_missed && seconds >= SHORTEST_S {
                let voicemail = Step::End(EndReason::Voicemail);
                self.rows.change(&Guard::of(&kept), &voicemail).await?;
            }
            return Ok(());
        }
        Err(StoreError::Vanished)
    }
}

fn keep(sid: &str, seconds: u32) -> Step {
    Step::Keep {
        sid: sid.to_owned(),
        seconds: i32::try_from(seconds).unwrap_or(i32::MAX).min(86_400),
    }
}
