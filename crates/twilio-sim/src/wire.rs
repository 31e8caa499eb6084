//! The frames of the Device socket, as `PROTOCOL.md` lists them. One JSON object a frame.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum FromPage {
    /// Be ready for calls.
    Register,
    /// No more invitations.
    Unregister,
    /// Take an invitation.
    Accept {
        /// Which.
        call_sid: String,
    },
    /// Refuse it in the name of the identity.
    Reject {
        /// Which.
        call_sid: String,
    },
    /// Ring no longer in this tab.
    Ignore {
        /// Which.
        call_sid: String,
    },
    /// Hang up.
    Disconnect {
        /// Which.
        call_sid: String,
    },
    /// Switch the microphone.
    Mute {
        /// Of which call.
        call_sid: String,
        /// Off, or on again.
        muted: bool,
    },
    /// Call out.
    Connect {
        /// The page's own mark, given back in [`ToPage::Connecting`].
        request: String,
        /// Passed on to the TwiML App's URL.
        params: BTreeMap<String, String>,
    },
    /// A fresh AccessToken.
    Token {
        /// For the same identity.
        token: String,
    },
}

/// Why a device is not registered any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unregistered {
    /// It asked for that.
    Asked,
    /// An eleventh device of this identity registered.
    Evicted,
    /// Its token is too old.
    Expired,
}

/// What one side of a call hears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Hears {
    /// Nothing.
    Silence,
    /// It rings at the other side.
    Ringback,
    /// A voice reads.
    Voice {
        /// What it reads.
        text: String,
    },
    /// A sound plays.
    Music {
        /// Which.
        url: String,
    },
    /// Nothing, while it is recorded.
    Recording,
    /// The other party.
    Talk {
        /// Whose leg.
        with: String,
        /// Whether the other side's microphone is off.
        muted: bool,
    },
}

/// What a page is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ToPage {
    /// Invitations can arrive.
    Registered {
        /// Under which name.
        identity: String,
    },
    /// They cannot.
    Unregistered {
        /// Why not.
        reason: Unregistered,
    },
    /// An invitation.
    Incoming {
        /// Which leg of the `<Dial>`.
        call_sid: String,
        /// Who calls.
        from: String,
        /// `client:` and the identity.
        to: String,
        /// From `<Parameter>`.
        parameters: BTreeMap<String, String>,
    },
    /// An invitation is over, without a reason.
    Cancel {
        /// Which.
        call_sid: String,
    },
    /// Audio is connected.
    Accepted {
        /// Which call.
        call_sid: String,
    },
    /// The name of an outbound call.
    Connecting {
        /// Which call.
        call_sid: String,
        /// The page's own mark.
        request: String,
    },
    /// The outbound call rings at the other side.
    Ringing {
        /// Which call.
        call_sid: String,
    },
    /// A call is over.
    Disconnected {
        /// Which.
        call_sid: String,
    },
    /// The microphone is switched.
    Muted {
        /// Of which call.
        call_sid: String,
        /// Off or on.
        muted: bool,
    },
    /// What this side hears now.
    Audio {
        /// In which call.
        call_sid: String,
        /// What.
        hears: Hears,
    },
    /// The token ends soon.
    TokenWillExpire {
        /// In so many milliseconds.
        in_ms: u64,
    },
    /// The fresh token is in use.
    TokenUpdated,
    /// The quality of a call changes.
    Warning {
        /// Which call.
        call_sid: String,
        /// `high-rtt`, `low-mos` and so on.
        name: String,
        /// Whether it is over.
        cleared: bool,
    },
    /// Something that was asked cannot be done.
    Error {
        /// Twilio's code.
        code: u32,
        /// In words.
        message: String,
    },
}

/// The token is not ours, or of another account.
pub const BAD_TOKEN: u32 = 20101;
/// The token is too old.
pub const EXPIRED_TOKEN: u32 = 20104;
/// A frame that cannot be understood.
pub const BAD_FRAME: u32 = 31000;
/// There is no such call on this device.
pub const NO_SUCH_CALL: u32 = 31005;
/// The device is in a call.
pub const BUSY: u32 = 31486;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn frames_are_spelt_as_the_protocol_says() {
        let accept: FromPage =
            serde_json::from_value(json!({"type": "accept", "call_sid": "CA1", "new": 1})).unwrap();
        assert_eq!(
            accept,
            FromPage::Accept {
                call_sid: "CA1".to_owned()
            }
        );
        let audio = ToPage::Audio {
            call_sid: "CA1".to_owned(),
            hears: Hears::Talk {
                with: "CA2".to_owned(),
                muted: false,
            },
        };
        assert_eq!(
            serde_json::to_value(audio).unwrap(),
            json!({"type": "audio", "call_sid": "CA1", "hears": {"kind": "talk", "with": "CA2", "muted": false}})
        );
        assert_eq!(
            serde_json::to_value(ToPage::TokenWillExpire { in_ms: 10_000 }).unwrap(),
            json!({"type": "tokenWillExpire", "in_ms": 10_000})
        );
        assert_eq!(
            serde_json::to_value(ToPage::Unregistered {
                reason: Unregistered::Evicted
            })
            .unwrap(),
            json!({"type": "unregistered", "reason": "evicted"})
        );
    }
}
