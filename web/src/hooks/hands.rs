//! The program's side of `web/hands.js`, which follows the pointer and the keys on the board.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;
use yew::prelude::*;

use crate::drag::{Move, Place};

#[wasm_bindgen(module = "/hands.js")]
extern "C" {
    fn hands(root: &Element, tell: &JsValue) -> Function;
    /// The key that does `action` now.
    #[wasm_bindgen(js_name = keyOf)]
    pub(crate) fn key_of(action: &str) -> String;
}

/// What the hands did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Did {
    /// A moment of a drag.
    Moved(Move),
    /// A call was lifted by the keyboard, and nothing takes it.
    InVain,
    /// That key was pressed to end my call: it has to be pressed again.
    WouldEnd(String),
}

impl Did {
    fn read(verb: &str, detail: String) -> Option<Self> {
        Some(match verb {
            "lift" => Self::Moved(Move::Lift(detail.parse().ok()?)),
            "over" => Self::Moved(Move::Over(Place::named(&detail))),
            "drop" => Self::Moved(Move::Drop),
            "end" => Self::Moved(Move::End),
            "in-vain" => Self::InVain,
            "end-again" => Self::WouldEnd(detail),
            _ => return None,
        })
    }
}

/// Follows the hands in the element that the answer refers to, and keeps the keyboard's place in it whenever the page
/// was drawn. `on_did` is the first one for ever.
#[hook]
pub(crate) fn use_hands(on_did: &Callback<Did>) -> NodeRef {
    let root = use_node_ref();
    let follower = use_mut_ref(|| None::<Function>);
    {
        let (root, on_did, follower) = (root.clone(), on_did.clone(), follower.clone());
        use_effect_with((), move |()| {
            let tell = Closure::<dyn FnMut(String, String) -> JsValue>::new(
                move |verb: String, detail| {
                    if let Some(did) = Did::read(&verb, detail) {
                        on_did.emit(did);
                    }
                    JsValue::UNDEFINED
                },
            );
            if let Some(root) = root.cast::<Element>() {
                follower.replace(Some(hands(&root, tell.as_ref())));
            }
            move || {
                told(&follower, "end");
                drop(tell);
            }
        });
    }
    use_effect(move || {
        told(&follower, "drawn");
        || ()
    });
    root
}

fn told(follower: &RefCell<Option<Function>>, verb: &str) {
    if let Some(follower) = &*follower.borrow() {
        // Nothing of the board depends on it.
        let _ = follower.call1(&JsValue::NULL, &verb.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_hands_tell_is_read_or_nothing() {
        let read = |verb, detail: &str| Did::read(verb, detail.to_owned());
        let call = "33333333-0000-4000-8000-000000000001";
        let lifted = Move::Lift(call.parse().expect("a uuid"));
        assert_eq!(read("lift", call), Some(Did::Moved(lifted)));
        assert_eq!(read("lift", "7"), None);
        let slot = Move::Over(Some(Place::Slot(3)));
        assert_eq!(read("over", "slot-3"), Some(Did::Moved(slot)));
        assert_eq!(read("over", ""), Some(Did::Moved(Move::Over(None))));
        assert_eq!(read("drop", ""), Some(Did::Moved(Move::Drop)));
        assert_eq!(read("end-again", "e"), Some(Did::WouldEnd("e".to_owned())));
        assert_eq!(read("sing", ""), None);
    }
}
