//! The board's program. Everything else lives in the library, where it is tested natively.

use wasm_bindgen::prelude::wasm_bindgen;

/// Draws the dashboard into the page, with the texts of the reader's language, one to a line.
#[wasm_bindgen]
pub fn open(texts: String) {
    switchboard_web::open(texts);
}

fn main() {}
