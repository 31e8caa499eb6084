//! A state in an icon and a word; the colour only repeats it.

use yew::prelude::*;

use super::icon::icon;
use crate::texts;

/// The states that a person or a call can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Free and on duty.
    Available,
    /// On duty, and can be rung.
    OnDuty,
    /// On duty, and soon to be rung.
    Connecting,
    /// On duty, but cannot be heard.
    NoMicrophone,
    /// On duty, but calls do not come through.
    OutOfReach,
    /// Off duty.
    Away,
    /// On a call.
    Busy,
    /// Talking.
    Talking,
    /// The two sides do not hear each other yet.
    GetsConnected,
    /// The customer is called.
    Calling,
    /// The caller records a message.
    LeavesMessage,
    /// The caller hears music.
    Held,
}

/// The label; `more` stands behind the word, for example for how long.
pub(crate) fn state_label(state: State, more: Html) -> Html {
    let (name, picture, word) = match state {
        State::Available => ("available", "check", texts::AVAILABLE),
        State::OnDuty => ("available", "check", texts::ON_DUTY),
        State::Connecting => ("away", "linked", texts::GETS_CONNECTED),
        State::NoMicrophone => ("held", "microphone-off", texts::NO_MICROPHONE),
        State::OutOfReach => ("held", "unlinked", texts::OUT_OF_REACH),
        State::Away => ("away", "away", texts::AWAY),
        State::Busy => ("busy", "phone", texts::ON_A_CALL),
        State::Talking => ("busy", "phone", texts::TALKING),
        State::GetsConnected => ("held", "linked", texts::GETS_CONNECTED),
        State::Calling => ("busy", "phone", texts::CALLING),
        State::LeavesMessage => ("held", "note", texts::LEAVES_MESSAGE),
        State::Held => ("held", "hold", texts::ON_HOLD),
    };
    html! {
        <span class="state" data-state={name}>
            { icon(picture) }
            <span>{ word }</span>
            { more }
        </span>
    }
}
