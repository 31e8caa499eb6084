//! Ending a call that one is not on: a right that few have, kept small beside the main action.

use gloo_timers::callback::Timeout;
use switchboard_model::{CallId, Intent};
use yew::prelude::*;

use super::button::{Button, Size, Tone};
use crate::browser::now_ms;
use crate::hooks::actions::Ask;
use crate::texts;

/// How long the question stands.
const ASKED_FOR_MS: u32 = 4_000;
/// A double click is one press: the answer counts only after this long.
const DOUBLE_CLICK_MS: i64 = 400;

/// The call, and where to say that it shall end.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) call: CallId,
    /// Whose call it is.
    pub(crate) title: AttrValue,
    pub(crate) size: Size,
    pub(crate) on_ask: Callback<Ask>,
}

/// A button that asks once more: when a card leaves, the next one slides under the pointer.
#[function_component]
pub(crate) fn EndAside(props: &Props) -> Html {
    let asked_ms = use_state_eq(|| None::<i64>);
    {
        let asked_ms = asked_ms.clone();
        use_effect_with(*asked_ms, move |asked| {
            let timer = asked.map(|_| Timeout::new(ASKED_FOR_MS, move || asked_ms.set(None)));
            move || drop(timer)
        });
    }
    let on_press = {
        let (call, on_ask, asked_ms) = (props.call, props.on_ask.clone(), asked_ms.clone());
        Callback::from(move |_| match *asked_ms {
            None => asked_ms.set(Some(now_ms())),
            Some(asked) if now_ms() - asked > DOUBLE_CLICK_MS => {
                asked_ms.set(None);
                on_ask.emit(Ask::Call(call, Intent::End));
            }
            Some(_) => {}
        })
    };
    let label = match *asked_ms {
        Some(_) => texts::end_this_call(),
        None => texts::end_call(),
    };
    html! {
        <span class="end-aside" data-asks={asked_ms.is_some().to_string()}>
            { Button::new(Tone::Ending, props.size, label)
                .icon("hang-up")
                .hint(Some(label.into()))
                .about(&props.title)
                .draw(on_press) }
        </span>
    }
}
