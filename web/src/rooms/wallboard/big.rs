//! The wallboard alone on a screen: `?big=1`, and the browser's own full screen where it gives it.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use crate::browser::window;

/// Fills the screen, or gives it back. A browser that refuses still shows the wallboard without what surrounds it.
pub(super) fn fill(is_big: bool) {
    let Some(document) = window().and_then(|window| window.document()) else {
        return;
    };
    let is_full = document.fullscreen_element().is_some();
    match (is_big, is_full) {
        (true, false) => {
            // What it promises is not waited for.
            let _ = document
                .document_element()
                .map(|root| root.request_fullscreen());
        }
        (false, true) => document.exit_fullscreen(),
        _ => {}
    }
}

/// Calls `leave` when the reader leaves the full screen by the browser's own ways, or presses Escape.
#[hook]
pub(super) fn use_leaving(is_big: bool, leave: Callback<()>) {
    use_effect_with((is_big, leave), |(is_big, leave)| {
        let document = window().and_then(|window| window.document());
        let listeners = document.filter(|_| *is_big).map(|document| {
            let by_browser = {
                let (document, leave) = (document.clone(), leave.clone());
                EventListener::new(&document.clone(), "fullscreenchange", move |_| {
                    if document.fullscreen_element().is_none() {
                        leave.emit(());
                    }
                })
            };
            let leave = leave.clone();
            let by_key = EventListener::new(&document, "keydown", move |event| {
                let event: Option<&KeyboardEvent> = event.dyn_ref();
                if event.is_some_and(|event| event.key() == "Escape") {
                    leave.emit(());
                }
            });
            (by_browser, by_key)
        });
        move || drop(listeners)
    });
}
