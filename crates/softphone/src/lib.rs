//! The audio of one browser tab, as a view of the row.
//!
//! What the device says comes in as a [`Signal`], what the board says as a [`Situation`]; what is to
//! be done goes out as [`Order`]s, and [`Softphone`] decides between them. Everything here is pure:
//! no IO, no clock, no randomness, native and wasm. The dashboard carries the orders out in a
//! browser; the service's simulation does so in virtual time, so that a fault of the page shows by
//! its seed.

use switchboard_model::{CallId, Intent};

mod phone;
mod signal;
mod situation;

pub use phone::{STATES, Softphone};
pub use signal::{Microphone, Signal};
pub use situation::{Mine, Situation};

/// Who carries the audio, as `/config.json` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// Nobody.
    #[default]
    Off,
    /// The simulator.
    Simulator,
    /// Twilio.
    Twilio,
}

impl Carrier {
    /// The carrier of that name; what is not known carries nothing.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "sim" => Self::Simulator,
            "twilio" => Self::Twilio,
            _ => Self::Off,
        }
    }
}

/// The name of a call's leg at the device: a CallSid, or the device's own for a call out.
pub type Leg = String;

/// What is to be done, by the device or by the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Wait for this tab's turn to have the audio.
    Lead,
    /// Open the microphone.
    Open,
    /// Fetch a token and be ready for calls.
    Register,
    /// Hang up, stop listening, give the turn to the next tab.
    Close,
    /// Hang up and stop listening as with `Close`, and wait for the next turn: another tab has this one.
    StepAside,
    /// Tell the tab that wants the audio that a call is on here.
    Keep,
    /// Take an invitation.
    Accept(Leg),
    /// Hang up.
    Disconnect(Leg),
    /// Say in about a second that it is over.
    Wait,
    /// Tell the person's other tabs at this machine that this call was taken here.
    Claim(CallId),
    /// Call out.
    Connect(String),
    /// Be silent to the other side, or not.
    Mute(Leg, bool),
    /// Ring for that call, which has waited longest, or stop ringing.
    Ring(Option<CallId>),
    /// Let me hear what my caller on hold hears.
    Music(bool),
    /// Tell the team how it is with my device: a value of `voip_users.device_state`.
    Report(&'static str),
    /// Ask the database.
    Ask(CallId, Intent),
    /// Tell the person.
    Say(Sentence),
}

/// Why something that a person asked for was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// A call out is placed where the audio is: in another tab.
    DialElsewhere,
    /// The microphone cannot be used.
    NotWithoutMicrophone,
    /// Calls cannot reach this browser.
    NotWithoutAudio,
    /// One call at a time.
    OnAnotherCall,
}

/// Carries out orders that are about sound. The answers come as signals, in their own time.
pub trait VoiceDevice {
    /// `verb` says what, `leg` to which call, `detail` the rest; unknown ones do nothing.
    fn order(&self, verb: &str, leg: &str, detail: &str);
}
