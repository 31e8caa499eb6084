//! A state in an icon and a word; the colour only repeats it.

use yew::prelude::*;

use super::icon::Icon;
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

/// The state, and what stands behind the word.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Which.
    pub(crate) state: State,
    /// For example for how long.
    #[prop_or_default]
    pub(crate) children: Html,
}

/// The label.
#[function_component]
pub(crate) fn StateLabel(props: &Props) -> Html {
    let (name, icon, word) = match props.state {
        State::Available => ("available", "check", texts::AVAILABLE),
        State::Away => ("away", "away", texts::AWAY),
        State::Busy => ("busy", "phone", texts::ON_A_CALL),
        State::Talking => ("busy", "phone", texts::TALKING),
        State::Held => ("held", "hold", texts::ON_HOLD),
    };
    html! {
        <span class="state" data-state={name}>
            <Icon name={icon} />
            <span>{ word }</span>
            { props.children.clone() }
        </span>
    }
}
