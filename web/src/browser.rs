//! The few things that the page needs from the browser: the clock, chance, storage, the next frame.

use js_sys::{Function, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, Storage, Window};

/// The window; a page always has one.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// The element with that id.
pub(crate) fn element(id: &str) -> Option<Element> {
    window()?.document()?.get_element_by_id(id)
}

/// Puts the keyboard on the first element that the selector finds below `parent`.
pub(crate) fn focus_first(parent: &Element, selector: &str) {
    let found = parent.query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot take the keyboard leaves it where it was.
        let _ = element.focus();
    }
}

/// Takes the keyboard from the element that has it.
pub(crate) fn blur() {
    let active = window().and_then(|window| window.document()?.active_element());
    if let Some(active) = active.and_then(|active| active.dyn_into::<HtmlElement>().ok()) {
        // Nothing is lost if it keeps it.
        let _ = active.blur();
    }
}

/// The local time in milliseconds since 1970.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// The moment that a text such as an HTTP `Date` names, in milliseconds since 1970.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn parsed(date: &str) -> Option<i64> {
    let ms = js_sys::Date::parse(date);
    ms.is_finite().then_some(ms as i64)
}

/// A random number from 0 to 1. Not for secrets.
pub(crate) fn chance() -> f64 {
    js_sys::Math::random()
}

/// A moment as a time of day, in the reader's own way of writing it.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn time_of_day(ms: i64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(ms as f64));
    date.to_locale_time_string("default").into()
}

/// Calls `then` just before the browser paints what has been drawn. Not at all while the page is
/// hidden, since nothing is painted then.
pub(crate) fn before_paint(then: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    if window.document().is_some_and(|document| document.hidden()) {
        return;
    }
    let callback = Closure::once_into_js(then);
    let _ = window.request_animation_frame(callback.unchecked_ref());
}

/// What is kept under `key`, in this browser, for all its tabs.
pub(crate) fn kept(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Keeps `value`, or forgets what was kept. Other tabs hear of it by a `storage` event. A browser
/// that refuses (private mode, full) only loses the memory of it.
pub(crate) fn keep(key: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    let _ = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

#[wasm_bindgen(module = "/badge.js")]
extern "C" {
    /// Shows on the tab how many callers wait.
    pub(crate) fn badge(waiting: usize);
}

#[wasm_bindgen(module = "/alone.js")]
extern "C" {
    fn alone(name: &str) -> Promise;
}

/// Being the only one of this browser's tabs that does something, until it is dropped.
pub(crate) struct Alone(Option<Function>);

impl Alone {
    /// Waits until no other tab is alone under that name. A browser without locks never waits.
    pub(crate) async fn among_tabs(name: &str) -> Self {
        let end = JsFuture::from(alone(name)).await;
        Self(end.ok().map(JsCast::unchecked_into))
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if let Some(end) = &self.0 {
            // It only sets a timer.
            let _ = end.call0(end);
        }
    }
}
