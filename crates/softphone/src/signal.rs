//! What a device says: the frames of the simulator's socket, and a few of this browser's own.

use serde_json::Value;
use switchboard_model::{CallId, Intent, json};

use crate::Leg;

/// Whether the browser lets us listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Microphone {
    /// It does.
    Ready,
    /// Somebody said no.
    Denied,
    /// There is none.
    Missing,
    /// It does not start; perhaps another program has it.
    Failing,
}

/// One signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// After a reload.
    Resumable {
        /// Going on duty needs no press.
        granted: bool,
        /// No other tab has the audio.
        free: bool,
    },
    /// This tab has the audio.
    Led,
    /// Another one has.
    Waiting,
    /// The person wants the audio in another tab of this machine.
    Asked,
    /// Another tab has taken it: this one had not answered.
    Ousted,
    /// How the microphone is.
    Microphone(Microphone),
    /// The person wants to try the microphone again.
    Again,
    /// The person wants to call that number.
    Dial(String),
    /// The person does that with that call, away from its card.
    Act(CallId, Intent),
    /// The person wants to be silent to the other side, or not any more.
    Mute(bool),
    /// It is time to look again for a device that was lost.
    Retry,
    /// Time has passed.
    Beat,
    /// What was to be waited for is over.
    Waited,
    /// The person has taken that call in another tab of this machine.
    Claimed(CallId),
    /// What was to be told has come to my row, or has not.
    Reported(bool),
    /// The browser plays nothing until somebody presses something.
    Blocked(bool),
    /// Calls can come.
    Registered,
    /// They cannot.
    Unregistered,
    /// The device's own connection is gone; it will not come back by itself.
    Closed,
    /// An invitation. Without a call and an epoch it is none of ours.
    Incoming(Leg, Option<(CallId, i32)>),
    /// The invitation is over, for whatever reason.
    Cancelled(Leg),
    /// My outbound call has this name.
    Connecting(Leg),
    /// We hear each other.
    Accepted(Leg),
    /// It is over.
    Disconnected(Leg),
    /// The line is worse than it should be, or well again.
    Warning(String, bool),
    /// Something went wrong; Twilio's number for it, or 0.
    Trouble(i64),
}

impl Signal {
    /// Reads a frame; what is not known is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let frame = json::read(text)?;
        let is = |key: &str| frame[key] == true;
        let leg = || frame["call_sid"].as_str().map(str::to_owned);
        Some(match frame["type"].as_str()? {
            "resumable" => Self::Resumable {
                granted: is("granted"),
                free: is("free"),
            },
            "led" => Self::Led,
            "waiting" => Self::Waiting,
            "asked" => Self::Asked,
            "ousted" => Self::Ousted,
            "microphone" => Self::Microphone(match frame["state"].as_str()? {
                "ready" => Microphone::Ready,
                "missing" => Microphone::Missing,
                "failing" => Microphone::Failing,
                _ => Microphone::Denied,
            }),
            "again" => Self::Again,
            "dial" => Self::Dial(frame["number"].as_str()?.to_owned()),
            "act" => Self::Act(
                frame["call"].as_str()?.parse().ok()?,
                match frame["intent"].as_str()? {
                    "answer" => Intent::Answer,
                    "hold" => Intent::Hold,
                    "resume" => Intent::Resume,
                    "park" => Intent::Park { slot: None },
                    "end" => Intent::End,
                    "transfer" => Intent::Transfer {
                        to: frame["to"].as_str()?.parse().ok()?,
                    },
                    _ => return None,
                },
            ),
            "mute" => Self::Mute(is("muted")),
            "retry" => Self::Retry,
            "beat" => Self::Beat,
            "waited" => Self::Waited,
            "claimed" => Self::Claimed(frame["call"].as_str()?.parse().ok()?),
            "reported" => Self::Reported(is("came")),
            "blocked" => Self::Blocked(is("blocked")),
            "registered" => Self::Registered,
            "unregistered" => Self::Unregistered,
            "closed" => Self::Closed,
            "incoming" => Self::Incoming(leg()?, invited_to(&frame["parameters"])),
            "cancel" => Self::Cancelled(leg()?),
            "connecting" => Self::Connecting(leg()?),
            "accepted" => Self::Accepted(leg()?),
            "disconnected" => Self::Disconnected(leg()?),
            "warning" => Self::Warning(frame["name"].as_str()?.to_owned(), !is("cleared")),
            "error" => Self::Trouble(frame["code"].as_i64().unwrap_or_default()),
            _ => return None,
        })
    }
}

fn invited_to(parameters: &Value) -> Option<(CallId, i32)> {
    let text = |key: &str| parameters[key].as_str();
    Some((text("call_id")?.parse().ok()?, text("epoch")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_names_its_call_and_epoch() {
        let id = "33333333-0000-4000-8000-000000000001";
        let frame = format!(
            r#"{{"type":"incoming","call_sid":"CA1","from":"+1","to":"client:agent_doug",
                "parameters":{{"call_id":"{id}","epoch":"3"}}}}"#
        );
        let read = Signal::read(&frame);
        assert_eq!(
            read,
            Some(Signal::Incoming(
                "CA1".to_owned(),
                Some((id.parse().expect("a uuid"), 3))
            ))
        );
    }

    #[test]
    fn an_invitation_of_somebody_else_has_no_call() {
        for parameters in [
            "{}",
            r#"{"call_id":"x","epoch":"3"}"#,
            r#"{"call_id":"33333333-0000-4000-8000-000000000001"}"#,
        ] {
            let frame =
                format!(r#"{{"type":"incoming","call_sid":"CA1","parameters":{parameters}}}"#);
            let read = Signal::read(&frame);
            assert_eq!(
                read,
                Some(Signal::Incoming("CA1".to_owned(), None)),
                "{frame}"
            );
        }
    }

    #[test]
    fn the_frames_of_the_simulator_are_signals() {
        let leg = || "CA1".to_owned();
        let name = || "low-mos".to_owned();
        for (frame, signal) in [
            (
                r#"{"type":"registered","identity":"agent_doug"}"#,
                Signal::Registered,
            ),
            (
                r#"{"type":"unregistered","reason":"evicted"}"#,
                Signal::Unregistered,
            ),
            (
                r#"{"type":"cancel","call_sid":"CA1"}"#,
                Signal::Cancelled(leg()),
            ),
            (
                r#"{"type":"connecting","call_sid":"CA1","request":"r"}"#,
                Signal::Connecting(leg()),
            ),
            (
                r#"{"type":"accepted","call_sid":"CA1"}"#,
                Signal::Accepted(leg()),
            ),
            (
                r#"{"type":"disconnected","call_sid":"CA1"}"#,
                Signal::Disconnected(leg()),
            ),
            (
                r#"{"type":"warning","call_sid":"CA1","name":"low-mos","cleared":false}"#,
                Signal::Warning(name(), true),
            ),
            (
                r#"{"type":"error","code":31005,"message":"no such call"}"#,
                Signal::Trouble(31005),
            ),
        ] {
            assert_eq!(Signal::read(frame), Some(signal), "{frame}");
        }
    }

    #[test]
    fn what_is_not_known_is_nothing() {
        for frame in ["", "[]", "{}", r#"{"type":"new"}"#, r#"{"type":"cancel"}"#] {
            assert_eq!(Signal::read(frame), None, "{frame}");
        }
    }
}
