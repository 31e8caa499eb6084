//! The browser's drag and drop: a card that can be lifted, and a place that takes it.

use switchboard_model::CallId;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};
use yew::prelude::*;

use crate::drag::{Move, Place, Target};

/// The handlers of a card that can be lifted: for the beginning and the end of its drag.
pub(crate) fn lift(
    call: CallId,
    on: &Callback<Move>,
) -> (Callback<DragEvent>, Callback<DragEvent>) {
    let start = on.reform(move |event: DragEvent| {
        if let Some(data) = event.data_transfer() {
            // Without data some browsers do not begin a drag at all.
            let _ = data.set_data("text/plain", &call.to_string());
            data.set_effect_allowed("move");
        }
        Move::Lift(call)
    });
    (start, on.reform(|_| Move::End))
}

/// A list item that takes a dragged call, if it can.
pub(crate) fn drop_place(
    (place, target): (Place, Target),
    class: &'static str,
    test_id: String,
    on_drag: &Callback<Move>,
    content: Html,
) -> Html {
    let on = on_drag.clone();
    let hold_open = Callback::from(move |event: DragEvent| {
        if target != Target::No {
            // What is not prevented is refused.
            event.prevent_default();
        }
        if target == Target::Takes {
            on.emit(Move::Enter(place));
        }
    });
    let on = on_drag.clone();
    let ondragleave = move |event: DragEvent| {
        // Leaving for a part of the same place is no leaving.
        let from = event
            .current_target()
            .map(JsCast::unchecked_into::<Element>);
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<Node>().ok());
        if !from.is_some_and(|from| to.is_some() && from.contains(to.as_ref())) {
            on.emit(Move::Leave(place));
        }
    };
    let ondrop = on_drag.reform(move |event: DragEvent| {
        event.prevent_default();
        Move::Drop(place)
    });
    html! {
        <li
            class={classes!(class, target.class())}
            data-testid={test_id}
            ondragenter={hold_open.clone()}
            ondragover={hold_open}
            {ondragleave}
            {ondrop}
        >
            { content }
        </li>
    }
}
