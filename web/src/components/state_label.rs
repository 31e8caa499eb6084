//! A state in an icon and a word; the colour only repeats it.

use yew::prelude::*;

use super::icon::icon;
use crate::texts;
use crate::view::Reach;

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
    /// Not heard, by their own wish.
    Muted,
    /// The two sides do not hear each other yet.
    GetsConnected,
    /// The customer is called.
    Calling,
    /// The caller records a message.
    LeavesMessage,
    /// The caller hears music.
    Held,
}

impl State {
    /// What a member is doing, said in the same words wherever members are listed.
    pub(crate) fn of(is_busy: bool, reach: Reach) -> Self {
        match reach {
            _ if is_busy => Self::Busy,
            Reach::Unsaid => Self::Available,
            Reach::Ready => Self::OnDuty,
            Reach::Connecting => Self::Connecting,
            Reach::NoMicrophone => Self::NoMicrophone,
            Reach::Lost => Self::OutOfReach,
            Reach::Away | Reach::Off => Self::Away,
        }
    }
}

/// The label; `more` stands behind the word, for example for how long.
pub(crate) fn state_label(state: State, more: Html) -> Html {
    let (name, picture, word) = match state {
        State::Available => ("available", "check", texts::available()),
        State::OnDuty => ("available", "check", texts::on_duty()),
        State::Connecting => ("away", "linked", texts::gets_connected()),
        State::NoMicrophone => ("held", "microphone-off", texts::no_microphone()),
        State::OutOfReach => ("held", "unlinked", texts::out_of_reach()),
        State::Away => ("away", "away", texts::away()),
        State::Busy => ("busy", "phone", texts::on_a_call()),
        State::Talking => ("busy", "phone", texts::talking()),
        State::Muted => ("held", "microphone-off", texts::muted()),
        State::GetsConnected => ("held", "linked", texts::gets_connected()),
        State::Calling => ("busy", "phone", texts::calling()),
        State::LeavesMessage => ("held", "note", texts::leaves_message()),
        State::Held => ("held", "hold", texts::on_hold()),
    };
    html! {
        <span class="state" data-state={name}>
            { icon(picture) }
            <span>{ word }</span>
            { more }
        </span>
    }
}
