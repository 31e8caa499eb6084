//! The typed requests that Twilio makes. Parameters that are not named here are ignored: Twilio adds new ones
//! without notice.

use crate::{CallSid, Form, InvalidCallSid, Party};

/// Why a form is not the request that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedCallback {
    /// A parameter that Twilio always sends is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// `CallSid` is not a call identifier.
    #[error(transparent)]
    Sid(#[from] InvalidCallSid),
    /// `CallStatus` or `DialCallStatus` is none of Twilio's words.
    #[error("{0} is not a status that Twilio documents")]
    Status(&'static str),
}

/// A request that Twilio makes, read from its form.
pub trait Callback: Sized {
    /// Reads what is needed; unknown parameters are ignored.
    fn parse(form: &Form) -> Result<Self, MalformedCallback>;
}

/// Which way a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Somebody called our number.
    Inbound,
    /// We called: by REST (`outbound-api`) or by `<Dial>` (`outbound-dial`).
    Outbound,
}

/// The state of one leg, in Twilio's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallStatus {
    /// Waiting to be placed.
    Queued,
    /// Being placed.
    Initiated,
    /// Ringing.
    Ringing,
    /// Connected.
    InProgress,
    /// Answered, and over.
    Completed,
    /// The other end was busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// Hung up before it was answered.
    Canceled,
    /// Could not be connected.
    Failed,
}

impl CallStatus {
    /// Twilio's word, or `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "queued" => Self::Queued,
            "initiated" => Self::Initiated,
            "ringing" => Self::Ringing,
            // `answered` is the word of a `<Dial>` that ended in a conference.
            "in-progress" | "answered" => Self::InProgress,
            "completed" => Self::Completed,
            "busy" => Self::Busy,
            "no-answer" => Self::NoAnswer,
            "canceled" => Self::Canceled,
            "failed" => Self::Failed,
            _ => return None,
        })
    }

    /// Whether the leg is over: no later status can follow.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress => false,
            Self::Completed | Self::Busy | Self::NoAnswer | Self::Canceled | Self::Failed => true,
        }
    }
}

/// A call asks what to do: the first request of a call, and every `<Redirect>` back to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceRequest {
    /// The caller's leg.
    pub call_sid: CallSid,
    /// Who calls.
    pub from: Party,
    /// Which of our numbers was called.
    pub to: Party,
    /// Inbound unless Twilio says otherwise.
    pub direction: Direction,
    /// The name that the carrier looked up, without surrounding spaces.
    pub caller_name: Option<String>,
}

impl Callback for VoiceRequest {
    fn parse(form: &Form) -> Result<Self, MalformedCallback> {
        Ok(Self {
            call_sid: call_sid(form)?,
            from: Party::new(form.get("From").unwrap_or_default()),
            to: Party::new(form.get("To").unwrap_or_default()),
            direction: direction(form),
            caller_name: caller_name(form),
        })
    }
}

/// A leg has changed its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusCallback {
    /// The leg that changed.
    pub call_sid: CallSid,
    /// The leg that dialled this one, when it is an agent's.
    pub parent_call_sid: Option<CallSid>,
    /// The new state.
    pub status: CallStatus,
    /// Counts a leg's callbacks from 0. They arrive in any order, and sometimes twice.
    pub sequence_number: Option<u32>,
    /// Who calls.
    pub from: Party,
    /// Who was called.
    pub to: Party,
    /// Inbound unless Twilio says otherwise.
    pub direction: Direction,
    /// The name that the carrier looked up.
    pub caller_name: Option<String>,
}

impl Callback for StatusCallback {
    fn parse(form: &Form) -> Result<Self, MalformedCallback> {
        let status = form
            .get("CallStatus")
            .ok_or(MalformedCallback::Missing("CallStatus"))?;
        Ok(Self {
            call_sid: call_sid(form)?,
            parent_call_sid: form
                .get_filled("ParentCallSid")
                .map(CallSid::parse)
                .transpose()?,
            status: CallStatus::parse(status).ok_or(MalformedCallback::Status("CallStatus"))?,
            sequence_number: form.get("SequenceNumber").and_then(|n| n.parse().ok()),
            from: Party::new(form.get("From").unwrap_or_default()),
            to: Party::new(form.get("To").unwrap_or_default()),
            direction: direction(form),
            caller_name: caller_name(form),
        })
    }
}

/// A `<Dial>` is over and its `action` asks how to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialResult {
    /// The caller's leg, which is still there.
    pub call_sid: CallSid,
    /// How the dialled leg ended.
    pub dial_status: CallStatus,
    /// The dialled leg, when one was made.
    pub dial_call_sid: Option<CallSid>,
}

impl Callback for DialResult {
    fn parse(form: &Form) -> Result<Self, MalformedCallback> {
        let status = form
            .get("DialCallStatus")
            .ok_or(MalformedCallback::Missing("DialCallStatus"))?;
        Ok(Self {
            call_sid: call_sid(form)?,
            dial_status: CallStatus::parse(status)
                .ok_or(MalformedCallback::Status("DialCallStatus"))?,
            dial_call_sid: form
                .get_filled("DialCallSid")
                .map(CallSid::parse)
                .transpose()?,
        })
    }
}

fn call_sid(form: &Form) -> Result<CallSid, MalformedCallback> {
    let text = form
        .get("CallSid")
        .ok_or(MalformedCallback::Missing("CallSid"))?;
    Ok(CallSid::parse(text)?)
}

fn direction(form: &Form) -> Direction {
    match form.get("Direction") {
        Some(text) if text.starts_with("outbound") => Direction::Outbound,
        _ => Direction::Inbound,
    }
}

fn caller_name(form: &Form) -> Option<String> {
    let name = form.get("CallerName")?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
