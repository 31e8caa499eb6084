//! What each agent did on the day, and what they are doing now.

use yew::prelude::*;

use super::day::Agent;
use super::figures::explained;
use crate::components::state_label::{State, state_label};
use crate::components::ticker::running;
use crate::format::elapsed;
use crate::texts::wallboard as words;

/// The table; `is_today` adds what they are doing.
pub(super) fn agents(agents: &[Agent], is_today: bool) -> Html {
    let heads = [
        (
            "agent-answered",
            words::answered(),
            words::agent_answered_why(),
        ),
        ("agent-handled", words::handled(), words::handled_why()),
        ("agent-talked", words::talked(), words::talked_why()),
        ("agent-mean", words::mean_talk(), words::mean_talk_why()),
    ];
    let head = |(name, label, why): (&'static str, &'static str, &'static str)| {
        html! { <th scope="col">{ explained("", label, why, &format!("why-{name}")) }</th> }
    };
    html! {
        <section class="wall-agents" aria-labelledby="wall-agents">
            <div class="wall-head"><h2 id="wall-agents">{ words::per_agent() }</h2></div>
            <table>
                <thead>
                    <tr><th scope="col">{ words::agent() }</th>{ for heads.map(head) }</tr>
                </thead>
                <tbody>{ for agents.iter().map(|agent| row(agent, is_today)) }</tbody>
            </table>
        </section>
    }
}

fn row(agent: &Agent, is_today: bool) -> Html {
    let state = match agent.on_call_since_ms {
        Some(since_ms) => state_label(State::Busy, running(since_ms)),
        None if agent.is_available => state_label(State::OnDuty, Html::default()),
        None => state_label(State::Away, Html::default()),
    };
    #[allow(clippy::cast_possible_truncation)]
    let mean = agent.mean_talk_s.map_or(words::nothing().to_owned(), |s| {
        elapsed((s * 1000.0).round() as i64)
    });
    html! {
        <tr key={agent.id.clone()} data-testid={format!("row-{}", agent.id)}>
            <th scope="row">
                <span class="wall-name">{ &agent.name }</span>
                if is_today {
                    { state }
                }
            </th>
            <td>{ agent.answered }</td>
            <td>{ agent.handled }</td>
            <td>{ elapsed(agent.talked_s * 1000) }</td>
            <td>{ mean }</td>
        </tr>
    }
}
