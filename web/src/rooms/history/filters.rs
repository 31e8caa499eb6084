//! What narrows the list: days, state, ending, direction, whose call; and the order of it.

use switchboard_model::request::history::Sort;
use switchboard_model::{Direction, EndReason, Status, request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::wanted::{DIRECTIONS, SORTS, Wanted};
use super::when;
use crate::rooms::desk::use_desk;
use crate::rooms::form::{choice, value};
use crate::texts;
use crate::texts::history as its;

const A_DAY_MS: i64 = 86_400_000;

/// What is wanted, and where to say what is wanted instead.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) wanted: Wanted,
    pub(super) on_want: Callback<Wanted>,
}

/// The filters. Days are a press away; the others are folded, with their number on the fold.
#[function_component]
pub(super) fn Filters(props: &Props) -> Html {
    let desk = use_desk();
    let zone = use_state_eq(String::new);
    {
        let (api, zone) = (desk.api.clone(), zone.setter());
        use_effect_with((), move |()| {
            spawn_local(async move {
                // Without an answer the reader's own day is near enough.
                let Ok(reply) = api.send(&request::settings()).await else {
                    return;
                };
                let rows: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
                zone.set(rows[0]["time_zone"].as_str().unwrap_or_default().to_owned());
            });
        });
    }
    let wanted = &props.wanted;
    let want = |change: fn(&mut Wanted, String)| {
        let (wanted, on_want) = (wanted.clone(), props.on_want.clone());
        Callback::from(move |chosen: String| {
            let mut wanted = wanted.clone();
            change(&mut wanted, chosen);
            on_want.emit(wanted);
        })
    };
    let set = wanted.filters();
    let clear = {
        let (wanted, on_want) = (wanted.clone(), props.on_want.clone());
        move |_: MouseEvent| {
            let mut next = Wanted::default();
            next.search.words.clone_from(&wanted.search.words);
            next.search.only_missed = wanted.search.only_missed;
            next.sort = wanted.sort;
            on_want.emit(next);
        }
    };
    html! {
        <div class="filters">
            { days(wanted, &props.on_want, desk.now_ms(), &zone) }
            if set > 0 {
                <button type="button" class="text-button" onclick={clear}>{ its::clear_filters() }</button>
            }
            <details>
                <summary>{ its::filters() }if set > 0 {<span class="count">{ set }</span>}</summary>
                <div class="filter-row">
                { between(wanted, &props.on_want, desk.now_ms(), &zone) }
                { choice(its::state(), wanted.search.state.map_or("", Status::as_str), &states(), want(|wanted, it| {
                    wanted.search.state = Status::ALL.into_iter().find(|one| one.as_str() == it);
                })) }
                { choice(its::reason(), wanted.search.reason.map_or("", EndReason::as_str), &reasons(), want(|wanted, it| {
                    wanted.search.reason = EndReason::ALL.into_iter().find(|one| one.as_str() == it);
                })) }
                { choice(its::direction(), wanted.search.direction.map_or("", Direction::as_str), &directions(), want(|wanted, it| {
                    wanted.search.direction = DIRECTIONS.into_iter().find(|one| one.as_str() == it);
                })) }
                { choice(
                    its::agent(),
                    &wanted.search.agent.map(|agent| agent.to_string()).unwrap_or_default(),
                    &agents(&desk, wanted),
                    want(|wanted, it| wanted.search.agent = it.parse().ok()),
                ) }
                { choice(its::sort(), wanted.sort.as_str(), &sorts(), want(|wanted, it| {
                    wanted.sort = SORTS.into_iter().find(|one| one.as_str() == it).unwrap_or_default();
                })) }
                </div>
            </details>
        </div>
    }
}

