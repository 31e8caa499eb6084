//! What Twilio knows of a call's legs.

use switchboard_model::Direction;
use switchboard_twilio::CallSid;
use switchboard_twilio::rest::{CallResource, CallsQuery, RestError};
use tokio::time::timeout;

use super::Reconciler;
use crate::rows::{Rows, Scene};
use crate::store::StoreError;
use crate::telephony::Telephony;

impl<R: Rows, T: Telephony> Reconciler<R, T> {
    /// The leg that the row is about: the caller's, or the one that an agent's browser made.
    pub(super) async fn leg_of(&self, scene: &Scene) -> Result<Option<CallSid>, StoreError> {
        let first = CallSid::parse(&scene.call.twilio_call_sid).ok();
        if scene.call.direction == Direction::Inbound {
            return Ok(first);
        }
        if let Some(known) = &scene.audio.customer_sid {
            return Ok(CallSid::parse(known).ok());
        }
        // Its callbacks were lost: the agent's leg knows whom it dialled.
        let children = match &first {
            Some(parent) => self.children(parent).await,
            None => Ok(Vec::new()),
        };
        let child = children.unwrap_or_default().into_iter().next();
        if let Some(child) = &child {
            let id = scene.call.id;
            self.service
                .rows
                .note_customer(id, child.sid.as_str())
                .await?;
        }
        Ok(child.map(|child| child.sid))
    }

    pub(super) async fn ask(&self, leg: &CallSid) -> Result<CallResource, RestError> {
        let asked = self.service.telephony.fetch(leg);
        timeout(self.service.timings.request, asked)
            .await
            .unwrap_or(Err(RestError::TimedOut))
    }

    /// The legs that this one dialled and that are not over, the newest first.
    pub(super) async fn children(&self, parent: &CallSid) -> Result<Vec<CallResource>, RestError> {
        let query = CallsQuery {
            parent_call_sid: Some(parent.clone()),
            ..CallsQuery::default()
        };
        let asked = self.service.telephony.list(&query);
        let page = timeout(self.service.timings.request, asked)
            .await
            .unwrap_or(Err(RestError::TimedOut))?;
        let living = page
            .calls
            .into_iter()
            .filter(|child| !child.status.is_final());
        Ok(living.collect())
    }
}
