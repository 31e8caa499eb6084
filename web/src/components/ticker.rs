//! Running times. One clock ticks for the whole page, and only the digits are drawn anew.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::browser::now_ms;
use crate::format::elapsed;
use crate::texts;
use crate::view::LONG_WAIT_MS;

/// The server's time in milliseconds since 1970, at the last full second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tick(i64);

/// What ticks, and for whom.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TickerProps {
    /// To add to the local time to get the server's.
    pub(crate) offset_ms: i64,
    pub(crate) children: Html,
}

/// Ticks at each full second of the server, so that all boards show the same digits.
#[function_component]
pub(crate) fn Ticker(props: &TickerProps) -> Html {
    let now = use_state(|| 0);
    let offset_ms = props.offset_ms;
    let server_now = now_ms() + offset_ms;
    // Each tick plans the next one.
    use_effect_with((*now, offset_ms), move |_| {
        let wait = 1000 - (now_ms() + offset_ms).rem_euclid(1000);
        let wait = u32::try_from(wait).unwrap_or(1000);
        let timer = Timeout::new(wait, move || now.set(now_ms()));
        move || drop(timer)
    });
    html! {
        <ContextProvider<Tick> context={Tick(server_now - server_now.rem_euclid(1000))}>
            { props.children.clone() }
        </ContextProvider<Tick>>
    }
}

/// How a running time is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The digits alone, such as `2:41`.
    Digits,
    /// How long a caller has been waiting, and that it is long when it is.
    Waiting,
}

/// Since when, on the server's clock.
#[derive(Clone, Copy, PartialEq, Eq, Properties)]
pub(crate) struct Props {
    pub(crate) since_ms: i64,
    pub(crate) shape: Shape,
}

/// A running time.
#[function_component]
pub(crate) fn Elapsed(props: &Props) -> Html {
    let Props { since_ms, shape } = *props;
    let Tick(now) = use_context::<Tick>().unwrap_or(Tick(since_ms));
    // Both seconds are cut off, so that a new call begins at 0:00 on every board.
    let ms = now - since_ms + since_ms.rem_euclid(1000);
    let digits = html! { <time role="timer">{ elapsed(ms) }</time> };
    match shape {
        Shape::Digits => digits,
        Shape::Waiting => {
            let is_long = ms >= LONG_WAIT_MS;
            let word = if is_long {
                texts::waiting_long()
            } else {
                texts::waiting()
            };
            html! {
                <p class="incoming-wait" data-long={is_long.to_string()}>
                    { digits }
                    <span class="incoming-wait-word">{ word }</span>
                </p>
            }
        }
    }
}
