//! Transfer: a button that opens a small list of colleagues.

use gloo_events::EventListener;
use switchboard_model::Intent;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};
use yew::prelude::*;

use super::avatar::avatar;
use super::button::{Button, Mode, Size, Tone};
use crate::browser::{focus_first, window};
use crate::hooks::actions::Ask;
use crate::texts;
use crate::view::{CallView, Colleague, Reach};

/// The call, who is free, and where to say who was chosen.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) call: CallView,
    pub(crate) colleagues: Vec<Colleague>,
    pub(crate) size: Size,
    /// Whether the key for a transfer means this one.
    pub(crate) has_key: bool,
    pub(crate) on_ask: Callback<Ask>,
}

/// The button and, while it is open, the list. Escape and a press elsewhere close it.
#[function_component]
pub(crate) fn TransferMenu(props: &Props) -> Html {
    let root = use_node_ref();
    let is_open = use_state_eq(|| false);
    let can = props.call.offers.transfer;
    let shown = *is_open && can;
    {
        let (root, is_open) = (root.clone(), is_open.clone());
        use_effect_with(shown, move |shown| {
            let listener = shown.then(|| watch_outside(&root, is_open)).flatten();
            move || drop(listener)
        });
    }
    let toggle = {
        let is_open = is_open.clone();
        Callback::from(move |_| is_open.set(!shown))
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
    let button = Button::new(Tone::Quiet, props.size, texts::transfer())
        .icon("transfer")
        .mode(Mode::when(can))
        .does("transfer", props.has_key)
        .about(&props.call.title)
        .draw(toggle);
    html! {
        <div class="transfer" ref={root} {onkeydown}>
            { button }
            if shown {
                { menu(props, &is_open) }
            }
        </div>
    }
}

fn menu(props: &Props, is_open: &UseStateHandle<bool>) -> Html {
    let id = props.call.id;
    let choice = |colleague: &Colleague| {
        let (to, is_open) = (colleague.id, is_open.clone());
        let onclick = props.on_ask.reform(move |_: MouseEvent| {
            is_open.set(false);
            Ask::Call(id, Intent::Transfer { to })
        });
        html! {
            <li key={to.to_string()}>
                <button class="transfer-choice" type="button" {onclick}>
                    { avatar(&colleague.initials, false) }
                    <span>{ &colleague.name }</span>
                    if let Some(word) = trouble(colleague.reach) {
                        <span class="tag">{ word }</span>
                    }
                </button>
            </li>
        }
    };
    let hint = if props.colleagues.is_empty() {
        texts::nobody_free()
    } else {
        texts::transfer_to()
    };
    html! {
        <div class="transfer-menu" role="group" aria-label={texts::transfer_to()}>
            <p class="transfer-hint">{ hint }</p>
            <ul>{ for props.colleagues.iter().map(choice) }</ul>
        </div>
    }
}

fn trouble(reach: Reach) -> Option<&'static str> {
    match reach {
        Reach::Unsaid | Reach::Ready | Reach::Connecting => None,
        Reach::Away | Reach::Off => Some(texts::away()),
        Reach::NoMicrophone => Some(texts::no_microphone()),
        Reach::Lost => Some(texts::out_of_reach()),
    }
}

/// Puts the keyboard on the first choice, and closes the list when something else is pressed.
fn watch_outside(root: &NodeRef, is_open: UseStateHandle<bool>) -> Option<EventListener> {
    let root: Element = root.cast()?;
    focus_first(&root, ".transfer-choice");
    let document = window()?.document()?;
    Some(EventListener::new(&document, "pointerdown", move |event| {
        let target = event.target().map(JsCast::unchecked_into::<Node>);
        if !root.contains(target.as_ref()) {
            is_open.set(false);
        }
    }))
}
