//! The typed requests that Twilio makes. Parameters that are not named here are ignored: Twilio adds new ones
//! without notice.

mod recording;

use crate::{CallSid, Form, InvalidCallSid, Party};
pub use recording::{RecordResult, RecordingCallback, RecordingSid, RecordingStatus};

/// Why a form is not the request that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedCallback {
    /// A parameter that Twilio always sends is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// `CallSid` is not a call identifier.
    #[error(transparent)]
    Sid(#[from] InvalidCallSid),
    /// `CallStatus`, `DialCallStatus` or `RecordingStatus` is none of Twilio's words.
    #[error("{0} is not a status that Twilio documents")]
    Status(&'static str),
    /// `RecordingSid` is not the identifier of a recording.
    #[error("RecordingSid is not a recording sid")]
    RecordingSid,
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
    /// Twilio's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
        }
    }

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
    /// The leg that dialled this one, when it was dialled and then redirected by itself.
    pub parent_call_sid: Option<CallSid>,
    /// How the leg is; `None` for a word that is not known yet.
    pub status: Option<CallStatus>,
    /// Why the first attempt did not do, when this is the fallback URL.
    pub error_code: Option<u32>,
    /// Everything that was sent. What a browser passes to `connect` stands here too: it is untrusted.
    pub parameters: Form,
}

impl Callback for VoiceRequest {
    fn parse(form: &Form) -> Result<Self, MalformedCallback> {
        Ok(Self {
            call_sid: call_sid(form)?,
            from: Party::new(form.get("From").unwrap_or_default()),
            to: Party::new(form.get("To").unwrap_or_default()),
            direction: direction(form),
            caller_name: caller_name(form),
            parent_call_sid: optional_sid(form, "ParentCallSid")?,
            status: form.get("CallStatus").and_then(CallStatus::parse),
            error_code: number(form, "ErrorCode"),
            parameters: form.clone(),
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
    /// How long the leg was connected, with its last callback.
    pub duration_s: Option<u32>,
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
            parent_call_sid: optional_sid(form, "ParentCallSid")?,
            status: CallStatus::parse(status).ok_or(MalformedCallback::Status("CallStatus"))?,
            sequence_number: number(form, "SequenceNumber"),
            duration_s: number(form, "CallDuration"),
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
    /// How long the two were connected.
    pub dial_duration_s: Option<u32>,
    /// Whether the two were connected at all.
    pub is_bridged: Option<bool>,
    /// How the caller's own leg is. Final when the caller hung up: the answer is thrown away then.
    pub status: Option<CallStatus>,
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
            dial_call_sid: optional_sid(form, "DialCallSid")?,
            dial_duration_s: number(form, "DialCallDuration"),
            is_bridged: form.get("DialBridged").and_then(|text| text.parse().ok()),
            status: form.get("CallStatus").and_then(CallStatus::parse),
        })
    }
}

fn optional_sid(form: &Form, key: &str) -> Result<Option<CallSid>, InvalidCallSid> {
    form.get_filled(key).map(CallSid::parse).transpose()
}

/// A number that Twilio usually sends. What cannot be read counts as absent.
fn number(form: &Form, key: &str) -> Option<u32> {
    form.get(key)?.parse().ok()
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
