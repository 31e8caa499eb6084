//! What legs tell of themselves.

use switchboard_model::{CallId, Direction, Status};
use switchboard_twilio::{CallStatus, StatusCallback};
use tracing::{debug, info, warn};

use super::{Reply, Service};
use crate::endings::{MAX_LOOKS, end_row};
use crate::rows::{Guard, LegState, LegWord, News, Place, Rows, Step, TELEPHONE};
use crate::store::StoreError;
use crate::telephony::Telephony;
use crate::urls::About;

impl<R: Rows, T: Telephony> Service<R, T> {
    /// A leg that a `<Dial>` made has changed its state.
    pub async fn leg(&self, callback: &StatusCallback, about: About) -> Reply {
        debug!(call.status = ?callback.status, sequence = callback.sequence_number, "a dialled leg goes on");
        let Some(id) = about.call else {
            return Reply::Done;
        };
        match self.hear_of_leg(callback, id, about).await {
            Ok(()) => Reply::Done,
            Err(error) => {
                warn!(%error, "a leg's word waits for the next look");
                Reply::Later
            }
        }
    }

    async fn hear_of_leg(
        &self,
        callback: &StatusCallback,
        id: CallId,
        about: About,
    ) -> Result<(), StoreError> {
        let client = callback.to.client();
        let sid = callback.call_sid.as_str();
        if client.is_none() {
            self.rows.note_customer(id, sid).await?;
            if callback.status.is_final() {
                return self.customer_is_gone(id, callback.status).await;
            }
        }
        let Some(place) = about.place() else {
            return Ok(());
        };
        let word = LegWord {
            id,
            place,
            key: client.map_or_else(|| TELEPHONE.to_owned(), |client| client.to_string()),
            sid: sid.to_owned(),
            state: state(callback.status),
            sequence: callback.sequence_number.and_then(|n| i32::try_from(n).ok()),
        };
        let news = self.rows.note_leg(&word).await?;
        // Somebody who talks is told of once, at whatever place among the leg's other words, and a service that died
        // in the middle of it is told again: that it was heard of already does not say that it was written.
        let is_still = news == News::Old && word.state == LegState::Answered;
        if news != News::News && !is_still {
            return Ok(());
        }
        match word.state {
            LegState::Answered => self.connect(id, place, &word.key).await.map(drop),
            LegState::Ended => {
                self.hint.notify_one();
                Ok(())
            }
            LegState::Dialled | LegState::Initiated | LegState::Ringing => Ok(()),
        }
    }

    /// The leg of `key` has audio. If it is the one whose call it is, the row says so; if not, the audio must change.
    pub(crate) async fn connect(
        &self,
        id: CallId,
        place: Place,
        key: &str,
    ) -> Result<bool, StoreError> {
        let Some(picture) = self.rows.picture(id).await? else {
            return Ok(false);
        };
        let scene = &picture.scene;
        let call = &scene.call;
        let is_theirs = call.status == Status::Active
            && !call.on_hold
            && call.epoch == place.epoch
            && scene.awaited() == Some(key);
        if !is_theirs {
            self.hint.notify_one();
            return Ok(false);
        }
        // A word of an older `<Dial>`, or of a leg that has already hung up, connects nobody.
        if scene.place() != Some(place) || scene.is_over(key) {
            return Ok(false);
        }
        let Some(connected) = self.rows.change(&Guard::of(call), &Step::Connect).await? else {
            return Ok(false);
        };
        self.rows.note_connected(id, place).await?;
        info!(call.id = %id, "connected");
        if let (None, Some(claimed), Some(now)) =
            (call.connected_at, scene.claimed_at, connected.connected_at)
            && call.direction == Direction::Inbound
        {
            self.metrics.connected_after(now - claimed);
        }
        Ok(true)
    }

    /// The telephone of somebody whom an agent called is put down, in whatever `<Dial>` it was last.
    async fn customer_is_gone(&self, id: CallId, status: CallStatus) -> Result<(), StoreError> {
        for _ in 0..MAX_LOOKS {
            let Some(call) = self.rows.call(id).await? else {
                return Ok(());
            };
            if call.direction == Direction::Inbound || end_row(&self.rows, &call, status).await? {
                return Ok(());
            }
        }
        Err(StoreError::Vanished)
    }
}

fn state(status: CallStatus) -> LegState {
    match status {
        CallStatus::Queued | CallStatus::Initiated => LegState::Initiated,
        CallStatus::Ringing => LegState::Ringing,
        CallStatus::InProgress => LegState::Answered,
        CallStatus::Completed
        | CallStatus::Busy
        | CallStatus::NoAnswer
        | CallStatus::Canceled
        | CallStatus::Failed => LegState::Ended,
    }
}
