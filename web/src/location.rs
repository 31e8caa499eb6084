//! Where in the dashboard the reader is: the address, which the back button and a link to a colleague know too.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;
use yew::prelude::*;

use crate::browser::window;

/// The board's own path.
pub(crate) const BOARD: &str = "/";

/// The path and the query of the address, such as `/history?q=anna`.
pub(crate) fn here() -> String {
    let Some(location) = window().map(|window| window.location()) else {
        return BOARD.to_owned();
    };
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// How the address of an invitation ends; what stands behind `#` is sent to no server.
const JOIN: &str = "#join=";

/// The secret of the invitation that the address carries.
pub(crate) fn invitation() -> Option<String> {
    let hash = window()?.location().hash().ok()?;
    hash.strip_prefix(JOIN).map(str::to_owned)
}

/// Takes the invitation out of the address, and out of the browser's history.
pub(crate) fn forget_invitation() {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        // A spent one that stays is refused.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(BOARD));
    }
}

/// The path alone.
pub(crate) fn path(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// Whether something of the rooms is shown there: a room, the details of a call, or what the keys do.
pub(crate) fn needs_rooms(address: &str) -> bool {
    path(address) != BOARD || address.contains("call=") || address.contains("help=")
}

/// The address, and how to go elsewhere.
#[hook]
pub(crate) fn use_location() -> (UseStateHandle<String>, Callback<String>) {
    let address = use_state_eq(here);
    {
        let address = address.setter();
        use_effect_with((), move |()| {
            let back = window().map(|window| {
                EventListener::new(&window, "popstate", move |_| address.set(here()))
            });
            move || drop(back)
        });
    }
    let go: Callback<String> = {
        let address = address.setter();
        use_callback((), move |to: String, ()| {
            if let Some(window) = window() {
                let before = window.location().pathname();
                if let Ok(history) = window.history() {
                    // Without it the page is the same, only the address is an older one.
                    let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&to));
                }
                // Another room begins at its top.
                if before.is_ok_and(|before| before != path(&to)) {
                    window.scroll_to_with_x_and_y(0.0, 0.0);
                }
            }
            address.set(to);
        })
    };
    {
        let go = go.clone();
        use_effect_with((), move |()| {
            let links = window()
                .and_then(|window| window.document())
                .map(|document| {
                    let wanted = EventListenerOptions::enable_prevent_default();
                    EventListener::new_with_options(&document, "click", wanted, move |event| {
                        if let Some(to) = followed(event) {
                            go.emit(to);
                        }
                    })
                });
            move || drop(links)
        });
    }
    (address, go)
}

/// Where a press on a link leads that names a query alone, such as `?call=…`: within the page. One that asks for another
/// tab is the browser's.
fn followed(event: &Event) -> Option<String> {
    let event = event.dyn_ref::<MouseEvent>()?;
    let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
    let pressed: Element = event.target()?.dyn_into().ok()?;
    let link = pressed.closest("a[href^='?']").ok()??;
    let query = link.get_attribute("href").filter(|_| !elsewhere)?;
    event.prevent_default();
    Some(path(&here()).to_owned() + &query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_alone_needs_no_rooms() {
        assert!(!needs_rooms("/"));
        assert!(!needs_rooms("/?lang=es"));
        assert!(needs_rooms("/?call=22222222-0000-4000-8000-000000000001"));
        assert!(needs_rooms("/?help=1"));
        assert!(needs_rooms("/history?q=anna"));
        assert_eq!(path("/history?q=anna"), "/history");
    }
}
