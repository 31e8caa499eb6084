//! The clipboard.

use wasm_bindgen_futures::JsFuture;

use crate::browser::window;

/// Copies a text; whether that was done.
pub(super) async fn copied(text: &str) -> bool {
    // Pages that came without TLS have no clipboard.
    let Some(window) = window().filter(|window| window.is_secure_context()) else {
        return false;
    };
    let written = window.navigator().clipboard().write_text(text);
    JsFuture::from(written).await.is_ok()
}
