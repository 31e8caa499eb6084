//! The details of a call, beside whatever room is shown: `?call=<id>` in the address opens them, taking it out closes
//! them, so that the back button and a link to a colleague do what one expects.
//!
//! It is no dialogue: the board goes on beside it. [`call`] finds the facts, and the parts below draw them:
//! [`acting`] what can be done, [`player`] the caller's message, [`writing`] the notes, [`timeline`], [`contact`] and
//! [`earlier`] calls. What happened is put in words by [`story`], and what becomes of typed notes is said by [`notes`];
//! both are pure.

use gloo_events::EventListener;
use switchboard_model::CallId;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};
use yew::prelude::*;

use super::desk::use_desk;
use crate::browser::{before_paint, window};
use crate::texts::drawer as texts;

mod acting;
mod call;
mod contact;
mod earlier;
mod kept;
mod notes;
mod player;
mod seconds;
mod story;
mod timeline;
mod when;
mod writing;

pub(super) use kept::use_left_notes;

/// The call that the address names.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) call: String,
}

/// The panel. It takes the keyboard when it opens, and gives it back to what opened it when it closes.
#[function_component]
pub(super) fn Drawer(props: &Props) -> Html {
    let desk = use_desk();
    let root = use_node_ref();
    let on_close = {
        use_callback(desk.address.clone(), move |(), _| {
            desk.host.go(&desk.with("call", ""));
        })
    };
    use_returning_focus(&root, &props.call);
    use_escape(&root, &on_close);
    let content = match props.call.parse::<CallId>() {
        Ok(id) => {
            html! { <call::CallDetails key={props.call.clone()} {id} on_close={on_close.clone()} /> }
        }
        Err(_) => call::unknown(&on_close.reform(|_| ())),
    };
    html! {
        <aside class="drawer" ref={root} aria-label={texts::details()} data-testid="drawer">
            { content }
        </aside>
    }
}

fn document() -> Option<Document> {
    window()?.document()
}

/// Puts the keyboard on the title of the call that is shown.
pub(super) fn focus_title() {
    let title = document().and_then(|document| document.get_element_by_id("drawer-title"));
    if let Some(title) = title.and_then(|title| title.dyn_into::<HtmlElement>().ok()) {
        // A title that cannot take the keyboard leaves it where it was.
        let _ = title.focus();
    }
}

/// Gives the keyboard back to what had it before, or to another link to that call, if nothing else has it by then.
#[hook]
fn use_returning_focus(root: &NodeRef, call: &str) {
    let last = use_mut_ref(String::new);
    call.clone_into(&mut last.borrow_mut());
    let first = use_memo((), |()| call.to_owned());
    let root = root.clone();
    use_effect_with((), move |()| {
        let before = document().and_then(|document| document.active_element());
        move || {
            let last = last.take();
            // Whoever opened another call from beside the panel goes back to that one.
            let before = before.filter(|_| *first == last);
            let focused = document().and_then(|document| document.active_element());
            let root = root.cast::<Element>();
            let is_free = focused.is_none_or(|focused| {
                focused.tag_name() == "BODY"
                    || root.is_some_and(|root| root.contains(Some(&focused)))
            });
            if is_free {
                // What is behind the panel on a telephone can take the keyboard only when the panel is gone.
                before_paint(move || return_focus(before, &last));
            }
        }
    });
}

fn return_focus(before: Option<Element>, call: &str) {
    let there = before.filter(|before| before.is_connected() && before.tag_name() != "BODY");
    let other = || {
        let link = format!("main:not([hidden]) a[href*=\"call={call}\"]");
        document()?.query_selector(&link).ok()?
    };
    let target = there
        .or_else(other)
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(target) = target {
        // One that has just gone leaves it on the page.
        let _ = target.focus();
    }
}

/// Closes on Escape, unless that was meant for something else.
#[hook]
fn use_escape(root: &NodeRef, on_close: &Callback<()>) {
    let root = root.clone();
    use_effect_with(on_close.clone(), move |on_close| {
        let on_close = on_close.clone();
        let keys = document().map(|document| {
            EventListener::new(&document, "keydown", move |event| {
                let is_escape = event
                    .dyn_ref::<KeyboardEvent>()
                    .is_some_and(|event| event.key() == "Escape" && !event.default_prevented());
                let target = event
                    .target()
                    .and_then(|target| target.dyn_into::<Element>().ok());
                let root = root.cast::<Element>();
                // What closes by Escape itself, and fields, are left alone.
                let is_theirs = |target: &Element| {
                    let its = target.closest("dialog, .transfer, input, textarea, select");
                    its.is_ok_and(|its| its.is_some())
                };
                let is_here = target.is_some_and(|target| {
                    root.is_some_and(|root| root.contains(Some(&target))) || !is_theirs(&target)
                });
                if is_escape && is_here {
                    on_close.emit(());
                }
            })
        });
        move || drop(keys)
    });
}
