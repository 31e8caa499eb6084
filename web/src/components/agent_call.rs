//! The call on an agent's card, with what I may do about it.

use switchboard_model::{CallId, Intent};
use yew::prelude::*;

use super::button::{Button, Look, Mode, Tone};
use super::drop_place::lift;
use super::state_label::{State, StateLabel};
use super::ticker::Elapsed;
use super::transfer_menu::TransferMenu;
use crate::drag::Move;
use crate::hooks::actions::Ask;
use crate::texts;
use crate::view::{CallView, Colleague};

/// The call, and where to say what is wanted.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) call: CallView,
    /// It stands on my own card.
    pub(crate) is_mine: bool,
    /// Whom it could be handed to.
    pub(crate) colleagues: Vec<Colleague>,
    pub(crate) on_ask: Callback<Ask>,
    pub(crate) on_drag: Callback<Move>,
}

/// Who calls, for how long, whether on hold; on my own card all the actions, on a colleague's those
/// that a supervisor has.
#[function_component]
pub(crate) fn AgentCall(props: &Props) -> Html {
    let call = &props.call;
    let id = call.id;
    let (ondragstart, ondragend) = lift(id, &props.on_drag);
    let offers = call.offers;
    let has_actions = props.is_mine || offers.park || offers.transfer || offers.end;
    html! {
        <article
            class="on-call"
            data-testid={format!("call-{id}")}
            data-held={call.held_ms.is_some().to_string()}
            draggable={call.is_movable().to_string()}
            {ondragstart}
            {ondragend}
        >
            <div class="on-call-top">
                <div class="on-call-who">
                    <h4 class="on-call-name" title={&call.title}>{ &call.title }</h4>
                    <p class="caller-number">{ &call.line }</p>
                </div>
                <div class="on-call-time">
                    <Elapsed since_ms={call.since_ms} />
                    if let Some(since_ms) = call.held_ms {
                        <StateLabel state={State::Held}><Elapsed {since_ms} /></StateLabel>
                    } else {
                        <StateLabel state={State::Talking} />
                    }
                </div>
            </div>
            if has_actions {
                <div class="on-call-actions">{ actions(props) }</div>
            }
        </article>
    }
}

fn actions(props: &Props) -> Html {
    let call = &props.call;
    let is_held = call.held_ms.is_some();
    let (hold, hold_label, hold_icon) = if is_held {
        (Intent::Resume, texts::RESUME, "resume")
    } else {
        (Intent::Hold, texts::HOLD, "hold")
    };
    let size = if props.is_mine { "" } else { "small" };
    let button = |intent, label, tone, icon, can| {
        action_button(
            call,
            (intent, can),
            label,
            Look::new(tone, size, icon),
            &props.on_ask,
        )
    };
    let transferring = match call.pending {
        Some(Intent::Transfer { .. }) => Mode::Busy,
        pending => Mode::when(call.offers.transfer && pending.is_none()),
    };
    let id = call.id;
    html! {
        <>
            if props.is_mine {
                { button(hold, hold_label, Tone::Quiet, hold_icon, call.offers.hold) }
            }
            { button(Intent::Park { slot: None }, texts::PARK, Tone::Quiet, "park", call.offers.park) }
            <TransferMenu
                colleagues={props.colleagues.clone()}
                mode={transferring}
                {size}
                on_choose={props.on_ask.reform(move |to| Ask::Call(id, Intent::Transfer { to }))}
            />
            { button(Intent::End, texts::END_CALL, Tone::Ending, "hang-up", call.offers.end) }
        </>
    }
}

fn action_button(
    call: &CallView,
    (intent, can): (Intent, bool),
    label: &'static str,
    look: Look,
    on_ask: &Callback<Ask>,
) -> Html {
    let id: CallId = call.id;
    let same = |pending| std::mem::discriminant(&pending) == std::mem::discriminant(&intent);
    let (label, mode) = match call.pending {
        Some(pending) if same(pending) => (texts::doing(pending), Mode::Busy),
        pending => (label, Mode::when(can && pending.is_none())),
    };
    let onclick = on_ask.reform(move |()| Ask::Call(id, intent));
    html! { <Button {label} {look} {mode} {onclick} /> }
}
