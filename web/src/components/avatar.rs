//! Two letters for a person.

use yew::prelude::*;

/// The letters in a circle, for the eye only: the name always stands beside it.
pub(crate) fn avatar(initials: &AttrValue, is_me: bool) -> Html {
    html! {
        <span class="avatar" data-mine={is_me.to_string()} aria-hidden="true">{ initials }</span>
    }
}
