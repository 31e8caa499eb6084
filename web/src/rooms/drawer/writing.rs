//! The notes and what came of the call, saved while they are typed.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use switchboard_model::{Call, Status, UserId};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::call::section;
use super::kept::{key, save, save_left, stored};
use super::notes::{Choice, Draft, Event as News, Notes, Part, Standing};
use super::story::Entry;
use crate::browser::{keep, kept, window};
use crate::components::button::{Button, Size, Tone};
use crate::components::icon::icon;
use crate::rooms::desk::{Desk, use_desk};
use crate::texts::{self as board, drawer as texts};

/// Somebody who stops typing for this long may be done.
const PAUSE_MS: u32 = 900;
/// Without a server it is tried again after this long.
const AGAIN_MS: u32 = 5_000;

impl Reducible for Notes {
    type Action = News;

    fn reduce(self: Rc<Self>, event: News) -> Rc<Self> {
        Rc::new(Rc::unwrap_or_clone(self).after(event))
    }
}

/// The call.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) call: Rc<Call>,
    /// What happened to it, once that is known.
    pub(super) entries: Option<Rc<Vec<Entry>>>,
}

/// The two fields, and how it stands with them.
#[function_component]
pub(super) fn Writing(props: &Props) -> Html {
    let desk = use_desk();
    let user = desk.host.user();
    let notes = use_notes(&desk, &props.call, user);
    let hint = reader_hint(&desk, props);
    let is_own = notes.is_unsaved();
    let content = match hint {
        // Words that were typed while it was allowed stay where they can be read.
        Some(hint) if !is_own => reading(&props.call, &hint),
        _ => writing(&notes),
    };
    section("drawer-notes", texts::notes(), content)
}

#[hook]
fn use_notes(desk: &Desk, call: &Rc<Call>, user: Option<UserId>) -> UseReducerHandle<Notes> {
    let id = call.id;
    let key = use_memo((), |()| key(user, id));
    let notes = {
        let (now, key) = (stored(call), key.clone());
        use_reducer_eq(move || {
            let before = kept(&key).and_then(|text| Notes::kept(&text));
            match before {
                Some(kept) => kept.after(News::Heard(now)),
                None => Notes::of(&now),
            }
        })
    };
    {
        let news = notes.dispatcher();
        use_effect_with(stored(call), move |now| {
            news.dispatch(News::Heard(now.clone()));
        });
    }
    {
        let key = key.clone();
        use_effect_with(notes.to_keep(), move |text| keep(&key, text.as_deref()));
    }
    let online = use_state(|| 0_u32);
    {
        let (notes, api) = (notes.clone(), desk.api.clone());
        let wait_ms = match notes.standing() {
            Standing::Offline => AGAIN_MS,
            _ => PAUSE_MS,
        };
        use_effect_with(
            (notes.to_send(), wait_ms, *online),
            move |(wanted, wait_ms, _)| {
                let timer = wanted.clone().map(|wanted| {
                    let news = notes.dispatcher();
                    Timeout::new(*wait_ms, move || {
                        news.dispatch(News::Sent);
                        spawn_local(async move {
                            news.dispatch(News::Answered(save(&api, id, wanted).await));
                        });
                    })
                });
                move || drop(timer)
            },
        );
    }
    use_effect_with((), move |()| {
        let back = window()
            .map(|window| EventListener::new(&window, "online", move |_| online.set(*online + 1)));
        move || drop(back)
    });
    {
        let (api, host) = (desk.api.clone(), desk.host.clone());
        use_effect_with((), move |()| {
            // Closed in the middle of a word: what is kept is saved without anybody looking.
            move || save_left(api, host, id, (*key).clone(), false)
        });
    }
    notes
}

/// Why the reader may not write, if that is so: the rule of the database.
fn reader_hint(desk: &Desk, Props { call, entries }: &Props) -> Option<String> {
    let me = desk.me()?;
    let is_mine = call.assigned_to == Some(me.id) || call.last_agent == Some(me.id);
    let is_everybodys = call.status == Status::Ended && call.last_agent.is_none();
    let my_id = me.id.to_string();
    let was_mine = || {
        let mut entries = entries.iter().flat_map(|entries| entries.iter());
        entries.any(|entry| entry.holder() == Some(&my_id))
    };
    if is_mine || is_everybodys || me.is_supervisor() || was_mine() {
        return None;
    }
    let holder = call.last_agent.and_then(|id| desk.board().member(id));
    Some(match holder {
        Some(holder) if call.status == Status::Ended => texts::notes_were_by(&holder.display_name),
        Some(holder) => texts::notes_by(&holder.display_name),
        None => texts::notes_nobody().to_owned(),
    })
}

