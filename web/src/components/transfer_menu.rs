//! Transfer: a button that opens a small list of colleagues.

use gloo_events::EventListener;
use switchboard_model::MemberId;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};
use yew::prelude::*;

use super::avatar::Avatar;
use super::button::{Button, Look, Mode, Tone};
use crate::browser::{focus_first, window};
use crate::texts;
use crate::view::Colleague;

/// Who is free, and where to say who was chosen.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) colleagues: Vec<Colleague>,
    pub(crate) mode: Mode,
    /// As of a button.
    pub(crate) size: &'static str,
    pub(crate) on_choose: Callback<MemberId>,
}

/// The button and, while it is open, the list. Escape and a click elsewhere close it.
#[function_component]
pub(crate) fn TransferMenu(props: &Props) -> Html {
    let root = use_node_ref();
    let is_open = use_state(|| false);
    let shown = *is_open && props.mode == Mode::Ready;
    {
        let (root, is_open) = (root.clone(), is_open.clone());
        use_effect_with(shown, move |shown| {
            let listener = shown.then(|| watch_outside(&root, is_open)).flatten();
            move || drop(listener)
        });
    }
    let toggle = {
        let is_open = is_open.clone();
        move |()| is_open.set(!*is_open)
    };
    let onkeydown = {
        let (root, is_open) = (root.clone(), is_open.clone());
        move |event: KeyboardEvent| {
            if shown && event.key() == "Escape" {
                is_open.set(false);
                if let Some(root) = root.cast::<Element>() {
                    focus_first(&root, "button");
                }
            }
        }
    };
    let choice = |colleague: &Colleague| {
        let (id, is_open) = (colleague.id, is_open.clone());
        let onclick = props.on_choose.reform(move |_: MouseEvent| {
            is_open.set(false);
            id
        });
        html! {
            <li key={id.to_string()}>
                <button class="transfer-choice" type="button" {onclick}>
                    <Avatar initials={&colleague.initials} />
                    <span>{ &colleague.name }</span>
                    if !colleague.is_available {
                        <span class="tag">{ texts::AWAY }</span>
                    }
                </button>
            </li>
        }
    };
    let label = if props.mode == Mode::Busy {
        "Transferring…"
    } else {
        texts::TRANSFER
    };
    html! {
        <div class="transfer" ref={root} {onkeydown}>
            <Button
                {label}
                look={Look::new(Tone::Quiet, props.size, "transfer")}
                mode={props.mode}
                onclick={Callback::from(toggle)}
            />
            if shown {
                <div class="transfer-menu" role="group" aria-label={texts::TRANSFER_TO}>
                    if props.colleagues.is_empty() {
                        <p class="transfer-hint">{ texts::NOBODY_FREE }</p>
                    } else {
                        <p class="transfer-hint" aria-hidden="true">{ texts::TRANSFER_TO }</p>
                        <ul>{ for props.colleagues.iter().map(choice) }</ul>
                    }
                </div>
            }
        </div>
    }
}

/// Puts the keyboard on the first choice, and closes the list when something else is pressed.
fn watch_outside(root: &NodeRef, is_open: UseStateHandle<bool>) -> Option<EventListener> {
    let root: Element = root.cast()?;
    focus_first(&root, ".transfer-choice");
    let document = window()?.document()?;
    Some(EventListener::new(&document, "pointerdown", move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Node>().ok());
        if !root.contains(target.as_ref()) {
            is_open.set(false);
        }
    }))
}
