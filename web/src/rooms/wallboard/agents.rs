//! What each agent did on the day, and what they are doing now.

use switchboard_model::Member;
use yew::prelude::*;

use super::day::Agent;
use super::figures::explained;
use crate::components::state_label::{State, state_label};
use crate::components::ticker::running;
use crate::format::elapsed;
use crate::rooms::desk::Desk;
use crate::texts::wallboard as words;
use crate::view::Reach;

/// The table; for today also what they are doing, in the words of the board.
pub(super) fn agents(desk: &Desk, agents: &[Agent], is_today: bool) -> Html {
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
                <tbody>{ for agents.iter().map(|agent| row(agent, is_today.then(|| doing(desk, agent)))) }</tbody>
            </table>
        </section>
    }
}

/// What the agent is doing now. Whom the board does not know has left the team meanwhile.
fn doing(desk: &Desk, agent: &Agent) -> Html {
    if let Some(since_ms) = agent.on_call_since_ms {
        return state_label(State::Busy, running(since_ms));
    }
    let members = desk.board().members();
    let member = members.iter().find(|one| one.id.to_string() == agent.id);
    let state = |member: &&Member| State::of(false, Reach::of(member, desk.has_audio));
    state_label(member.map_or(State::Away, state), Html::default())
}

fn row(agent: &Agent, state: Option<Html>) -> Html {
    #[allow(clippy::cast_possible_truncation)]
    let mean = agent.mean_talk_s.map_or(words::nothing().to_owned(), |s| {
        elapsed((s * 1000.0).round() as i64)
    });
    html! {
        <tr key={agent.id.clone()} data-testid={format!("row-{}", agent.id)}>
            <th scope="row">
                <span class="wall-name">{ &agent.name }</span>
                { for state }
            </th>
            <td>{ agent.answered }</td>
            <td>{ agent.handled }</td>
            <td>{ elapsed(agent.talked_s * 1000) }</td>
            <td>{ mean }</td>
        </tr>
    }
}
