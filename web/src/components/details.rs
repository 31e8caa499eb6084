//! The caller's name, which opens the details of the call.

use yew::prelude::*;

use crate::view::CallView;

/// A link within the page: `location` follows it. What is dragged is the card.
pub(crate) fn details(call: &CallView) -> Html {
    let href = format!("?call={}", call.id);
    html! { <a class="details" {href} draggable="false">{ &call.title }</a> }
}
