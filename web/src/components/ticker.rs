//! Running times. One timer ticks for the whole page, in `web/ticker.js`, and changes the digits alone: nothing is
//! drawn for that.

use std::cell::Cell;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use yew::prelude::*;

use crate::browser::now_ms;
use crate::format::elapsed;
use crate::texts;
use crate::view::LONG_WAIT_MS;

#[wasm_bindgen(module = "/ticker.js")]
extern "C" {
    fn tick(offset_ms: f64, digits: &JsValue);
}

thread_local! {
    /// To add to the local time to get the server's.
    static OFFSET_MS: Cell<i64> = const { Cell::new(0) };
    static DIGITS: JsValue = Closure::<dyn FnMut(f64) -> String>::new(digits).into_js_value();
}

/// Ticks from now on, at each full second of the server, so that all boards show the same digits.
#[hook]
// A difference of clocks is far below what a double holds exactly.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn use_ticker(offset_ms: i64) {
    OFFSET_MS.set(offset_ms);
    use_effect_with(offset_ms, |offset_ms| {
        DIGITS.with(|digits| tick(*offset_ms as f64, digits));
    });
}

/// Has what is drawn from now on begin with the server's time by that offset, or with another one: the rooms are a program
/// of their own, and the board's timer reads on for them.
pub(crate) fn begin_by(offset_ms: i64) {
    OFFSET_MS.set(offset_ms);
}

/// How long it has been, in whole seconds of the server: a new call begins at 0:00 on every board.
fn ran_ms(since_ms: i64) -> i64 {
    let now = now_ms() + OFFSET_MS.get();
    now - now.rem_euclid(1000) - since_ms + since_ms.rem_euclid(1000)
}

// The moments that it is asked for are those that it was told, which are whole.
#[allow(clippy::cast_possible_truncation)]
fn digits(since_ms: f64) -> String {
    elapsed(ran_ms(since_ms as i64))
}

/// A running time such as `2:41`, since a moment on the server's clock.
pub(crate) fn running(since_ms: i64) -> Html {
    time(since_ms, None)
}

/// How long a caller has been waiting, and that it is long when it is.
pub(crate) fn waiting(since_ms: i64) -> Html {
    let late_ms = since_ms - since_ms.rem_euclid(1000) + LONG_WAIT_MS;
    let is_long = ran_ms(since_ms) >= LONG_WAIT_MS;
    html! {
        <p class="incoming-wait" data-long={is_long.to_string()}>
            { time(since_ms, Some(late_ms.to_string())) }
            <span class="incoming-wait-word">{ texts::waiting() }</span>
            <span class="incoming-wait-word">{ texts::waiting_long() }</span>
        </p>
    }
}

/// How long it is until a moment on the server's clock; what is past is `0:00`.
pub(crate) fn left(until_ms: i64) -> Html {
    let left = elapsed(-ran_ms(until_ms));
    html! { <time role="timer" data-until={until_ms.to_string()}>{ left }</time> }
}

fn time(since_ms: i64, late: Option<String>) -> Html {
    html! {
        <time role="timer" data-since={since_ms.to_string()} data-late={late}>
            { elapsed(ran_ms(since_ms)) }
        </time>
    }
}
