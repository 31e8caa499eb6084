//! The history: every call there was, found by words and filters, and what became of it.
//!
//! The address says what is looked for, so that a search can be sent to a colleague and the back button undoes a filter.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

mod csv;
mod export;
mod filters;
mod list;
mod listed;
mod pages;
mod rows;
mod search_field;
mod wanted;
mod when;
mod words;

use super::desk::{Desk, use_desk};
use super::office::use_today;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::empty::{empty, ghosts};
use crate::texts;
use crate::texts::history as its;
use list::{Ask, use_list};
use pages::{Pages, Stage};
use wanted::Wanted;

/// The address of what is wanted.
fn address(desk: &Desk, wanted: &Wanted) -> String {
    let Ok(query) = web_sys::UrlSearchParams::new() else {
        return desk.address.to_string();
    };
    for (name, value) in wanted.pairs() {
        if !value.is_empty() {
            query.set(name, &value);
        }
    }
    match String::from(query.to_string()) {
        query if query.is_empty() => "/history".to_owned(),
        query => format!("/history?{query}"),
    }
}

/// The page.
#[function_component]
pub(crate) fn History() -> Html {
    let desk = use_desk();
    // A list that is left open turns to the new day.
    use_today(desk.clock, "");
    let wanted = Wanted::read(|name| desk.query(name));
    // Words are told after a pause, in which a filter may have been pressed.
    let now = use_mut_ref(Wanted::default);
    now.replace(wanted.clone());
    let (pages, ask) = use_list(&desk, &wanted);
    let is_saving = use_state_eq(|| false);
    let want = {
        let desk = desk.clone();
        Callback::from(move |wanted: Wanted| desk.host.go(&address(&desk, &wanted)))
    };
    let type_words = {
        let (desk, now) = (desk.clone(), now);
        Callback::from(move |words: String| {
            let mut wanted = now.borrow().clone();
            wanted.search.words = words;
            desk.host.replace(&address(&desk, &wanted));
        })
    };
    let on_save = {
        let (desk, wanted, is_saving) = (desk.clone(), wanted.clone(), is_saving.clone());
        Callback::from(move |_| {
            is_saving.set(true);
            let (desk, wanted, is_saving) = (desk.clone(), wanted.clone(), is_saving.clone());
            spawn_local(async move {
                let sentence = match export::save(&desk.api, &wanted).await {
                    Ok((count, false)) => its::saved(count as u64),
                    Ok((count, true)) => its::saved_cut(count as u64),
                    Err(export::NotWritten) => its::not_saved().to_owned(),
                };
                desk.host.say(&sentence);
                is_saving.set(false);
            });
        })
    };
    let save_mode = match (*is_saving, pages.rows.is_empty()) {
        (true, _) => Mode::Busy,
        (false, is_empty) => Mode::when(!is_empty),
    };
    html! {
        <main class="room history">
            <div class="history-head">
                <h1>{ texts::nav_history() }</h1>
                { Button::new(Tone::Quiet, Size::Medium, its::save_csv()).mode(save_mode).draw(on_save) }
            </div>
            <search class="history-search">
                { views(&wanted, &want) }
                <search_field::SearchField words={wanted.search.words.clone()} on_words={type_words} />
                <filters::Filters wanted={wanted.clone()} on_want={want.clone()} />
            </search>
            { said(&pages) }
            { content(&desk, &wanted, &pages, &want, &ask) }
        </main>
    }
}

/// All calls, or those that nobody answered.
fn views(wanted: &Wanted, want: &Callback<Wanted>) -> Html {
    let view = |only_missed: bool, word: &'static str| {
        let mut next = wanted.clone();
        next.search.only_missed = only_missed;
        let is_on = wanted.search.only_missed == only_missed;
        let onclick = want.reform(move |_: MouseEvent| next.clone());
        html! { <button type="button" class="view" aria-pressed={is_on.to_string()} {onclick}>{ word }</button> }
    };
    html! {
        <div class="views" role="group" aria-label={its::which_calls()}>
            { view(false, its::all_calls()) }
            { view(true, its::missed_calls()) }
        </div>
    }
}

/// How many there are.
fn said(pages: &Pages) -> Html {
    let words = match (pages.stage, pages.count) {
        (Stage::Loading, _) => its::looking().to_owned(),
        (_, Some(10_001..)) => its::more_than(&when::number(10_000)),
        (_, Some(count)) => its::found(count),
        (_, None) => String::new(),
    };
    html! { <p class="history-count" role="status">{ words }</p> }
}

fn content(
    desk: &Desk,
    wanted: &Wanted,
    pages: &Pages,
    want: &Callback<Wanted>,
    ask: &Callback<Ask>,
) -> Html {
    if pages.stage == Stage::Failed {
        let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again())
            .draw(ask.reform(|_| Ask::Again));
        return empty("warning", its::failed(), its::failed_rest(), again);
    }
    if pages.rows.is_empty() {
        return match pages.stage {
            Stage::Loading => html! { <div class="history-ghosts">{ ghosts("past", 8) }</div> },
            _ if wanted.is_everything() => empty(
                "phone",
                its::nothing_yet(),
                its::nothing_yet_rest(),
                Html::default(),
            ),
            _ if wanted.search.only_missed
                && wanted.filters() == 0
                && wanted.search.words.trim().is_empty() =>
            {
                empty(
                    "check",
                    its::none_missed(),
                    its::none_missed_rest(),
                    Html::default(),
                )
            }
            _ => {
                let all = Button::new(Tone::Tonal, Size::Medium, its::clear_all())
                    .draw(want.reform(|_| Wanted::default()));
                empty("note", its::nothing_found(), its::nothing_found_rest(), all)
            }
        };
    }
    let newer = (pages.newer > 0).then(|| {
        let onclick = ask.reform(|_: MouseEvent| Ask::Newer);
        html! { <button type="button" class="history-newer" {onclick}>{ its::newer(pages.newer as u64) }</button> }
    });
    html! {
        <div class="history-list" data-audio={desk.has_audio.to_string()} aria-busy={(pages.stage == Stage::Loading).to_string()}>
            { for newer }
            { rows::rows(desk, wanted, &pages.rows) }
            if !pages.is_whole {
                <rows::More stage={pages.stage} shown={pages.rows.len()} on_more={ask.reform(|()| Ask::More)} />
            }
        </div>
    }
}
