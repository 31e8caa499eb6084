//! One call as Twilio's REST API sees it, and how it is changed.

use serde::Deserialize;

use super::RestError;
use crate::{CallSid, CallStatus, Direction, Form, Party, Twiml};

/// What shall become of a call. Each says all that there is to say, so sending it twice changes nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallUpdate {
    /// It fetches its verbs here, with POST, and leaves whatever it does.
    Url(String),
    /// It runs these verbs, and leaves whatever it does.
    Twiml(Twiml),
    /// It ends, also when it is in progress.
    Complete,
    /// It ends if it has not been answered yet.
    Cancel,
}

impl CallUpdate {
    /// The parameters to post.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Url(url) => [("Url", url.as_str()), ("Method", "POST")]
                .into_iter()
                .collect(),
            Self::Twiml(twiml) => [("Twiml", twiml.to_string())].into_iter().collect(),
            Self::Complete => [("Status", "completed")].into_iter().collect(),
            Self::Cancel => [("Status", "canceled")].into_iter().collect(),
        }
    }
}

/// A call as Twilio has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallResource {
    /// Which leg.
    pub sid: CallSid,
    /// The leg that dialled it.
    pub parent_call_sid: Option<CallSid>,
    /// How it is.
    pub status: CallStatus,
    /// Which way it goes.
    pub direction: Direction,
    /// Who calls.
    pub from: Party,
    /// Who is called.
    pub to: Party,
    /// How long it lasted, once it is over.
    pub duration_s: Option<u32>,
}

/// Which calls to list. The newest come first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallsQuery {
    /// Those in this state alone.
    pub status: Option<CallStatus>,
    /// Those that this leg dialled alone.
    pub parent_call_sid: Option<CallSid>,
    /// How many on a page, 1 to 1000; Twilio's default is 50.
    pub page_size: Option<u16>,
}

impl CallsQuery {
    /// The query of the URL, keys in alphabetical order.
    #[must_use]
    pub fn form(&self) -> Form {
        let size = self.page_size.map(|size| size.clamp(1, 1000).to_string());
        [
            ("PageSize", size),
            (
                "ParentCallSid",
                self.parent_call_sid.as_ref().map(ToString::to_string),
            ),
            (
                "Status",
                self.status.map(|status| status.as_str().to_owned()),
            ),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }
}

/// A page of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallPage {
    /// The calls of this page. One that cannot be read is left out.
    pub calls: Vec<CallResource>,
    /// Path and query of the next page.
    pub next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Raw {
    sid: String,
    #[serde(default)]
    parent_call_sid: Option<String>,
    status: String,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    /// Twilio writes it as a text.
    #[serde(default)]
    duration: Option<String>,
}

#[derive(Deserialize)]
struct RawPage {
    calls: Vec<Raw>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

impl Raw {
    fn read(self) -> Option<CallResource> {
        let parent = self.parent_call_sid.filter(|sid| !sid.is_empty());
        let is_outbound = self
            .direction
            .is_some_and(|word| word.starts_with("outbound"));
        Some(CallResource {
            sid: CallSid::parse(&self.sid).ok()?,
            parent_call_sid: parent.map(|sid| CallSid::parse(&sid)).transpose().ok()?,
            status: CallStatus::parse(&self.status)?,
            direction: if is_outbound {
                Direction::Outbound
            } else {
                Direction::Inbound
            },
            from: Party::new(self.from.unwrap_or_default()),
            to: Party::new(self.to.unwrap_or_default()),
            duration_s: self.duration.and_then(|seconds| seconds.parse().ok()),
        })
    }
}

/// Reads the answer to an update or a fetch.
pub fn read_call(
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
) -> Result<CallResource, RestError> {
    if !(200..300).contains(&status) {
        return Err(RestError::read(status, retry_after, body));
    }
    let raw: Raw = serde_json::from_slice(body).map_err(|_| RestError::Unreadable)?;
    raw.read().ok_or(RestError::Unreadable)
}

/// Reads the answer to a list.
pub fn read_calls(
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
) -> Result<CallPage, RestError> {
    if !(200..300).contains(&status) {
        return Err(RestError::read(status, retry_after, body));
    }
    let raw: RawPage = serde_json::from_slice(body).map_err(|_| RestError::Unreadable)?;
    Ok(CallPage {
        calls: raw.calls.into_iter().filter_map(Raw::read).collect(),
        next_page_uri: raw.next_page_uri.filter(|uri| uri.starts_with('/')),
    })
}
