//! Running times within the details: the server's seconds, as the cards show them.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::format::elapsed;
use crate::rooms::desk::use_desk;

/// The server's time at its last full second, in milliseconds since 1970; drawn anew at the next one.
#[hook]
pub(super) fn use_second() -> i64 {
    let desk = use_desk();
    let drawn = use_state(|| 0_i64);
    let now = desk.now_ms();
    // Each tick plans the next one.
    use_effect_with((*drawn, desk.clock), move |_| {
        let wait = u32::try_from(1000 - now.rem_euclid(1000)).unwrap_or(1000);
        let timer = Timeout::new(wait, move || drawn.set(*drawn + 1));
        move || drop(timer)
    });
    now - now.rem_euclid(1000)
}

/// Since when, on the server's clock.
#[derive(Clone, Copy, PartialEq, Eq, Properties)]
pub(super) struct Props {
    pub(super) since_ms: i64,
}

/// A running time such as `2:41`.
#[function_component]
pub(super) fn Running(props: &Props) -> Html {
    let since_ms = props.since_ms;
    let ran_ms = use_second() - since_ms + since_ms.rem_euclid(1000);
    html! { <time role="timer">{ elapsed(ran_ms) }</time> }
}
