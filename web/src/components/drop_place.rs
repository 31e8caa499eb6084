//! A place that takes a dragged call. What follows the hand is `hands.js`.

use yew::prelude::*;

use crate::drag::{Place, Target};

/// A list item that takes a dragged call, if it can, and that the arrow keys reach.
pub(crate) fn drop_place(
    (place, target): (Place, Target),
    class: &'static str,
    test_id: String,
    content: Html,
) -> Html {
    html! {
        <li
            class={classes!(class, target.class())}
            tabindex="-1"
            data-testid={test_id}
            data-place={place.name()}
        >
            { content }
        </li>
    }
}
