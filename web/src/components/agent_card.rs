//! A member of the team and the call that the member is on.

use yew::prelude::*;

use super::agent_call::agent_call;
use super::avatar::avatar;
use super::drop_place::drop_place;
use super::icon::icon;
use super::state_label::{State, state_label};
use crate::drag::{Place, Target};
use crate::hooks::actions::Ask;
use crate::texts;
use crate::view::{AgentView, Reach};

/// The member, and where to say what is wanted.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) agent: AgentView,
    /// Whether a dragged call may be dropped here.
    pub(crate) target: Target,
    pub(crate) on_ask: Callback<Ask>,
}

/// The card.
#[function_component]
pub(crate) fn AgentCard(props: &Props) -> Html {
    let agent = &props.agent;
    let content = html! {
        <>
            { head(agent) }
            if let Some(call) = &agent.call {
                { agent_call(call, agent, &props.on_ask) }
            } else {
                <p class="agent-idle">{ idle_words(agent, props.target) }</p>
            }
        </>
    };
    drop_place(
        (Place::Desk(agent.id), props.target),
        if agent.is_me {
            "agent agent-mine"
        } else {
            "agent"
        },
        format!("agent-{}", agent.identity),
        content,
    )
}

fn head(agent: &AgentView) -> Html {
    let state = State::of(agent.call.is_some(), agent.reach);
    html! {
        <div class="agent-head">
            { avatar(&agent.initials, agent.is_me) }
            <div class="agent-who">
                <div class="agent-name">
                    <h3>{ &agent.name }</h3>
                    if agent.is_me {
                        <span class="tag" data-tone="mine">{ texts::you() }</span>
                    }
                    if agent.is_supervisor {
                        <span class="tag">{ icon("shield") }{ texts::supervisor() }</span>
                    }
                </div>
                { state_label(state, Html::default()) }
            </div>
        </div>
    }
}

fn idle_words(agent: &AgentView, target: Target) -> AttrValue {
    match (target, agent.is_me, agent.reach) {
        (Target::Takes | Target::Over, true, _) => texts::drop_to_take().into(),
        (Target::Takes | Target::Over, false, _) => texts::drop_to_transfer(&agent.name).into(),
        (Target::No, true, Reach::Away) => texts::desk_away().into(),
        (Target::No, true, Reach::Off) => texts::desk_off().into(),
        (Target::No, true, Reach::NoMicrophone | Reach::Lost) => texts::desk_without_audio().into(),
        (Target::No, true, _) => texts::desk_free().into(),
        (Target::No, false, Reach::Unsaid | Reach::Ready | Reach::Connecting) => {
            texts::colleague_free().into()
        }
        (Target::No, false, Reach::NoMicrophone | Reach::Lost) => {
            texts::colleague_unreachable().into()
        }
        (Target::No, false, Reach::Away | Reach::Off) => texts::colleague_away().into(),
    }
}
