//! Agents call out. The browser's leg is the parent, the customer's the child, until the customer is taken out of the
//! agent's hands for the first time.

use switchboard_model::{Address, Call, Direction, EndReason, NewCall, PhoneNumber, Status};
use switchboard_twilio::{CallStatus, DialResult, Identity, Twiml, Verb, VoiceRequest};
use tracing::info;

use super::Service;
use crate::config::Voice;
use crate::endings::reason;
use crate::new_call;
use crate::render::{Stage, call_out, refuse};
use crate::rows::{Floor, Guard, Rendering, Rows, Step, TELEPHONE};
use crate::store::StoreError;
use crate::telephony::Telephony;

/// Who is at the other end of a leg that nothing is known of yet.
pub(super) enum Met {
    /// A call.
    Call(Box<Call>),
    /// Nobody for whom there is a call; these verbs say why.
    Nobody(Twiml),
}

impl<R: Rows, T: Telephony> Service<R, T> {
    /// The call of a leg whose URL names none: a new caller, an agent who calls out, or a customer whom an agent
    /// called and whose leg fell back to the first URL.
    pub(super) async fn meet(&self, request: &VoiceRequest) -> Result<Met, StoreError> {
        if let Some(parent) = &request.parent_call_sid {
            let call = self.rows.call_by_sid(parent.as_str()).await?;
            return Ok(call.map_or_else(
                || Met::Nobody(Twiml::new([Verb::Hangup])),
                |call| Met::Call(Box::new(call)),
            ));
        }
        if let (Some(identity), true) = (request.from.client(), self.voice != Voice::Off) {
            return self.place(request, &identity).await;
        }
        let call = self
            .rows
            .insert_or_read(&new_call::from_request(request))
            .await?;
        Ok(Met::Call(Box::new(call)))
    }

    async fn place(&self, request: &VoiceRequest, identity: &Identity) -> Result<Met, StoreError> {
        let sid = request.call_sid.as_str();
        if let Some(call) = self.rows.call_by_sid(sid).await? {
            return Ok(Met::Call(Box::new(call)));
        }
        let nobody = |sentence| Ok(Met::Nobody(refuse(sentence)));
        let Some(agent) = self.rows.member_by_identity(identity.as_str()).await? else {
            return nobody("You are not on the team.");
        };
        let floor = self.rows.floor().await?;
        let number = [request.to.as_str()]
            .into_iter()
            .chain(request.parameters.get("number"))
            .find_map(|text| PhoneNumber::parse(text).ok());
        let Some(number) = number else {
            return nobody("This is not a telephone number with its country code.");
        };
        if !is_allowed(&number, &floor) {
            return nobody("Calls to this number are not allowed.");
        }
        let Some(caller_id) = self.caller_id_of(&floor) else {
            return nobody("There is no number to call from. A supervisor can set it.");
        };
        let call = NewCall {
            twilio_call_sid: sid.to_owned(),
            direction: Direction::Outbound,
            from_number: Address::parse(&caller_id),
            to_number: Address::Number(number),
            caller_name: None,
        };
        match self.rows.place(&call, agent.id).await {
            Ok(call) => Ok(Met::Call(Box::new(call))),
            // The same request twice: the first one has made the agent busy.
            Err(error) if error.is_final() => match self.rows.call_by_sid(sid).await? {
                Some(call) => Ok(Met::Call(Box::new(call))),
                None => nobody("You are on another call."),
            },
            Err(error) => Err(error),
        }
    }

    fn caller_id_of(&self, floor: &Floor) -> Option<String> {
        let set = floor.settings.caller_id.clone();
        set.or_else(|| self.caller_id.clone())
    }

    /// The leg of the agent asks what to do. Only at first is there something for it: afterwards the customer's own leg
    /// is what the row is about.
    pub(super) async fn agent_calls_out(&self, call: &Call) -> Result<Twiml, StoreError> {
        let call = self.fresh(call).await?;
        if call.status != Status::Active || call.epoch > 0 {
            return Ok(Twiml::new([Verb::Hangup]));
        }
        let rendering = Rendering {
            id: call.id,
            epoch: call.epoch,
            dialled: vec![TELEPHONE.to_owned()],
            round: 0,
            lease_s: i32::try_from(self.timings.call_out.as_secs()).ok(),
        };
        let noted = self.rows.note_render(&rendering).await?;
        let caller_id = call.from_number.as_stored();
        let stage = Stage {
            caller_id: Some(&caller_id),
            ..self.stage(noted.render)
        };
        Ok(call_out(&call, stage))
    }

    /// The `<Dial>` on the agent's leg is over. If the row is still as that leg made it, the call is over; if not, the
    /// customer was taken elsewhere, and this leg has nothing more to do.
    pub(super) async fn call_out_is_over(
        &self,
        call: &Call,
        result: &DialResult,
    ) -> Result<Twiml, StoreError> {
        let sentence = match result.dial_status {
            CallStatus::Busy => Some("The number is busy."),
            CallStatus::NoAnswer => Some("Nobody answers."),
            CallStatus::Failed => Some("The number cannot be reached."),
            _ => None,
        };
        if call.status == Status::Active && call.epoch == 0 {
            let reason = if result.is_bridged == Some(true) {
                EndReason::Completed
            } else {
                reason(call, result.dial_status)
            };
            info!(call.id = %call.id, ?reason, "a call out is over");
            if self
                .rows
                .change(&Guard::of(call), &Step::End(reason))
                .await?
                .is_some()
            {
                self.rows.note_over(call.id).await?;
            }
            return Ok(sentence.map_or_else(|| Twiml::new([Verb::Hangup]), refuse));
        }
        Ok(Twiml::new([Verb::Hangup]))
    }
}

fn is_allowed(number: &PhoneNumber, floor: &Floor) -> bool {
    let prefixes = &floor.settings.outbound_prefixes;
    prefixes
        .iter()
        .any(|prefix| number.as_str().starts_with(prefix.as_str()))
}
