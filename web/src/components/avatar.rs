//! Two letters for a person.

use yew::prelude::*;

/// Whose.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The letters.
    pub(crate) initials: AttrValue,
    /// Whether it is the person who looks.
    #[prop_or_default]
    pub(crate) is_me: bool,
}

/// The letters in a circle; the name always stands beside it.
#[function_component]
pub(crate) fn Avatar(props: &Props) -> Html {
    html! {
        <span class="avatar" data-mine={props.is_me.to_string()} aria-hidden="true">
            { &props.initials }
        </span>
    }
}
