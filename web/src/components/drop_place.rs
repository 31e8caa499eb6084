//! The browser's drag and drop: a card that can be lifted, and a place that takes it.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::drag::{Move, Place, Target};
use switchboard_model::CallId;

/// Handlers of an element that can be lifted.
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

/// A place on the board.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) place: Place,
    pub(crate) target: Target,
    pub(crate) class: AttrValue,
    pub(crate) test_id: AttrValue,
    pub(crate) on_drag: Callback<Move>,
    pub(crate) children: Html,
}

/// A list item that takes a dragged call, if it can.
#[function_component]
pub(crate) fn DropPlace(props: &Props) -> Html {
    let Props { place, target, .. } = *props;
    let takes = target != Target::No;
    let on = props.on_drag.clone();
    let hold_open = move |event: DragEvent| {
        if takes {
            // What is not prevented is refused.
            event.prevent_default();
            if target == Target::Takes {
                on.emit(Move::Enter(place));
            }
        }
    };
    let on = props.on_drag.clone();
    let ondragleave = move |event: DragEvent| {
        // Leaving for a part of the same place is no leaving.
        let from = event.current_target();
        let to = event.related_target();
        let inside = from
            .and_then(|from| from.dyn_into::<HtmlElement>().ok())
            .zip(to.and_then(|to| to.dyn_into::<web_sys::Node>().ok()))
            .is_some_and(|(from, to)| from.contains(Some(&to)));
        if !inside {
            on.emit(Move::Leave(place));
        }
    };
    let ondrop = props.on_drag.reform(move |event: DragEvent| {
        event.prevent_default();
        Move::Drop(place)
    });
    html! {
        <li
            class={classes!(props.class.to_string(), target.classes())}
            data-testid={&props.test_id}
            ondragenter={hold_open.clone()}
            ondragover={hold_open}
            {ondragleave}
            {ondrop}
        >
            { props.children.clone() }
        </li>
    }
}
