//! What is recorded, and when it can be fetched.

use std::fmt;

use super::{CallStatus, Callback, MalformedCallback, call_sid, number};
use crate::{CallSid, Form};

/// Twilio's name for one recording: `RE` and 32 hexadecimal digits; any letters and digits up to 64 characters are
/// taken.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordingSid(String);

impl RecordingSid {
    /// Checks the shape, so that it can stand in a URL as it is. `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("RE")?;
        let fits = (1..=62).contains(&rest.len());
        (fits && rest.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| Self(text.to_owned()))
    }

    /// The identifier as Twilio wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(form: &Form) -> Result<Option<Self>, MalformedCallback> {
        form.get_filled("RecordingSid")
            .map(|text| Self::parse(text).ok_or(MalformedCallback::RecordingSid))
            .transpose()
    }
}

impl fmt::Display for RecordingSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RecordingSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingStatus {
    /// It has begun.
    InProgress,
    /// It can be fetched.
    Completed,
    /// Nothing was to be heard.
    Absent,
    /// It could not be made.
    Failed,
}

/// A recording has changed its state: `recordingStatusCallback`. It may come before or after the `action`, and for a
/// call that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingCallback {
    /// The leg that was recorded.
    pub call_sid: CallSid,
    /// The recording.
    pub recording_sid: RecordingSid,
    /// The new state.
    pub status: RecordingStatus,
    /// Where it can be fetched: append `.wav` or `.mp3`.
    pub url: Option<String>,
    /// How long it is.
    pub duration_s: Option<u32>,
}

impl Callback for RecordingCallback {
    fn parse(form: &Form) -> Result<Self, MalformedCallback> {
        let status = match form.get("RecordingStatus") {
            None => return Err(MalformedCallback::Missing("RecordingStatus")),
            Some("in-progress") => RecordingStatus::InProgress,
            Some("completed") => RecordingStatus::Completed,
            Some("absent") => RecordingStatus::Absent,
            Some("failed") => RecordingStatus::Failed,
            Some(_) => return Err(MalformedCallback::Status("RecordingStatus")),
        };
        Ok(Self {
            call_sid: call_sid(form)?,
            recording_sid: RecordingSid::of(form)?
                .ok_or(MalformedCallback::Missing("RecordingSid"))?,
            status,
            url: form.get_filled("RecordingUrl").map(str::to_owned),
            duration_s: number(form, "RecordingDuration"),
        })
    }
}

/// A `<Record>` is over and its `action` asks how to go on. The recording may not be ready yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordResult {
    /// The caller's leg.
    pub call_sid: CallSid,
    /// The recording, unless nothing was said.
    pub recording_sid: Option<RecordingSid>,
    /// Where it will be.
    pub url: Option<String>,
    /// How long it is.
    pub duration_s: Option<u32>,
    /// The key that ended it, or `hangup`.
    pub digits: Option<String>,
    /// How the caller's leg is; final when the caller hung up.
    pub status: Option<CallStatus>,
}

impl Callback for RecordResult {
    fn parse(form: &Form) -> Result<Self, MalformedCallback> {
        Ok(Self {
            call_sid: call_sid(form)?,
            recording_sid: RecordingSid::of(form)?,
            url: form.get_filled("RecordingUrl").map(str::to_owned),
            duration_s: number(form, "RecordingDuration"),
            digits: form.get_filled("Digits").map(str::to_owned),
            status: form.get("CallStatus").and_then(CallStatus::parse),
        })
    }
}
