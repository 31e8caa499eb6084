//! Every component in every state, on one page: what a change of the style is judged by.

use switchboard_realtime::Status;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::desk::use_desk;
use crate::components::agent_card::AgentCard;
use crate::components::banner::banner;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::empty::{empty, ghosts};
use crate::components::incoming_call::IncomingCall;
use crate::components::parking_slot::ParkingSlot;
use crate::components::state_label::{State, state_label};
use crate::drag::Target;
use crate::store::{Link, Store};
use crate::texts;
use crate::view::BoardView;

mod sample;

/// The page.
#[function_component]
pub(crate) fn Design() -> Html {
    let desk = use_desk();
    let now_ms = use_memo((), |()| desk.now_ms());
    let boards = [true, false].map(|is_live| sample::store(*now_ms, is_live, &iso));
    html! {
        <main class="room design">
            <header class="room-head">
                <h2>{ texts::design::title() }</h2>
                <p>{ texts::design::lead() }</p>
            </header>
            { part(texts::design::colours(), colours()) }
            { part(texts::design::type_scale(), type_scale()) }
            { part(texts::design::buttons(), buttons()) }
            { part(texts::design::states(), states()) }
            { for boards.iter().flatten().map(cards) }
            { part(texts::design::waiting(), waiting()) }
            { part(texts::design::messages(), messages(*now_ms)) }
        </main>
    }
}

#[allow(clippy::cast_precision_loss)]
fn iso(ms: i64) -> String {
    let at = js_sys::Date::new(&JsValue::from_f64(ms as f64));
    at.to_iso_string().into()
}

fn part(title: &'static str, specimens: Vec<Html>) -> Html {
    html! {
        <section class="design-part">
            <h3>{ title }</h3>
            <div class="specimens">{ for specimens }</div>
        </section>
    }
}

fn specimen(name: &str, content: Html) -> Html {
    html! {
        <figure class="specimen" data-specimen={name.to_owned()}>
            { content }
            <figcaption>{ name.to_owned() }</figcaption>
        </figure>
    }
}

fn colours() -> Vec<Html> {
    let names = [
        "ground",
        "surface",
        "raised",
        "sunken",
        "line",
        "line-strong",
        "ink",
        "ink-soft",
        "ink-faint",
        "accent",
        "accent-strong",
        "accent-soft",
        "accent-line",
        "amber",
        "amber-soft",
        "amber-line",
        "rose",
        "rose-soft",
        "rose-line",
    ];
    names
        .iter()
        .map(|name| specimen(name, html! { <div class="swatch" data-colour={*name} /> }))
        .collect()
}

fn type_scale() -> Vec<Html> {
    let sizes = ["xs", "sm", "md", "lg", "xl", "2xl"];
    let line = |size: &&'static str| {
        specimen(
            size,
            html! { <p class="type" data-size={*size}>{ "Anna Berg 0:42" }</p> },
        )
    };
    sizes.iter().map(line).collect()
}

fn buttons() -> Vec<Html> {
    let tones = [
        (Tone::Primary, "primary"),
        (Tone::Tonal, "tonal"),
        (Tone::Quiet, "quiet"),
        (Tone::Ending, "ending"),
    ];
    let sizes = [
        (Size::Small, "small"),
        (Size::Medium, "medium"),
        (Size::Large, "large"),
    ];
    let modes = [
        (Mode::Ready, "ready"),
        (Mode::Off, "off"),
        (Mode::Busy, "busy"),
    ];
    let mut drawn = Vec::new();
    for (tone, tone_name) in tones {
        for (size, size_name) in sizes {
            for (mode, mode_name) in modes {
                let button = Button::new(tone, size, texts::answer())
                    .icon("phone")
                    .mode(mode);
                let name = [tone_name, size_name, mode_name].join(" ");
                drawn.push(specimen(&name, button.draw(Callback::noop())));
            }
        }
    }
    drawn
}

fn states() -> Vec<Html> {
    let states = [
        State::Available,
        State::OnDuty,
        State::Connecting,
        State::NoMicrophone,
        State::OutOfReach,
        State::Away,
        State::Busy,
        State::Talking,
        State::GetsConnected,
        State::Calling,
        State::LeavesMessage,
        State::Held,
    ];
    let draw = |(index, state): (usize, &State)| {
        specimen(
            &(index + 1).to_string(),
            state_label(*state, Html::default()),
        )
    };
    states.iter().enumerate().map(draw).collect()
}

/// The cards of a board, which can act or not.
fn cards(store: &Store) -> Html {
    let Some(me) = store.me() else {
        return Html::default();
    };
    let view = BoardView::of(store, me);
    let is_live = store.link.is_live();
    let on_ask = Callback::noop();
    let (ringing, agents, slots) = match is_live {
        true => (
            texts::design::ringing(),
            texts::design::agents(),
            texts::design::slots(),
        ),
        false => (
            texts::design::ringing_stale(),
            texts::design::agents_stale(),
            texts::design::slots_stale(),
        ),
    };
    let calls = view.incoming.iter().enumerate().map(|(index, call)| {
        let (call, on_ask) = (call.clone(), on_ask.clone());
        let name = call.title.to_string();
        let hint = None::<AttrValue>;
        specimen(
            &name,
            html! { <IncomingCall {call} is_next={index == 0} {hint} {on_ask} /> },
        )
    });
    let targets = [Target::No, Target::Takes, Target::Over];
    let people = view.agents.iter().enumerate().map(|(index, agent)| {
        let (agent, on_ask) = (agent.clone(), on_ask.clone());
        let name = agent.name.to_string();
        let target = if agent.call.is_some() {
            Target::No
        } else {
            targets[index % 3]
        };
        specimen(
            &name,
            html! { <ul class="agents"><AgentCard {agent} {target} {on_ask} /></ul> },
        )
    });
    let places = view.slots.iter().map(|slot| {
        let (slot, on_ask) = (slot.clone(), on_ask.clone());
        let name = slot.number.to_string();
        let hint = None::<AttrValue>;
        let target = match slot.number {
            5 => Target::Takes,
            6 => Target::Over,
            _ => Target::No,
        };
        specimen(
            &name,
            html! { <ol class="slots"><ParkingSlot {slot} {target} {hint} {on_ask} /></ol> },
        )
    });
    html! {
        <>
            { part(ringing, calls.collect()) }
            { part(agents, people.collect()) }
            { part(slots, places.collect()) }
        </>
    }
}

fn waiting() -> Vec<Html> {
    let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again()).draw(Callback::noop());
    vec![
        specimen(
            "empty",
            empty(
                "phone",
                texts::nobody_waits(),
                texts::nobody_waits_hint(),
                Html::default(),
            ),
        ),
        specimen(
            "failed",
            empty(
                "warning",
                texts::load_failed(),
                texts::starting_failed_rest(),
                again,
            ),
        ),
        specimen("call", ghosts("call", 1)),
        specimen("desk", ghosts("desk", 1)),
        specimen("agent", ghosts("agent", 1)),
        specimen("slot", ghosts("slot", 1)),
    ]
}

fn messages(now_ms: i64) -> Vec<Html> {
    let link = |misconfigured, stopped_ms, has_failed| Link {
        status: Status::Offline,
        is_behind: false,
        stopped_ms,
        misconfigured,
        has_failed,
    };
    let links = [
        ("stopped", link(false, Some(now_ms), false)),
        ("never live", link(false, None, true)),
        ("misconfigured", link(true, None, false)),
    ];
    links
        .into_iter()
        .map(|(name, link)| specimen(name, banner(link)))
        .collect()
}
