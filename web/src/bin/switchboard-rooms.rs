//! The program of the rooms beside the board, fetched when one is entered.

use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;

/// Draws the rooms into `root`. They ask `host(verb, detail)`; what is returned is `tell(verb, detail)`, by which they
/// are told. See `rooms::host` for the verbs.
#[wasm_bindgen]
pub fn mount(root: Element, host: Function, texts: String) -> Function {
    switchboard_web::rooms::mount(root, host, texts)
}

fn main() {}
