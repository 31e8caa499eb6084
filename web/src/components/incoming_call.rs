//! A ringing call.

use switchboard_model::Intent;
use yew::prelude::*;

use super::button::{Button, Look, Mode, Tone};
use super::drop_place::lift;
use super::icon::Icon;
use super::ticker::Waiting;
use crate::drag::Move;
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
    pub(crate) on_drag: Callback<Move>,
}

/// A card with the caller, the waiting time and a big Answer.
#[function_component]
pub(crate) fn IncomingCall(props: &Props) -> Html {
    let call = &props.call;
    let id = call.id;
    let (ondragstart, ondragend) = lift(id, &props.on_drag);
    let (label, mode) = match call.pending {
        Some(intent) => (texts::doing(intent), Mode::Busy),
        None => (texts::ANSWER, Mode::when(call.offers.answer)),
    };
    let tone = if props.is_next {
        Tone::Primary
    } else {
        Tone::Tonal
    };
    let onclick = props.on_ask.reform(move |()| Ask::Call(id, Intent::Answer));
    html! {
        <article
            class="incoming"
            data-testid={format!("call-{id}")}
            data-first={props.is_next.to_string()}
            draggable={call.is_movable().to_string()}
            {ondragstart}
            {ondragend}
        >
            <div class="incoming-top">
                <span class="incoming-bell"><Icon name="phone" /></span>
                <div class="incoming-who">
                    <h3 class="caller-name" title={&call.title}>{ &call.title }</h3>
                    <p class="caller-number">{ &call.line }</p>
                </div>
                <Waiting since_ms={call.since_ms} />
            </div>
            <div class="incoming-actions">
                <Button
                    {label}
                    {mode}
                    look={Look::new(tone, "large", "phone")}
                    hint={props.hint.clone()}
                    {onclick}
                />
                if call.offers.end {
                    <Button
                        label={texts::END_CALL}
                        mode={Mode::when(call.pending.is_none())}
                        look={Look::new(Tone::Ending, "large", "hang-up")}
                        onclick={props.on_ask.reform(move |()| Ask::Call(id, Intent::End))}
                    />
                }
            </div>
        </article>
    }
}
