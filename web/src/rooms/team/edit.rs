//! What a supervisor changes of a member: the name, the role, whether they are on duty, and whether they are on the team.

use serde_json::{Map, Value, json};
use switchboard_model::{Member, MemberId, request::office as request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::api::Api;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::rooms::desk::use_desk;
use crate::rooms::form::{choice, value};
use crate::rooms::refused::changed;
use crate::texts;
use crate::texts::team as its;

/// The longest name, in characters.
const LONGEST_NAME: usize = 80;

/// The member, and what forbids some of it.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) member: Member,
    pub(super) is_me: bool,
    pub(super) is_busy: bool,
}

/// The name as it would be kept, or why not.
pub(super) fn name_of(typed: &str) -> Result<String, &'static str> {
    let name = typed.trim();
    match name.chars().count() {
        0 => Err(its::name_missing()),
        1..=LONGEST_NAME => Ok(name.to_owned()),
        _ => Err(its::name_long()),
    }
}

async fn change(api: &Api, member: MemberId, changes: Map<String, Value>) -> Result<(), String> {
    let reply = api.send(&request::change_member(member, changes)).await;
    match changed(&reply)? {
        Some(_) => Ok(()),
        None => Err(texts::not_allowed().to_owned()),
    }
}

/// The form, folded until it is wanted.
#[function_component]
pub(super) fn Edit(props: &Props) -> Html {
    let desk = use_desk();
    let Props {
        member,
        is_me,
        is_busy,
    } = props.clone();
    let name = use_state_eq(|| None::<String>);
    let role = use_state_eq(|| None::<String>);
    let is_asking = use_state_eq(|| false);
    let is_sending = use_state_eq(|| false);
    let said = use_state_eq(|| None::<Result<&'static str, String>>);
    let typed = (*name)
        .clone()
        .unwrap_or_else(|| member.display_name.clone());
    let kept_role = if member.is_supervisor() {
        "supervisor"
    } else {
        "agent"
    };
    let chosen = (*role).clone().unwrap_or_else(|| kept_role.to_owned());
    let checked = name_of(&typed);
    // The database keeps a team's last supervisor.
    let leads_alone = {
        let members = desk.board().members();
        members.iter().filter(|one| one.is_supervisor()).count() < 2
    };

    let send = {
        let (name, role, said, is_sending) =
            (name.clone(), role.clone(), said.clone(), is_sending.clone());
        let (api, id) = (desk.api, member.id);
        Callback::from(move |(changes, done): (Map<String, Value>, &'static str)| {
            let (name, role, said, is_sending) =
                (name.clone(), role.clone(), said.clone(), is_sending.clone());
            let api = api.clone();
            is_sending.set(true);
            spawn_local(async move {
                let result = change(&api, id, changes).await;
                if result.is_ok() {
                    name.set(None);
                    role.set(None);
                }
                said.set(Some(result.map(|()| done)));
                is_sending.set(false);
            });
        })
    };
    let on_duty = {
        let (send, is_available) = (send.clone(), member.is_available);
        move |_: MouseEvent| send.emit((object("is_available", json!(!is_available)), its::saved()))
    };
    let is_changed = typed.trim() != member.display_name || chosen != kept_role;
    let onsubmit = {
        let (send, said, checked, member, chosen) = (
            send.clone(),
            said.clone(),
            checked.clone(),
            member.clone(),
            chosen.clone(),
        );
        move |event: SubmitEvent| {
            event.prevent_default();
            let name = match &checked {
                Ok(name) => name.clone(),
                Err(sentence) => return said.set(Some(Err((*sentence).to_owned()))),
            };
            let mut changes = Map::new();
            if name != member.display_name {
                changes.insert("display_name".to_owned(), json!(name));
            }
            if chosen != kept_role {
                changes.insert("role".to_owned(), json!(chosen));
            }
            if !changes.is_empty() {
                send.emit((changes, its::saved()));
            }
        }
    };
    let retire = {
        let is_asking = is_asking.clone();
        Callback::from(move |_| {
            is_asking.set(false);
            // Any moment means now, by the database's clock.
            send.emit((object("retired_at", json!("now")), its::saved()));
        })
    };
    let ask = {
        let is_asking = is_asking.clone();
        Callback::from(move |_| is_asking.set(!*is_asking))
    };
    let roles = [
        ("agent".to_owned(), texts::agent().to_owned()),
        ("supervisor".to_owned(), texts::supervisor().to_owned()),
    ];
    let mode = if *is_sending {
        Mode::Busy
    } else {
        Mode::when(is_changed)
    };
    let duty = if member.is_available {
        texts::on_duty()
    } else {
        texts::off_duty()
    };
    html! {
        <details class="team-edit">
            <summary>{ its::edit() }<span class="spoken">{ " " }{ &member.display_name }</span></summary>
            <form class="team-form" {onsubmit}>
                <label class="choice">
                    <span class="choice-label">{ its::name() }</span>
                    <input value={typed} maxlength="200" oninput={move |event: InputEvent| name.set(Some(value(&event)))} />
                </label>
                if is_me {
                    <p class="room-hint">{ if leads_alone { its::only_supervisor() } else { its::not_yourself() } }</p>
                } else {
                    { choice(its::role(), &chosen, &roles, Callback::from(move |chosen| role.set(Some(chosen)))) }
                }
                { Button::new(Tone::Primary, Size::Medium, its::save()).mode(mode).draw_submit() }
            </form>
            <div class="team-acts">
                <button class="duty" type="button" role="switch" aria-checked={member.is_available.to_string()}
                    aria-label={its::duty_of(&member.display_name)} disabled={*is_sending} onclick={on_duty}>
                    <span class="duty-track" aria-hidden="true" /><span>{ duty }</span>
                </button>
                if !is_me && !*is_asking {
                    { Button::new(Tone::Quiet, Size::Medium, its::retire()).mode(Mode::when(!is_busy))
                        .hint(is_busy.then(|| its::retire_busy().into())).draw(ask.clone()) }
                }
            </div>
            if *is_asking {
                <div class="team-question" role="group" aria-label={its::retire()}>
                    <p>{ its::retire_question(&member.display_name) }</p>
                    { Button::new(Tone::Ending, Size::Medium, its::retire_yes()).draw(retire) }
                    { Button::new(Tone::Quiet, Size::Medium, its::retire_no()).draw(ask) }
                </div>
            }
            <p class="room-said" role="status" data-tone={if matches!(*said, Some(Err(_))) { "wrong" } else { "done" }}>
                { match &*said { Some(Ok(words)) => (*words).to_owned(), Some(Err(why)) => why.clone(), None => String::new() } }
            </p>
        </details>
    }
}

fn object(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_has_an_end() {
        assert_eq!(name_of(" Doug ").as_deref(), Ok("Doug"));
        assert_eq!(name_of("  "), Err(its::name_missing()));
        assert!(name_of(&"é".repeat(80)).is_ok());
        assert_eq!(name_of(&"é".repeat(81)), Err(its::name_long()));
    }
}
