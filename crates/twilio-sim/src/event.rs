//! What happens in a call, in plain words.

use std::fmt;

/// Something that a person who watches would want to know. No phone number is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The call was placed.
    Placed,
    /// The webhook is asked what to do.
    Asks(String),
    /// A voice speaks.
    Heard(String),
    /// A sound plays.
    Plays(String),
    /// Silence.
    Waits(u64),
    /// Browsers and telephones ring.
    Rings(Vec<String>, u64),
    /// A `<Dial>` names more than Twilio rings.
    TooMany(usize),
    /// A device or a telephone rings.
    Invited,
    /// It was accepted.
    Accepted,
    /// It was refused.
    Rejected,
    /// Two talk, the other is named by its leg.
    Talks(String),
    /// It talks no more.
    TalkOver,
    /// Somebody asks by REST that it goes elsewhere.
    Redirected,
    /// The voice is recorded.
    Recorded(u64),
    /// An accident.
    Fault(&'static str),
    /// The webhook could not be reached or gave no verbs, and is asked again.
    Unreachable,
    /// The webhook says that the signature is wrong.
    Disbelieved,
    /// The fallback URL is asked.
    FallsBack,
    /// The person hung up.
    CallerHungUp(u64),
    /// The switchboard ended it.
    HungUp(u64),
    /// It ended in another way.
    Over(&'static str),
    /// The webhook gave no answer that can be followed.
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
            | Self::Talks(_)
            | Self::CallerHungUp(_)
            | Self::HungUp(_)
            | Self::Dropped(_)
            | Self::Disbelieved
            | Self::TooMany(_)
            | Self::EndNotTold => true,
            Self::Asks(_)
            | Self::Heard(_)
            | Self::Plays(_)
            | Self::Waits(_)
            | Self::Rings(..)
            | Self::Invited
            | Self::Accepted
            | Self::Rejected
            | Self::TalkOver
            | Self::Redirected
            | Self::Recorded(_)
            | Self::Fault(_)
            | Self::Unreachable
            | Self::FallsBack
            | Self::Over(_) => false,
        }
    }

    /// Whether nothing more happens to the leg.
    #[must_use]
    pub fn is_end(word: &str) -> bool {
        ["caller_hung_up", "hung_up", "over", "dropped"].contains(&word)
    }

    /// One word for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Asks(_) => "asks",
            Self::Heard(_) => "heard",
            Self::Plays(_) => "plays",
            Self::Waits(_) => "waits",
            Self::Rings(..) => "rings",
            Self::TooMany(_) => "too_many",
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Talks(_) => "talks",
            Self::TalkOver => "talk_over",
            Self::Redirected => "redirected",
            Self::Recorded(_) => "recorded",
            Self::Fault(_) => "fault",
            Self::Unreachable => "unreachable",
            Self::Disbelieved => "disbelieved",
            Self::FallsBack => "falls_back",
            Self::CallerHungUp(_) => "caller_hung_up",
            Self::HungUp(_) => "hung_up",
            Self::Over(_) => "over",
            Self::Dropped(_) => "dropped",
            Self::EndNotTold => "end_not_told",
        }
    }
}

/// A sentence without its subject: "calls", "hangs up after 30 s".
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placed => f.write_str("calls"),
            Self::Asks(path) => write!(f, "asks {path}"),
            Self::Heard(text) => write!(f, "hears: {text}"),
            Self::Plays(url) => write!(f, "hears music from {url}"),
            Self::Waits(seconds) => write!(f, "waits for {seconds} s"),
            Self::Rings(who, seconds) => {
                write!(f, "hears it ringing at {} for {seconds} s", who.join(", "))
            }
            Self::TooMany(number) => write!(
                f,
                "dials {number} more than the ten that Twilio rings: they are left out"
            ),
            Self::Invited => f.write_str("rings"),
            Self::Accepted => f.write_str("accepts"),
            Self::Rejected => f.write_str("refuses"),
            Self::Talks(with) => write!(f, "talks with {with}"),
            Self::TalkOver => f.write_str("talks no more"),
            Self::Redirected => f.write_str("is sent elsewhere"),
            Self::Recorded(seconds) => write!(f, "was recorded for {seconds} s"),
            Self::Fault(which) => write!(f, "meets an accident: {which}"),
            Self::Unreachable => f.write_str("waits, because the webhook does not answer"),
            Self::Disbelieved => f.write_str(
                "is not believed by the webhook: TWILIO_AUTH_TOKEN or PUBLIC_BASE_URL differ",
            ),
            Self::FallsBack => f.write_str("asks the fallback URL"),
            Self::CallerHungUp(seconds) => write!(f, "hangs up after {seconds} s"),
            Self::HungUp(seconds) => {
                write!(f, "is hung up on by the switchboard after {seconds} s")
            }
            Self::Over(how) => write!(f, "is over: {how}"),
            Self::Dropped(why) => write!(f, "is dropped: {why}"),
            Self::EndNotTold => f.write_str("is gone, but the webhook could not be told"),
        }
    }
}
