//! The audio of one tab, as a view of the row: what comes from the device is a [`signal::Signal`],
//! what goes to it an [`Order`], and [`softphone::Softphone`] decides between them. All of it is
//! pure; `device` carries orders out, `hooks::voice` brings the two together.

use switchboard_model::{CallId, Intent};

pub(crate) mod signal;
pub(crate) mod softphone;

/// Who carries the audio, as `/config.json` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Carrier {
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
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "sim" => Self::Simulator,
            "twilio" => Self::Twilio,
            _ => Self::Off,
        }
    }
}

/// The name of a call's leg at the device.
pub(crate) type Leg = String;

/// What is to be done, by the device or by the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Wait for this tab's turn to have the audio.
    Lead,
    /// Open the microphone.
    Open,
    /// Fetch a token and be ready for calls.
    Register,
    /// Hang up, stop listening, give the turn to the next tab.
    Close,
    /// Take an invitation.
    Accept(Leg),
    /// Hang up.
    Disconnect(Leg),
    /// Call out.
    Connect(String),
    /// Be silent to the other side, or not.
    Mute(Leg, bool),
    /// Ring, or stop ringing.
    Ring(bool),
    /// Let me hear what my caller on hold hears.
    Music(bool),
    /// Tell the team how it is with my device.
    Report(&'static str),
    /// Ask the database.
    Ask(CallId, Intent),
    /// Tell the person.
    Say(&'static str),
}

/// Carries out orders that are about sound. The answers come as signals, in their own time.
///
/// Two of the three implementations are JavaScript, which the browser fetches only when somebody
/// goes on duty: `web/voice/twilio.js` and `web/voice/simulator.js`, behind [`crate::device`].
pub(crate) trait VoiceDevice {
    /// `verb` says what, `leg` to which call, `detail` the rest; unknown ones do nothing.
    fn order(&self, verb: &str, leg: &str, detail: &str);
}

/// No audio at all.
pub(crate) struct Silent;

impl VoiceDevice for Silent {
    fn order(&self, _: &str, _: &str, _: &str) {}
}