fn days(wanted: &Wanted, on_want: &Callback<Wanted>, now_ms: i64, zone: &str) -> Html {
    let day = |back: i64| when::day_in(now_ms - back * A_DAY_MS, zone);
    let preset = |word: &'static str, first: String, last: String| {
        let is_on = wanted.search.first_day == first && wanted.search.last_day == last;
        let mut next = wanted.clone();
        // A second press takes it back.
        (next.search.first_day, next.search.last_day) = if is_on {
            Default::default()
        } else {
            (first, last)
        };
        let onclick = on_want.reform(move |_: MouseEvent| next.clone());
        html! { <button type="button" class="chip" aria-pressed={is_on.to_string()} {onclick}>{ word }</button> }
    };
    html! {
        <div class="chips" role="group" aria-label={its::days()}>
            { preset(its::today(), day(0), day(0)) }
            { preset(its::yesterday(), day(1), day(1)) }
            { preset(its::week(), day(6), day(0)) }
            { preset(its::month(), day(29), day(0)) }
        </div>
    }
}

/// The first day and the last.
fn between(wanted: &Wanted, on_want: &Callback<Wanted>, now_ms: i64, zone: &str) -> Html {
    let field = |word: &'static str, day: &str, change: fn(&mut Wanted, String)| {
        let (wanted, on_want) = (wanted.clone(), on_want.clone());
        let onchange = move |event: Event| {
            let mut wanted = wanted.clone();
            change(&mut wanted, value(&event));
            on_want.emit(wanted);
        };
        html! {
            <label class="choice">
                <span class="choice-label">{ word }</span>
                <input type="date" value={day.to_owned()} max={when::day_in(now_ms, zone)} {onchange} />
            </label>
        }
    };
    html! {
        <>
            { field(its::first_day(), &wanted.search.first_day, |wanted, day| wanted.search.first_day = day) }
            { field(its::last_day(), &wanted.search.last_day, |wanted, day| wanted.search.last_day = day) }
        </>
    }
}

fn pair(value: &str, words: &str) -> (String, String) {
    (value.to_owned(), words.to_owned())
}

fn states() -> Vec<(String, String)> {
    let words = |state| match state {
        Status::Ringing => its::state_ringing(),
        Status::Active => its::state_active(),
        Status::Parked => its::state_parked(),
        Status::Ended => its::state_ended(),
    };
    let all = Status::ALL
        .into_iter()
        .map(|it| pair(it.as_str(), words(it)));
    std::iter::once(pair("", its::any())).chain(all).collect()
}

fn reasons() -> Vec<(String, String)> {
    let words = |reason| match reason {
        EndReason::Completed => its::reason_completed(),
        EndReason::Missed => its::reason_missed(),
        EndReason::Abandoned => its::reason_abandoned(),
        EndReason::Voicemail => its::reason_voicemail(),
        EndReason::Failed => its::reason_failed(),
        EndReason::Reconciled => its::reason_reconciled(),
        EndReason::EndedByAgent => its::reason_ended_by_agent(),
    };
    let all = EndReason::ALL
        .into_iter()
        .map(|it| pair(it.as_str(), words(it)));
    std::iter::once(pair("", its::any())).chain(all).collect()
}

fn directions() -> Vec<(String, String)> {
    vec![
        pair("", its::any()),
        pair(Direction::Inbound.as_str(), its::inbound()),
        pair(Direction::Outbound.as_str(), its::outbound()),
    ]
}

fn sorts() -> Vec<(String, String)> {
    vec![
        pair(Sort::Newest.as_str(), its::sort_newest()),
        pair(Sort::Waited.as_str(), its::sort_waited()),
        pair(Sort::Talked.as_str(), its::sort_talked()),
    ]
}

/// The team, and whoever the address names although they have left.
fn agents(desk: &crate::rooms::desk::Desk, wanted: &Wanted) -> Vec<(String, String)> {
    let members = desk.board().members();
    let mut all = vec![pair("", its::anybody())];
    all.extend(
        members
            .iter()
            .map(|member| (member.id.to_string(), member.display_name.clone())),
    );
    if let Some(agent) = wanted.search.agent.map(|agent| agent.to_string())
        && !all.iter().any(|(id, _)| *id == agent)
    {
        all.push((agent, texts::a_colleague().to_owned()));
    }
    all
}
