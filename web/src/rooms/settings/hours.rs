//! When the office is open: always, or by the week with any number of spans a day.

use serde_json::{Map, Value, json};
use yew::prelude::*;

use super::field::OnType;
use super::rules::DAYS;
use crate::rooms::form::value as value_of;
use crate::texts::settings as texts;

const COLUMN: &str = "business_hours";

/// The week; `value` is the column as it stands in the form.
pub(super) fn hours(value: &Value, why: Option<String>, on_type: &OnType) -> Html {
    let week = value.as_object().cloned().unwrap_or_default();
    let is_always = week.is_empty();
    let set = |week: Value| on_type.reform(move |_: Event| (COLUMN, week.clone()));
    let usual: Map<String, Value> = DAYS[..5]
        .iter()
        .map(|day| ((*day).to_owned(), json!([["09:00", "17:00"]])))
        .collect();
    html! {
        <div class="settings-field" role="group" aria-label={texts::business_hours()}>
            <div class="settings-radios">
                <label class="settings-check">
                    <input type="radio" name={COLUMN} checked={is_always} onchange={set(json!({}))} />
                    <span>{ texts::always_open() }</span>
                </label>
                <label class="settings-check">
                    <input type="radio" name={COLUMN} checked={!is_always} onchange={set(Value::Object(usual))} />
                    <span>{ texts::by_the_week() }</span>
                </label>
            </div>
            if !is_always {
                <ul class="week">{ for DAYS.iter().map(|day| row(day, &week, on_type)) }</ul>
            }
            <p class="room-hint">{ texts::business_hours_hint() }</p>
            if let Some(why) = why {
                <p class="settings-why" role="status">{ why }</p>
            }
        </div>
    }
}

fn row(day: &'static str, week: &Map<String, Value>, on_type: &OnType) -> Html {
    let spans: Vec<Value> = week
        .get(day)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let name = name_of(day);
    let with = |spans: Vec<Value>| {
        let mut week = week.clone();
        // A day without a span stays in the form, so that a week does not turn into "always".
        week.insert(day.to_owned(), Value::Array(spans));
        (COLUMN, Value::Object(week))
    };
    let end = |at: usize, side: usize| {
        let label = if side == 0 {
            texts::opens(name)
        } else {
            texts::closes(name)
        };
        let shown = spans[at][side].as_str().unwrap_or_default();
        // A field for times has no 24:00.
        let shown = if shown == "24:00" { "00:00" } else { shown }.to_owned();
        let (week, spans, on_type) = (week.clone(), spans.clone(), on_type.clone());
        let onchange = move |event: Event| {
            let (mut week, mut spans) = (week.clone(), spans.clone());
            let mut span = [spans[at][0].clone(), spans[at][1].clone()];
            span[side] = json!(value_of(&event));
            spans[at] = json!(span);
            week.insert(day.to_owned(), Value::Array(spans));
            on_type.emit((COLUMN, Value::Object(week)));
        };
        html! { <input type="time" value={shown} aria-label={label} {onchange} /> }
    };
    let without = |at: usize| {
        let mut rest = spans.clone();
        rest.remove(at);
        let next = with(rest);
        on_type.reform(move |_: MouseEvent| next.clone())
    };
    let more = {
        let mut all = spans.clone();
        all.push(if spans.is_empty() {
            json!(["09:00", "17:00"])
        } else {
            json!(["", ""])
        });
        let next = with(all);
        on_type.reform(move |_: MouseEvent| next.clone())
    };
    html! {
        <li class="week-day">
            <span class="week-name">{ name }</span>
            <div class="week-spans">
                if spans.is_empty() {
                    <span class="room-hint">{ texts::closed() }</span>
                }
                { for (0..spans.len()).map(|at| html! {
                    <span class="week-span">
                        { end(at, 0) }<span aria-hidden="true">{ "–" }</span>{ end(at, 1) }
                        <button type="button" class="text-button" aria-label={texts::remove_hours(name)} onclick={without(at)}>{ texts::remove() }</button>
                    </span>
                }) }
                <button type="button" class="text-button" aria-label={texts::add_hours_to(name)} onclick={more}>{ texts::add_hours() }</button>
            </div>
        </li>
    }
}

fn name_of(day: &str) -> &'static str {
    match day {
        "mon" => texts::mon(),
        "tue" => texts::tue(),
        "wed" => texts::wed(),
        "thu" => texts::thu(),
        "fri" => texts::fri(),
        "sat" => texts::sat(),
        _ => texts::sun(),
    }
}
