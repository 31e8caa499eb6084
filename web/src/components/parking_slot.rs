//! A numbered place to park a call.

use switchboard_model::Intent;
use yew::prelude::*;

use super::button::{Button, Mode, Size, Tone};
use super::details::details;
use super::drop_place::drop_place;
use super::end_aside::EndAside;
use super::ticker::{left, running};
use crate::drag::{Place, Target};
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
}

/// The number and the call in it, if there is one.
#[function_component]
pub(crate) fn ParkingSlot(props: &Props) -> Html {
    let number = props.slot.number;
    let free = match props.target {
        Target::No => AttrValue::from(texts::free_slot()),
        Target::Takes => texts::park_here().into(),
        Target::Over => texts::drop_to_park(&number.to_string()).into(),
    };
    let (class, content) = match &props.slot.call {
        Some(call) => ("slot slot-taken", parked(call, props)),
        None => ("slot", html! { <span class="slot-free">{ free }</span> }),
    };
    drop_place(
        (Place::Slot(number), props.target),
        class,
        format!("slot-{number}"),
        html! {
            <>
                <span class="slot-number">{ number }</span>
                { content }
            </>
        },
    )
}

fn parked(call: &CallView, props: &Props) -> Html {
    let id = call.id;
    let retrieve = Button::new(Tone::Tonal, Size::Small, texts::retrieve())
        .icon("retrieve")
        .mode(Mode::when(call.offers.retrieve))
        .does("retrieve", call.was_mine)
        .about(&call.title)
        .hint(props.hint.clone())
        .draw(
            props
                .on_ask
                .reform(move |_| Ask::Call(id, Intent::Retrieve)),
        );
    html! {
        <article
            class="parked"
            data-testid={format!("call-{id}")}
            data-lifted={call.is_lifted.to_string()}
            data-call={id.to_string()}
            data-mine={call.was_mine.to_string()}
            data-movable={call.is_movable().to_string()}
            data-pending={call.is_pending.to_string()}
            aria-label={call.title.clone()}
            tabindex="-1"
        >
            <div class="parked-who">
                <h3 class="parked-name" title={&call.title}>{ details(call) }</h3>
                <p class="caller-number">{ &call.line }</p>
            </div>
            { retrieve }
            <p class="parked-why">
                <span>{ &call.why }</span>
                { running(call.since_ms) }
                if call.offers.end {
                    <EndAside
                        call={id}
                        title={call.title.clone()}
                        size={Size::Small}
                        on_ask={props.on_ask.clone()}
                    />
                }
            </p>
            if let Some(until_ms) = props.slot.until_ms {
                <p class="parked-until">
                    <span>{ texts::rings_again_in() }</span>
                    { left(until_ms) }
                </p>
            }
        </article>
    }
}