fn reading(call: &Call, hint: &str) -> Html {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (note, outcome) = (text(&call.note), text(&call.disposition));
    html! {
        <div class="notes-read">
            if note.is_empty() && outcome.is_empty() {
                <p class="drawer-quiet">{ texts::nothing_noted() }</p>
            }
            if !outcome.is_empty() {
                <p><span class="tag">{ outcome }</span></p>
            }
            if !note.is_empty() {
                <p class="notes-text">{ note }</p>
            }
            <p class="drawer-quiet">{ hint }</p>
        </div>
    }
}

fn writing(notes: &UseReducerHandle<Notes>) -> Html {
    let on_note = typed(notes, Part::Note, |event| {
        Some(
            event
                .target()?
                .dyn_into::<HtmlTextAreaElement>()
                .ok()?
                .value(),
        )
    });
    let on_outcome = typed(notes, Part::Outcome, |event| {
        Some(event.target()?.dyn_into::<HtmlInputElement>().ok()?.value())
    });
    let known = [
        texts::outcome_solved(),
        texts::outcome_call_back(),
        texts::outcome_sale(),
        texts::outcome_complaint(),
        texts::outcome_wrong_number(),
    ];
    html! {
        <div class="notes">
            <div class="field">
                <label for="drawer-note">{ texts::note() }</label>
                <textarea
                    id="drawer-note"
                    rows="4"
                    maxlength="10000"
                    value={notes.note.text.clone()}
                    oninput={on_note}
                    aria-describedby="drawer-standing"
                />
            </div>
            { clash(notes, Part::Note, &notes.note) }
            <div class="field">
                <label for="drawer-outcome">{ texts::outcome() }</label>
                <input
                    id="drawer-outcome"
                    list="drawer-outcomes"
                    maxlength="200"
                    autocomplete="off"
                    value={notes.outcome.text.clone()}
                    oninput={on_outcome}
                />
                <datalist id="drawer-outcomes">
                    { for known.map(|word| html! { <option value={word} /> }) }
                </datalist>
            </div>
            { clash(notes, Part::Outcome, &notes.outcome) }
            { standing(&notes.standing()) }
        </div>
    }
}

fn typed(
    notes: &UseReducerHandle<Notes>,
    part: Part,
    value: fn(InputEvent) -> Option<String>,
) -> Callback<InputEvent> {
    let news = notes.dispatcher();
    Callback::from(move |event| {
        if let Some(text) = value(event) {
            news.dispatch(News::Typed(part, text));
        }
    })
}

/// What a colleague has written into the same text, and what may stay.
fn clash(notes: &UseReducerHandle<Notes>, part: Part, draft: &Draft) -> Html {
    let Some(theirs) = &draft.theirs else {
        return Html::default();
    };
    let button = |label, tone, choice| {
        let news = notes.dispatcher();
        let settle = Callback::from(move |_| news.dispatch(News::Settled(part, choice)));
        Button::new(tone, Size::Small, label).draw(settle)
    };
    let theirs = if theirs.is_empty() {
        texts::clash_empty()
    } else {
        theirs
    };
    html! {
        <div class="notes-clash" role="alert">
            <p>{ texts::clash() }</p>
            <p class="notes-theirs"><strong>{ texts::clash_theirs() }</strong><span>{ theirs.to_owned() }</span></p>
            <div class="notes-choices">
                if part == Part::Note {
                    { button(texts::keep_both(), Tone::Tonal, Choice::Both) }
                }
                { button(texts::keep_mine(), Tone::Quiet, Choice::Mine) }
                { button(texts::keep_theirs(), Tone::Quiet, Choice::Theirs) }
            </div>
        </div>
    }
}

fn standing(standing: &Standing) -> Html {
    let (name, sentence, picture) = match standing {
        // It says so itself, at the text.
        Standing::Untouched | Standing::Clash => ("quiet", String::new(), None),
        Standing::Typing => ("typing", texts::typing().to_owned(), None),
        Standing::Saving => ("saving", texts::saving().to_owned(), None),
        Standing::Saved => ("saved", texts::saved().to_owned(), Some("check")),
        Standing::Offline => ("offline", texts::offline().to_owned(), Some("unlinked")),
        Standing::Refused(why) => (
            "refused",
            texts::refused(&board::sentence(why)),
            Some("warning"),
        ),
    };
    html! {
        <p id="drawer-standing" class="notes-standing" role="status" data-standing={name}>
            { for picture.map(icon) }
            <span>{ sentence }</span>
        </p>
    }
}
