//! The top bar: the product, on or off duty, who is signed in, the way out.

use switchboard_model::Member;
use yew::prelude::*;

use super::avatar::avatar;
use super::button::{Button, Mode, Size, Tone};
use super::icon::mark;
use crate::format::initials;
use crate::texts;

/// The bar. `me` is absent while it is not known; `duty` says whether the switch can be pressed.
/// Where there is audio, `is_on` says whether it is on in this browser: going on duty takes a press
/// that the browser sees.
pub(crate) fn header(
    me: Option<&Member>,
    is_on: Option<bool>,
    duty: Mode,
    on_duty: &Callback<bool>,
    on_sign_out: Callback<MouseEvent>,
) -> Html {
    html! {
        <header class="header">
            <h1 class="mark">{ mark() }<span class="mark-word">{ texts::product() }</span></h1>
            if let Some(me) = me {
                if is_on == Some(false) {
                    { Button::new(Tone::Primary, Size::Medium, texts::go_on_duty())
                        .icon("microphone")
                        .mode(duty)
                        .draw(on_duty.reform(|_| true)) }
                } else {
                    { duty_switch(me.is_available, duty, on_duty) }
                }
                { who(me) }
            }
            { Button::new(Tone::Quiet, Size::Medium, texts::sign_out()).icon("leave").draw(on_sign_out) }
        </header>
    }
}

fn who(me: &Member) -> Html {
    let role = if me.is_supervisor() {
        texts::supervisor()
    } else {
        texts::agent()
    };
    html! {
        <div class="me">
            { avatar(&initials(&me.display_name).into(), true) }
            <div class="me-words">
                <p class="me-name">{ me.display_name.clone() }</p>
                <p class="me-role">{ role }</p>
            </div>
        </div>
    }
}

fn duty_switch(is_available: bool, mode: Mode, on_duty: &Callback<bool>) -> Html {
    let is_busy = mode == Mode::Busy;
    let onclick = on_duty.reform(move |_: MouseEvent| !is_available);
    let onclick = (!is_busy).then_some(onclick);
    html! {
        <button
            class="duty"
            type="button"
            role="switch"
            aria-checked={is_available.to_string()}
            aria-busy={is_busy.to_string()}
            aria-disabled={is_busy.then_some("true")}
            disabled={mode == Mode::Off}
            {onclick}
        >
            <span class="duty-track" />
            { if is_available { texts::on_duty() } else { texts::off_duty() } }
        </button>
    }
}
