//! Whom agents may call: countries, or the beginnings of their numbers.

use serde_json::{Value, json};
use yew::prelude::*;

use super::countries;
use super::field::OnType;
use super::rules::is_prefix;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::rooms::form::{choice, value as value_of};
use crate::texts::settings as texts;

const COLUMN: &str = "outbound_prefixes";

/// The column as it stands in the form.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) value: Value,
    pub(super) why: Option<String>,
    pub(super) on_type: OnType,
}

/// The list, and two ways to add to it.
#[function_component]
pub(super) fn Prefixes(props: &Props) -> Html {
    let typed = use_state_eq(String::new);
    let all = props.value.as_array().cloned().unwrap_or_default();
    let kept: Vec<String> = all
        .iter()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect();
    let add = {
        let (kept, on_type) = (kept.clone(), props.on_type.clone());
        move |prefix: String| {
            let mut kept = kept.clone();
            if !prefix.is_empty() && !kept.contains(&prefix) {
                kept.push(prefix);
                on_type.emit((COLUMN, json!(kept)));
            }
        }
    };
    let chip = |prefix: &String| {
        let rest: Vec<&String> = kept.iter().filter(|other| *other != prefix).collect();
        let rest = json!(rest);
        let remove = props
            .on_type
            .reform(move |_: MouseEvent| (COLUMN, rest.clone()));
        html! {
            <li class="prefix" key={prefix.clone()}>
                <span><strong>{ prefix }</strong>{ " " }{ countries::name_of(prefix) }</span>
                <button type="button" class="text-button" aria-label={texts::remove_prefix(prefix)} onclick={remove}>{ texts::remove() }</button>
            </li>
        }
    };
    let mut choices = vec![(String::new(), texts::choose_country().to_owned())];
    choices.extend(
        countries::all()
            .into_iter()
            .filter(|(code, _)| !kept.contains(code)),
    );
    let cleaned: String = typed.chars().filter(|it| !it.is_whitespace()).collect();
    let can_add = is_prefix(&cleaned);
    let add_typed = {
        let (add, typed) = (add.clone(), typed.clone());
        Callback::from(move |_| {
            add(cleaned.clone());
            typed.set(String::new());
        })
    };
    let shown = (*typed).clone();
    html! {
        <div class="settings-field" role="group" aria-label={texts::outbound_prefixes()}>
            <span class="settings-label">{ texts::outbound_prefixes() }</span>
            if kept.is_empty() {
                <p class="settings-none">{ texts::nobody_called() }</p>
            }
            <ul class="prefixes">{ for kept.iter().map(chip) }</ul>
            <div class="team-acts">
                { choice(texts::add_country(), "", &choices, Callback::from(add)) }
                <label class="choice">
                    <span class="choice-label">{ texts::add_prefix() }</span>
                    <input type="tel" value={shown} placeholder="+4420" oninput={move |event: InputEvent| typed.set(value_of(&event))} />
                </label>
                { Button::new(Tone::Quiet, Size::Medium, texts::add()).mode(Mode::when(can_add)).draw(add_typed) }
            </div>
            <p class="room-hint">{ texts::outbound_prefixes_hint() }</p>
            if let Some(why) = &props.why {
                <p class="settings-why" role="status">{ why }</p>
            }
        </div>
    }
}
