//! Who the caller is: the name, which opens the details of the call, and the company.

use yew::prelude::*;

use crate::view::CallView;

/// A link within the page: `location` follows it. What is dragged is the card.
pub(crate) fn details(call: &CallView) -> Html {
    let href = format!("?call={}", call.id);
    html! { <a class="details" {href} draggable="false">{ &call.title }</a> }
}

/// For whom the caller speaks, if that is known.
pub(crate) fn company(call: &CallView) -> Html {
    match &call.company {
        Some(company) => html! { <p class="caller-company" title={company}>{ company }</p> },
        None => Html::default(),
    }
}
