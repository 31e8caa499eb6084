//! What stands on the board: its three sections, or what stands there while they are not known.

use std::rc::Rc;

use yew::prelude::*;

use crate::components::agent_card::AgentCard;
use crate::components::button::{Button, Size, Tone};
use crate::components::empty::{empty, ghosts};
use crate::components::find::Finding;
use crate::components::incoming_call::IncomingCall;
use crate::components::parking_slot::ParkingSlot;
use crate::components::section::section;
use crate::drag::{Drag, Place};
use crate::hooks::actions::Ask;
use crate::store::Store;
use crate::texts;
use crate::view::{AgentView, BoardView, Doing, target};

/// The three sections; the replay draws a board of the past with them.
pub(crate) fn sections(
    store: &Store,
    view: &BoardView,
    drag: Option<&Drag<Rc<BoardView>>>,
    on_ask: &Callback<Ask>,
    finding: &Finding,
) -> Html {
    let dragged = drag.map(|drag| drag.call);
    let over = drag.and_then(|drag| drag.over);
    let hint = view
        .am_busy
        .then(|| AttrValue::from(texts::on_another_call()));
    let shown = view.incoming.iter().take(finding.at_most());
    let incoming = shown.map(|call| {
        html! {
            <li key={call.id.to_string()}>
                <IncomingCall
                    call={call.clone()}
                    is_next={view.waiting.1 == Some(call.id)}
                    hint={hint.clone()}
                    on_ask={on_ask.clone()}
                />
            </li>
        }
    });
    let agent = |agent: &AgentView| {
        html! {
            <AgentCard
                key={agent.id.to_string()}
                agent={agent.clone()}
                target={target(store, dragged, over, Place::Desk(agent.id))}
                on_ask={on_ask.clone()}
            />
        }
    };
    let slots = view.slots.iter().map(|slot| {
        html! {
            <ParkingSlot
                key={slot.number.to_string()}
                slot={slot.clone()}
                target={target(store, dragged, over, Place::Slot(slot.number))}
                hint={hint.clone()}
                on_ask={on_ask.clone()}
            />
        }
    });
    let (waiting, found) = (view.waiting.0, view.incoming.len());
    let nobody = || {
        let has_stopped = store.link.stopped_ms.is_some() && !store.link.is_live();
        let (picture, title, hint) = if has_stopped {
            ("unlinked", texts::waiting_unknown(), texts::stale_rest())
        } else {
            ("phone", texts::nobody_waits(), texts::nobody_waits_hint())
        };
        empty(picture, title, hint, Html::default())
    };
    let incoming = html! {
        <>
            if found == 0 && waiting > 0 {
                <p class="section-hint">{ texts::nobody_fits() }</p>
            } else if waiting == 0 {
                { nobody() }
            }
            <ul class="calls" data-busy={view.am_busy.to_string()}>{ for incoming }</ul>
            { finding.more(found.saturating_sub(finding.at_most())) }
            // Below the cards, which so stay where they are; where that is not the end of the column, each card says it.
            if waiting > 0 && view.am_busy {
                <p class="section-hint busy-hint">{ texts::on_another_call() }</p>
            }
        </>
    };
    let agents = people_of(view, &agent);
    let slots = html! { <ol class="slots">{ for slots }</ol> };
    let people = Some(view.agents.len());
    html! {
        <>
            { section("incoming", texts::incoming(), Some(waiting), waiting > 0, Html::default(), incoming) }
            { section("agents", texts::agents(), people, false, finding.field(), agents) }
            { section("parking", texts::parking(), Some(view.parked()), false, Html::default(), slots) }
        </>
    }
}

/// A team of this size is read at a glance; a larger one is grouped by what its people do.
const AT_A_GLANCE: usize = 12;

fn people_of(view: &BoardView, draw: &dyn Fn(&AgentView) -> Html) -> Html {
    if view.agents.len() <= AT_A_GLANCE {
        return html! { <ul class="agents">{ for view.agents.iter().map(draw) }</ul> };
    }
    let group = |(doing, word): (Doing, &'static str)| {
        let members: Vec<_> = view
            .agents
            .iter()
            .filter(|agent| agent.doing() == doing)
            .collect();
        if members.is_empty() {
            return Html::default();
        }
        html! {
            <>
                if !word.is_empty() {
                    <h3 class="group">{ word }<span class="count">{ members.len() }</span></h3>
                }
                <ul class="agents">{ for members.into_iter().map(draw) }</ul>
            </>
        }
    };
    let groups = [
        (Doing::Reads, ""),
        (Doing::Talks, texts::on_a_call()),
        (Doing::Waits, texts::available()),
        (Doing::IsLost, texts::out_of_reach()),
        (Doing::IsAway, texts::away()),
    ];
    html! { <>{ for groups.into_iter().map(group) }</> }
}

/// Shapes of the three sections.
pub(super) fn loading() -> Html {
    let people = html! {
        <div class="agents">{ ghosts("desk", 1) }{ ghosts("agent", 2) }</div>
    };
    let slots = html! { <div class="slots">{ ghosts("slot", 8) }</div> };
    html! {
        <>
            <p class="spoken" role="status">{ texts::loading() }</p>
            { section("incoming", texts::incoming(), None, false, Html::default(), ghosts("call", 2)) }
            { section("agents", texts::agents(), None, false, Html::default(), people) }
            { section("parking", texts::parking(), None, false, Html::default(), slots) }
        </>
    }
}

/// That there is no board, why, and the way to one.
pub(super) fn failed(sentence: &AttrValue, refresh: &Callback<()>) -> Html {
    let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again());
    let again = again.draw(refresh.reform(|_| ()));
    html! {
        <div class="board-failed" role="alert">
            { empty("warning", texts::load_failed(), sentence, again) }
        </div>
    }
}
