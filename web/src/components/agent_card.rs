//! A member of the team and the call that the member is on.

use yew::prelude::*;

use super::agent_call::AgentCall;
use super::avatar::Avatar;
use super::drop_place::DropPlace;
use super::icon::Icon;
use super::state_label::{State, StateLabel};
use crate::drag::{Move, Place, Target};
use crate::hooks::actions::Ask;
use crate::texts;
use crate::view::AgentView;

/// The member, and where to say what is wanted.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) agent: AgentView,
    /// Whether a dragged call may be dropped here.
    pub(crate) target: Target,
    pub(crate) on_ask: Callback<Ask>,
    pub(crate) on_drag: Callback<Move>,
}

/// The card.
#[function_component]
pub(crate) fn AgentCard(props: &Props) -> Html {
    let agent = &props.agent;
    let state = match (&agent.call, agent.is_available) {
        (Some(_), _) => State::Busy,
        (None, true) => State::Available,
        (None, false) => State::Away,
    };
    html! {
        <DropPlace
            place={Place::Desk(agent.id)}
            target={props.target}
            class={if agent.is_me { "agent agent-mine" } else { "agent" }}
            test_id={format!("agent-{}", agent.identity)}
            on_drag={props.on_drag.clone()}
        >
            <div class="agent-head">
                <Avatar initials={&agent.initials} is_me={agent.is_me} />
                <div class="agent-who">
                    <div class="agent-name">
                        <h3>{ &agent.name }</h3>
                        if agent.is_me {
                            <span class="tag" data-tone="mine">{ texts::YOU }</span>
                        }
                        if agent.is_supervisor {
                            <span class="tag"><Icon name="shield" />{ texts::SUPERVISOR }</span>
                        }
                    </div>
                    <StateLabel {state} />
                </div>
            </div>
            if let Some(call) = &agent.call {
                <AgentCall
                    call={call.clone()}
                    is_mine={agent.is_me}
                    colleagues={agent.colleagues.clone()}
                    on_ask={props.on_ask.clone()}
                    on_drag={props.on_drag.clone()}
                />
            } else {
                <p class="agent-idle">{ idle_words(agent, props.target) }</p>
            }
        </DropPlace>
    }
}

fn idle_words(agent: &AgentView, target: Target) -> AttrValue {
    match (target, agent.is_me, agent.is_available) {
        (Target::Takes | Target::Over, true, _) => texts::DROP_TO_TAKE.into(),
        (Target::Takes | Target::Over, false, _) => texts::drop_to_transfer(&agent.name).into(),
        (Target::No, true, true) => texts::DESK_FREE.into(),
        (Target::No, true, false) => texts::DESK_AWAY.into(),
        (Target::No, false, true) => texts::COLLEAGUE_FREE.into(),
        (Target::No, false, false) => texts::COLLEAGUE_AWAY.into(),
    }
}
