//! A ringing call.

use switchboard_model::Intent;
use yew::prelude::*;

use super::button::{Button, Mode, Size, Tone};
use super::details::{company, details};
use super::end_aside::EndAside;
use super::icon::icon;
use super::state_label::{State, state_label};
use super::ticker::waiting;
use crate::hooks::actions::Ask;
use crate::texts;
use crate::view::CallView;

/// The call, and where to say what is wanted.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) call: CallView,
    /// It has waited longest.
    pub(crate) is_next: bool,
    /// Why it cannot be answered, if there is a reason that is mine.
    pub(crate) hint: Option<AttrValue>,
    pub(crate) on_ask: Callback<Ask>,
}

/// A card with the caller, the waiting time and a big Answer.
#[function_component]
pub(crate) fn IncomingCall(props: &Props) -> Html {
    let call = &props.call;
    let id = call.id;
    html! {
        <article
            class="incoming"
            data-testid={format!("call-{id}")}
            data-first={props.is_next.to_string()}
            data-hushed={(call.is_hushed || call.leaves_message).to_string()}
            data-lifted={call.is_lifted.to_string()}
            data-call={id.to_string()}
            data-movable={call.is_movable().to_string()}
            data-pending={call.is_pending.to_string()}
            aria-label={call.title.clone()}
            tabindex="-1"
        >
            <div class="incoming-top">
                <span class="incoming-bell">{ icon("phone") }</span>
                <div class="incoming-who">
                    <h3 class="caller-name" title={&call.title}>{ details(call) }</h3>
                    { company(call) }
                    <p class="caller-number">{ &call.line }</p>
                    if call.leaves_message {
                        { state_label(State::LeavesMessage, Html::default()) }
                    } else if !call.why.is_empty() {
                        <p class="state" data-state="held">{ icon("resume") }{ &call.why }</p>
                    }
                </div>
                if !call.leaves_message {
                    { waiting(call.since_ms) }
                }
            </div>
            <div class="incoming-actions">
                if let Some(hint) = &props.hint {
                    <p class="incoming-hint">{ hint }</p>
                }
                { answer(props) }
                if !call.leaves_message {
                    { not_me(props) }
                }
                if call.offers.end {
                    <EndAside
                        call={id}
                        title={call.title.clone()}
                        size={Size::Large}
                        on_ask={props.on_ask.clone()}
                    />
                }
            </div>
        </article>
    }
}

/// Silences it for me alone.
fn not_me(props: &Props) -> Html {
    let id = props.call.id;
    let word = match props.call.is_hushed {
        true => texts::me_again(),
        false => texts::not_me(),
    };
    Button::new(Tone::Quiet, Size::Large, word)
        .mode(Mode::when(props.call.offers.answer))
        .about(&props.call.title)
        .draw(props.on_ask.reform(move |_| Ask::NotMe(id)))
}

fn answer(props: &Props) -> Html {
    let Props { call, on_ask, .. } = props;
    let id = call.id;
    let tone = if props.is_next {
        Tone::Primary
    } else {
        Tone::Tonal
    };
    Button::new(tone, Size::Large, texts::answer())
        .icon("phone")
        .mode(Mode::when(call.offers.answer))
        .does("answer", props.is_next)
        .about(&call.title)
        .hint(props.hint.clone())
        .draw(on_ask.reform(move |_| Ask::Call(id, Intent::Answer)))
}
