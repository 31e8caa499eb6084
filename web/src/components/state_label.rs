//! A state in an icon and a word; the colour only repeats it.

use yew::prelude::*;

use super::icon::icon;
use crate::texts;

/// The states that a person or a call can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Free and on duty.
    Available,
    /// Off duty.
    Away,
    /// On a call.
    Busy,
    /// Talking.
    Talking,
    /// The caller hears music.
    Held,
}

/// The label; `more` stands behind the word, for example for how long.
pub(crate) fn state_label(state: State, more: Html) -> Html {
    let (name, picture, word) = match state {
        State::Available => ("available", "check", texts::AVAILABLE),
        State::Away => ("away", "away", texts::AWAY),
        State::Busy => ("busy", "phone", texts::ON_A_CALL),
        State::Talking => ("busy", "phone", texts::TALKING),
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
