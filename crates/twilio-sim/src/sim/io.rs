//! What goes into the machine, and what comes out of it.

use std::time::Duration;

use switchboard_twilio::Form;
use switchboard_twilio::twiml::Method;

use super::{Fault, FaultRates, RestAnswer, RestRequest};
use crate::wire::{FromPage, ToPage};

/// One browser's connection, numbered by whoever drives the machine.
pub type SocketId = u64;
/// One HTTP request to the webhook.
pub type RequestId = u64;
/// One REST request, numbered by whoever drives the machine.
pub type RestId = u64;

/// What happens to the machine.
#[derive(Debug, Clone)]
pub enum Input {
    /// Nothing but time.
    Wake,
    /// The webhook has answered, or will not.
    Answer(RequestId, Answer),
    /// Somebody uses the REST API, properly authorised.
    Rest(RestId, RestRequest),
    /// A browser connects with a good token, which ends at that time.
    Opened {
        /// Whose connection.
        socket: SocketId,
        /// Under which name it may register.
        identity: String,
        /// When the token ends; `None` is never.
        token_ends: Option<Duration>,
    },
    /// A browser speaks. [`FromPage::Token`] is for the driver, who checks it and says [`Input::Renewed`].
    Frame(SocketId, FromPage),
    /// A browser has a fresh token.
    Renewed(SocketId, Option<Duration>),
    /// A browser is gone; a clean end is one that it announced.
    Closed {
        /// Whose connection.
        socket: SocketId,
        /// Whether it said good-bye.
        is_clean: bool,
    },
    /// Somebody at a telephone, or a test, does something.
    Do(Command),
}

/// What people at telephones do, and what tests want to happen. Legs are named by their sids; a leg that is not there
/// or over is ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Calls our number. The name of the leg is in the answer of [`super::Sim::place`], which does the same.
    Place(Caller),
    /// The person at the end of this leg hangs up.
    HangUp(String),
    /// The telephone that `<Number>` rings is picked up.
    PickUp(String),
    /// It is busy, or nobody comes, or it cannot be reached.
    GiveUp(String, Callee),
    /// A key is pressed.
    Press(String, char),
    /// From now on that number behaves like this.
    Callee(String, Callee),
    /// The quality of that identity's call changes.
    Warn {
        /// Whose.
        identity: String,
        /// What.
        name: String,
        /// Whether it is over.
        cleared: bool,
    },
    /// That identity's browsers vanish.
    Drop(String),
    /// People call by themselves from now on, or no more.
    Flow(bool),
    /// These accidents from now on.
    Faults(FaultRates),
    /// This accident at its next occasion.
    Once(Fault),
}

/// Somebody who calls our number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// What stands in `From`.
    pub from: String,
    /// Our number.
    pub to: String,
    /// The name that the network sends along.
    pub name: Option<String>,
    /// How long until the caller gives up, in any state of the call; `None` is never.
    pub patience: Option<Duration>,
}

/// How a telephone behaves that is rung by `<Number>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum Callee {
    /// It is picked up.
    Answers {
        /// So many milliseconds after it began to ring.
        after_ms: u32,
    },
    /// It is busy.
    Busy,
    /// It rings until the `<Dial>` gives up.
    NoAnswer,
    /// It cannot be reached.
    Fails,
    /// It rings until [`Command::PickUp`].
    Waits,
}

/// How a request to the webhook ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// With an HTTP response.
    Response {
        /// Its status.
        status: u16,
        /// Its body.
        body: String,
    },
    /// Nobody there, or the connection broke.
    Unreachable,
    /// Too late.
    TimedOut,
}

impl Answer {
    /// 200 with this TwiML.
    #[must_use]
    pub fn twiml(body: impl Into<String>) -> Self {
        Self::Response {
            status: 200,
            body: body.into(),
        }
    }
}

/// What the driver has to do.
#[derive(Debug, Clone)]
pub enum Output {
    /// Ask the webhook, and say how it ended with [`Input::Answer`].
    Http(HttpRequest),
    /// Tell a browser.
    Frame(SocketId, ToPage),
    /// Close its connection as if the network had broken it.
    Close(SocketId),
    /// Answer a REST request; `None`: close the connection without an answer.
    Rest(RestId, Option<RestAnswer>),
}

/// A signed request to the webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Its name in [`Input::Answer`].
    pub id: RequestId,
    /// A GET has its parameters in the URL, and an empty form.
    pub method: Method,
    /// Absolute; what is signed.
    pub url: String,
    /// What is posted.
    pub form: Form,
    /// For the header `X-Twilio-Signature`.
    pub signature: String,
}
