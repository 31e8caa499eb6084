//! Settings that are saved together.

use serde_json::Value;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::draft::Draft;
use super::field::field;
use super::rules::check;
use super::save::{self, Outcome, Row, agree};
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::icon::icon;
use crate::rooms::desk::use_desk;
use crate::texts::settings as texts;

/// The section and the row as it is now.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) columns: &'static [&'static str],
    pub(super) row: Row,
    /// Whether the reader may change it.
    pub(super) leads: bool,
    /// Told the row after a save.
    pub(super) on_row: Callback<Row>,
}

/// A form with its own button.
#[function_component]
pub(super) fn Section(props: &Props) -> Html {
    let desk = use_desk();
    let draft = use_state_eq(|| Draft::kept(desk.user, props.name));
    let is_saving = use_state_eq(|| false);
    let latest = use_mut_ref(|| None::<Draft>);
    latest.borrow_mut().clone_from(&draft);
    let said = use_state_eq(|| None::<Result<(), String>>);
    let Props {
        columns,
        row,
        leads,
        ..
    } = props.clone();

    let written = (*draft).clone().filter(|_| leads);
    let (base, typed) = written.map_or_else(
        || (row.clone(), row.clone()),
        |draft| (draft.base, draft.typed),
    );
    let is_overtaken = !agree(&base, &row, columns);
    let checked: Vec<_> = columns
        .iter()
        .map(|column| {
            (
                *column,
                check(column, typed.get(*column).unwrap_or(&Value::Null)),
            )
        })
        .collect();
    let changes: Row = checked
        .iter()
        .filter_map(|(column, value)| Some((*column, value.as_ref().ok()?)))
        .filter(|(column, value)| base.get(*column) != Some(value))
        .map(|(column, value)| (column.to_owned(), value.clone()))
        .collect();
    let is_wrong = checked.iter().any(|(_, value)| value.is_err());

    let (user, name) = (desk.user, props.name);
    let is_unsaved = leads && draft.is_some() && (is_wrong || !changes.is_empty());
    {
        let unsaved = (*draft).clone().filter(|_| is_unsaved);
        use_effect_with((leads, unsaved), move |(leads, unsaved)| {
            if *leads {
                Draft::keep(unsaved.as_ref(), user, name);
            }
        });
    }
    {
        let unsaved = use_mut_ref(|| false);
        unsaved.replace(is_unsaved && !*is_saving);
        let (host, title) = (desk.host.clone(), props.title);
        use_effect_with((), move |()| {
            move || {
                if *unsaved.borrow() {
                    host.say(&texts::left_unsaved(title));
                }
            }
        });
    }

    let on_type = {
        let (draft, said, row) = (draft.clone(), said.clone(), row.clone());
        Callback::from(move |(column, value): (&'static str, Value)| {
            let mut next = (*draft).clone().unwrap_or_else(|| Draft {
                base: row.clone(),
                typed: row.clone(),
            });
            next.typed.insert(column.to_owned(), value);
            said.set(None);
            draft.set(Some(next));
        })
    };
    let onsubmit = {
        let (draft, said, is_saving) = (draft.clone(), said.clone(), is_saving.clone());
        let (api, on_row, base, changes) = (desk.api, props.on_row.clone(), base, changes.clone());
        let sent = typed.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            if is_wrong || is_overtaken || changes.is_empty() || *is_saving {
                return;
            }
            is_saving.set(true);
            let (draft, said, is_saving) = (draft.clone(), said.clone(), is_saving.clone());
            let (api, on_row, base, changes) =
                (api.clone(), on_row.clone(), base.clone(), changes.clone());
            let (latest, sent) = (latest.clone(), sent.clone());
            spawn_local(async move {
                match save::save(&api, base, columns, changes).await {
                    Outcome::Saved(row) => {
                        on_row.emit(row.clone());
                        // Also where the room was left meanwhile.
                        if Draft::kept(user, name).is_some_and(|kept| kept.typed == sent) {
                            Draft::keep(None, user, name);
                        }
                        // What was typed meanwhile is not saved yet.
                        let newer = latest.borrow_mut().take();
                        let newer = newer.filter(|draft| draft.typed != sent);
                        draft.set(newer.map(|draft| Draft { base: row, ..draft }));
                        said.set(Some(Ok(())));
                    }
                    // The fields stay as they are; the row says that somebody was faster.
                    Outcome::Overtaken(row) => on_row.emit(row),
                    Outcome::Refused(sentence) => said.set(Some(Err(sentence))),
                }
                is_saving.set(false);
            });
        }
    };
    let keep_mine = {
        let (draft, row, typed) = (draft.clone(), row, typed.clone());
        Callback::from(move |_| {
            draft.set(Some(Draft {
                base: row.clone(),
                typed: typed.clone(),
            }));
        })
    };
    let take_theirs = Callback::from(move |_| draft.set(None));
    let discard = take_theirs.clone();
    let mode = match (
        *is_saving,
        leads && !is_wrong && !is_overtaken && !changes.is_empty(),
    ) {
        (true, _) => Mode::Busy,
        (false, can) => Mode::when(can),
    };
    let (tone, words) = match &*said {
        Some(Ok(())) => ("done", texts::saved().to_owned()),
        Some(Err(why)) => ("wrong", why.clone()),
        None if is_unsaved && !*is_saving => ("waits", texts::unsaved().to_owned()),
        None => ("done", String::new()),
    };
    html! {
        <form class="settings-section" {onsubmit} novalidate=true data-testid={format!("section-{}", props.name)}>
            <fieldset disabled={!leads}>
                <legend>{ props.title }</legend>
                { for checked.iter().map(|(column, value)| {
                    let why = value.as_ref().err().filter(|_| leads).cloned();
                    field(column, typed.get(*column).unwrap_or(&Value::Null), why, &on_type)
                }) }
            </fieldset>
            if is_overtaken {
                <div class="settings-overtaken" role="alert">
                    <p>{ icon("warning") }<span>{ texts::overtaken() }</span></p>
                    <div class="team-acts">
                        { Button::new(Tone::Tonal, Size::Medium, texts::take_theirs()).draw(take_theirs) }
                        { Button::new(Tone::Quiet, Size::Medium, texts::keep_mine()).draw(keep_mine) }
                    </div>
                </div>
            }
            if leads {
                <div class="settings-foot">
                    { Button::new(Tone::Primary, Size::Medium, texts::save()).mode(mode).draw_submit() }
                    if is_unsaved && !is_overtaken && !*is_saving {
                        { Button::new(Tone::Quiet, Size::Medium, texts::discard()).draw(discard) }
                    }
                    <p class="room-said" role="status" data-tone={tone}>{ words }</p>
                </div>
            }
        </form>
    }
}
