//! What happens in a call, in plain words.

use std::fmt;
use std::time::Duration;

/// Something that a person who watches would want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The call was placed.
    Placed,
    /// A voice speaks.
    Heard(String),
    /// Silence or music.
    Waits(Duration),
    /// Browsers ring, which nobody here can answer.
    Rings(Vec<String>, Duration),
    /// The webhook could not be reached, and will be asked again.
    Unreachable,
    /// The caller gave up.
    CallerHungUp(Duration),
    /// The switchboard ended the call.
    HungUp(Duration),
    /// The webhook gave no answer that can be followed: Twilio would drop the call.
    Dropped(String),
    /// The webhook could not be told that the call is over.
    EndNotTold,
}

impl Event {
    /// Whether it is worth a line when many calls are watched at once.
    #[must_use]
    pub fn is_milestone(&self) -> bool {
        match self {
            Self::Placed
            | Self::CallerHungUp(_)
            | Self::HungUp(_)
            | Self::Dropped(_)
            | Self::EndNotTold => true,
            Self::Heard(_) | Self::Waits(_) | Self::Rings(..) | Self::Unreachable => false,
        }
    }
}

/// A sentence without its subject: "calls", "hangs up after 30 s".
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placed => f.write_str("calls"),
            Self::Heard(text) => write!(f, "hears: {text}"),
            Self::Waits(time) => write!(f, "waits for {} s", time.as_secs()),
            Self::Rings(who, time) => write!(
                f,
                "hears it ringing at {} for {} s",
                who.join(", "),
                time.as_secs()
            ),
            Self::Unreachable => f.write_str("waits, because the webhook does not answer"),
            Self::CallerHungUp(after) => write!(f, "hangs up after {} s", after.as_secs()),
            Self::HungUp(after) => write!(
                f,
                "is hung up on by the switchboard after {} s",
                after.as_secs()
            ),
            Self::Dropped(why) => write!(f, "is dropped: {why}"),
            Self::EndNotTold => f.write_str("is gone, but the webhook could not be told"),
        }
    }
}
