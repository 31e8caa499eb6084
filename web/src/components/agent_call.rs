//! The call on an agent's card, with what I may do about it.

use switchboard_model::Intent;
use yew::prelude::*;

use super::button::{Button, Mode, Size, Tone};
use super::details::{company, details};
use super::state_label::{State, state_label};
use super::ticker::running;
use super::transfer_menu::TransferMenu;
use crate::hooks::actions::Ask;
use crate::texts;
use crate::view::{AgentView, CallView, Talk};

/// Who calls, for how long, whether on hold; on my own card all the actions, on a colleague's those
/// that a supervisor has.
pub(crate) fn agent_call(call: &CallView, agent: &AgentView, on_ask: &Callback<Ask>) -> Html {
    let offers = call.offers;
    let has_actions = agent.is_me || offers.park || offers.transfer || offers.end;
    let state = match call.held_ms {
        Some(since_ms) => state_label(State::Held, running(since_ms)),
        None => state_label(
            match call.talk {
                Talk::Through => State::Talking,
                Talk::Muted => State::Muted,
                Talk::Connecting => State::GetsConnected,
                Talk::Calling => State::Calling,
            },
            Html::default(),
        ),
    };
    html! {
        <article
            class="on-call"
            data-testid={format!("call-{}", call.id)}
            data-held={call.held_ms.is_some().to_string()}
            data-lifted={call.is_lifted.to_string()}
            data-call={call.id.to_string()}
            data-movable={call.is_movable().to_string()}
            data-pending={call.is_pending.to_string()}
            aria-label={call.title.clone()}
            tabindex="-1"
        >
            <div class="on-call-top">
                <div class="on-call-who">
                    <h4 class="on-call-name" title={&call.title}>{ details(call) }</h4>
                    { company(call) }
                    <p class="caller-number">{ &call.line }</p>
                    if !call.why.is_empty() {
                        <p class="on-call-from">{ &call.why }</p>
                    }
                </div>
                <div class="on-call-time">
                    { running(call.since_ms) }
                    { state }
                </div>
            </div>
            if has_actions {
                <div class="on-call-actions">{ actions(call, agent, on_ask) }</div>
            }
        </article>
    }
}

fn actions(call: &CallView, agent: &AgentView, on_ask: &Callback<Ask>) -> Html {
    let size = if agent.is_me {
        Size::Medium
    } else {
        Size::Small
    };
    let offers = call.offers;
    let button = |intent, can, tone, label, icon, does| {
        let id = call.id;
        Button::new(tone, size, label)
            .icon(icon)
            .mode(Mode::when(can))
            .does(does, agent.is_me)
            .about(&call.title)
            .draw(on_ask.reform(move |_| Ask::Call(id, intent)))
    };
    let hold = if call.held_ms.is_some() {
        button(
            Intent::Resume,
            offers.hold,
            Tone::Quiet,
            texts::resume(),
            "resume",
            "hold",
        )
    } else {
        button(
            Intent::Hold,
            offers.hold,
            Tone::Quiet,
            texts::hold(),
            "hold",
            "hold",
        )
    };
    let park = Intent::Park { slot: None };
    html! {
        <>
            if agent.is_me {
                if call.has_audio {
                    { mute(call, on_ask) }
                }
                { hold }
            }
            { button(park, offers.park, Tone::Quiet, texts::park(), "park", "park") }
            <TransferMenu
                call={call.clone()}
                colleagues={agent.colleagues.clone()}
                {size}
                has_key={agent.is_me}
                on_ask={on_ask.clone()}
            />
            { button(Intent::End, offers.end, Tone::Ending, texts::end_call(), "hang-up", "end") }
        </>
    }
}

/// The picture is how it is, the word what a press does.
fn mute(call: &CallView, on_ask: &Callback<Ask>) -> Html {
    let is_muted = call.talk == Talk::Muted;
    let (picture, word) = if is_muted {
        ("microphone-off", texts::unmute())
    } else {
        ("microphone", texts::mute())
    };
    Button::new(Tone::Quiet, Size::Medium, word)
        .icon(picture)
        .mode(Mode::when(call.offers.mute))
        .does("mute", true)
        .about(&call.title)
        .draw(on_ask.reform(move |_| Ask::Mute(!is_muted)))
}
