//! The top bar: the product, on or off duty, who is signed in, the way out.

use yew::prelude::*;

use super::avatar::Avatar;
use super::button::{Button, Look, Mode, Tone};
use super::icon::Mark;
use crate::format::initials;
use crate::texts;

/// The member who is signed in, as far as the bar shows it.
#[derive(Clone, PartialEq)]
pub(crate) struct Me {
    pub(crate) name: AttrValue,
    pub(crate) is_supervisor: bool,
    pub(crate) is_available: bool,
}

/// Who, and where to say what is wanted.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Absent while it is not known.
    pub(crate) me: Option<Me>,
    /// Whether the switch can be pressed.
    pub(crate) duty: Mode,
    pub(crate) on_duty: Callback<bool>,
    pub(crate) on_sign_out: Callback<()>,
}

/// The bar.
#[function_component]
pub(crate) fn Header(props: &Props) -> Html {
    html! {
        <header class="header">
            <h1 class="mark"><Mark /><span class="mark-word">{ texts::PRODUCT }</span></h1>
            if let Some(me) = &props.me {
                { duty(me, props) }
                <div class="me">
                    <Avatar initials={initials(&me.name)} is_me=true />
                    <div class="me-words">
                        <p class="me-name">{ &me.name }</p>
                        <p class="me-role">
                            { if me.is_supervisor { texts::SUPERVISOR } else { texts::AGENT } }
                        </p>
                    </div>
                </div>
            }
            <Button
                label={texts::SIGN_OUT}
                look={Look::new(Tone::Quiet, "", "leave")}
                onclick={props.on_sign_out.clone()}
            />
        </header>
    }
}

fn duty(me: &Me, props: &Props) -> Html {
    let wanted = !me.is_available;
    let onclick = props.on_duty.reform(move |_: MouseEvent| wanted);
    html! {
        <button
            class="duty"
            type="button"
            role="switch"
            aria-checked={me.is_available.to_string()}
            aria-busy={(props.duty == Mode::Busy).to_string()}
            disabled={props.duty != Mode::Ready}
            {onclick}
        >
            <span class="duty-track" />
            { if me.is_available { texts::ON_DUTY } else { texts::OFF_DUTY } }
        </button>
    }
}
