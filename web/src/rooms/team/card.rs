//! One member: the state, the call, and what a supervisor may do about either.

use switchboard_model::{Call, Intent, Member, MemberId};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::edit::Edit;
use crate::components::avatar::avatar;
use crate::components::button::{Button, Size, Tone};
use crate::components::end_aside::EndAside;
use crate::components::icon::icon;
use crate::components::state_label::{State, state_label};
use crate::format::{caller, initials};
use crate::hooks::actions::Ask;
use crate::rooms::desk::use_desk;
use crate::rooms::form::choice;
use crate::texts;
use crate::texts::team as its;
use crate::view::Reach;

/// Whether a call would ring at a member now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rings {
    /// On a call: no other one would.
    Busy,
    /// As the member's row says.
    Said(Reach),
    /// The row says so, but nothing was heard of the member's page for over a minute.
    Silent,
}

impl Rings {
    /// What is the case. `ringable` is whom the service would ring, if that is known.
    pub(super) fn of(
        member: &Member,
        is_busy: bool,
        has_audio: bool,
        ringable: Option<&[MemberId]>,
    ) -> Self {
        let reach = Reach::of(member, has_audio);
        match ringable {
            _ if is_busy => Self::Busy,
            Some(ringable) if reach == Reach::Ready && !ringable.contains(&member.id) => {
                Self::Silent
            }
            _ => Self::Said(reach),
        }
    }

    fn label(self) -> (State, &'static str) {
        let reach = match self {
            Self::Busy => return (State::Busy, its::rings_busy()),
            Self::Silent => return (State::OutOfReach, its::rings_silent()),
            Self::Said(reach) => reach,
        };
        let words = match reach {
            Reach::Away | Reach::Off => its::rings_away(),
            Reach::Unsaid => its::rings_unsaid(),
            Reach::Ready => its::rings_ready(),
            Reach::Connecting => its::rings_connecting(),
            Reach::NoMicrophone => its::rings_no_microphone(),
            Reach::Lost => its::rings_lost(),
        };
        (State::of(false, reach), words)
    }
}

/// A member and what is known of them.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) member: Member,
    pub(super) call: Option<Call>,
    pub(super) rings: Rings,
    pub(super) is_me: bool,
    /// Whether the reader is a supervisor.
    pub(super) leads: bool,
    /// Who could take the call: id and name.
    pub(super) others: Vec<(String, String)>,
}

/// The card.
#[function_component]
pub(super) fn Card(props: &Props) -> Html {
    let Props {
        member,
        rings,
        is_me,
        leads,
        ..
    } = props;
    let (state, words) = rings.label();
    let letters = AttrValue::from(initials(&member.display_name));
    html! {
        <li class="team-card" data-testid={format!("member-{}", member.identity)}>
            <div class="team-head">
                { avatar(&letters, *is_me) }
                <div class="team-who">
                    <h2>{ &member.display_name }</h2>
                    if *is_me {
                        <span class="tag" data-tone="mine">{ texts::you() }</span>
                    }
                    if member.is_supervisor() {
                        <span class="tag">{ icon("shield") }{ texts::supervisor() }</span>
                    }
                </div>
                { state_label(state, Html::default()) }
            </div>
            <p class="team-rings">{ words }</p>
            if let Some(call) = &props.call {
                <CallLine call={call.clone()} leads={*leads && !is_me} others={props.others.clone()} />
            }
            if *leads {
                <Edit member={member.clone()} is_me={*is_me} is_busy={props.call.is_some()} />
            }
        </li>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CallProps {
    call: Call,
    leads: bool,
    others: Vec<(String, String)>,
}

/// The list of colleagues below that element.
fn list_in(root: &NodeRef) -> Option<HtmlElement> {
    let list = root.cast::<Element>()?.query_selector("select").ok()??;
    list.dyn_into().ok()
}

/// The call that the member is on; a supervisor ends it or hands it to somebody else.
#[function_component]
fn CallLine(props: &CallProps) -> Html {
    let desk = use_desk();
    let to = use_state_eq(String::new);
    let is_missing = use_state_eq(|| false);
    let list = use_node_ref();
    let (title, line) = caller(&props.call, desk.board());
    let call = props.call.id;
    let on_ask = {
        let host = desk.host.clone();
        Callback::from(move |ask| {
            if let Ask::Call(call, intent) = ask {
                host.act(call, intent);
            }
        })
    };
    let mut choices = vec![(String::new(), its::to_whom().to_owned())];
    choices.extend(props.others.iter().cloned());
    // Whoever was chosen may have taken a call meanwhile.
    let chosen = props
        .others
        .iter()
        .find(|(id, _)| *id == *to)
        .and_then(|(id, _)| id.parse::<MemberId>().ok());
    let hand_over = {
        let (host, to, is_missing) = (desk.host, to.clone(), is_missing.clone());
        let list = list.clone();
        Callback::from(move |_| {
            is_missing.set(chosen.is_none());
            if let Some(chosen) = chosen {
                host.act(call, Intent::Transfer { to: chosen });
                to.set(String::new());
            } else if let Some(list) = list_in(&list) {
                // A list that has just gone leaves the keyboard where it is.
                let _ = list.focus();
            }
        })
    };
    let is_asked_for = *is_missing && !props.others.is_empty();
    let on_choose = Callback::from(move |chosen| {
        is_missing.set(false);
        to.set(chosen);
    });
    let shown = chosen.map(|chosen| chosen.to_string()).unwrap_or_default();
    html! {
        <div class="team-call">
            <p class="team-caller">{ icon("phone") }<strong>{ title.clone() }</strong>{ " " }<span>{ line }</span></p>
            if props.leads {
                <div class="team-acts" ref={list}>
                    if props.others.is_empty() {
                        <span class="room-hint">{ texts::nobody_free() }</span>
                    } else {
                        { choice(its::hand_over_to(), &shown, &choices, on_choose) }
                        { Button::new(Tone::Tonal, Size::Medium, its::hand_over())
                            .icon("transfer").draw(hand_over) }
                    }
                    <EndAside {call} title={title} size={Size::Medium} {on_ask} />
                </div>
                <p class="room-said" role="status" data-tone="wrong">
                    { if is_asked_for { its::to_whom_first() } else { "" } }
                </p>
            }
        </div>
    }
}
