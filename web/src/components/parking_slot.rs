//! A numbered place to park a call.

use switchboard_model::Intent;
use yew::prelude::*;

use super::button::{Button, Look, Mode, Tone};
use super::drop_place::{DropPlace, lift};
use super::ticker::Elapsed;
use crate::drag::{Move, Place, Target};
use crate::hooks::actions::Ask;
use crate::texts;
use crate::view::{CallView, SlotView};

/// The slot, and where to say what is wanted.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) slot: SlotView,
    /// Whether a dragged call may be dropped here.
    pub(crate) target: Target,
    /// Why nothing can be retrieved, if there is a reason that is mine.
    pub(crate) hint: Option<AttrValue>,
    pub(crate) on_ask: Callback<Ask>,
    pub(crate) on_drag: Callback<Move>,
}

/// The number and the call in it, if there is one.
#[function_component]
pub(crate) fn ParkingSlot(props: &Props) -> Html {
    let number = props.slot.number;
    let is_taken = props.slot.call.is_some();
    html! {
        <DropPlace
            place={Place::Slot(number)}
            target={props.target}
            class={if is_taken { "slot slot-taken" } else { "slot" }}
            test_id={format!("slot-{number}")}
            on_drag={props.on_drag.clone()}
        >
            <span class="slot-number">{ number }</span>
            if let Some(call) = &props.slot.call {
                { parked(call, props) }
            } else {
                <span class="slot-free">
                    { if props.target == Target::No { texts::FREE_SLOT } else { texts::DROP_TO_PARK } }
                </span>
            }
        </DropPlace>
    }
}

fn parked(call: &CallView, props: &Props) -> Html {
    let id = call.id;
    let (ondragstart, ondragend) = lift(id, &props.on_drag);
    let (label, mode) = match call.pending {
        Some(intent) => (texts::doing(intent), Mode::Busy),
        None => (texts::RETRIEVE, Mode::when(call.offers.retrieve)),
    };
    html! {
        <article
            class="parked"
            data-testid={format!("call-{id}")}
            draggable={call.is_movable().to_string()}
            {ondragstart}
            {ondragend}
        >
            <div class="parked-who">
                <h3 class="parked-name" title={&call.title}>{ &call.title }</h3>
                <p class="caller-number">{ &call.line }</p>
            </div>
            <Button
                {label}
                {mode}
                look={Look::new(Tone::Tonal, "small", "retrieve")}
                hint={props.hint.clone()}
                onclick={props.on_ask.reform(move |()| Ask::Call(id, Intent::Retrieve))}
            />
            <p class="parked-why">
                <span>{ &call.why }</span>
                <Elapsed since_ms={call.since_ms} />
            </p>
        </article>
    }
}
