//! One setting: its name, its field, what it means, and what is wrong with what was typed.

use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::hours::hours;
use super::prefixes::Prefixes;
use crate::rooms::form::value as value_of;
use crate::texts::settings as texts;

/// Told what stands in a field now.
pub(super) type OnType = Callback<(&'static str, Value)>;

/// The field of that column.
pub(super) fn field(
    column: &'static str,
    value: &Value,
    why: Option<String>,
    on_type: &OnType,
) -> Html {
    let (label, hint) = words(column);
    let (hint_id, why_id) = (format!("{column}-hint"), format!("{column}-why"));
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let described = if why.is_some() {
        format!("{hint_id} {why_id}")
    } else {
        hint_id.clone()
    };
    let on_text = {
        let on_type = on_type.clone();
        move |event: InputEvent| on_type.emit((column, json!(value_of(&event))))
    };
    let control = match column {
        "voicemail_enabled" => {
            let on_type = on_type.clone();
            let onchange = move |event: Event| {
                let field = event
                    .target()
                    .and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
                on_type.emit((column, json!(field.is_some_and(|field| field.checked()))));
            };
            return html! {
                <label class="settings-check">
                    <input type="checkbox" checked={value.as_bool().unwrap_or_default()} {onchange} />
                    <span>{ label }</span>
                </label>
            };
        }
        "business_hours" => return hours(value, why, on_type),
        "outbound_prefixes" => {
            return html! { <Prefixes value={value.clone()} {why} on_type={on_type.clone()} /> };
        }
        "voicemail_greeting" => html! {
            <textarea id={column} rows="3" value={text} aria-describedby={described} aria-invalid={why.is_some().to_string()} oninput={on_text} />
        },
        _ => {
            let (kind, mode) = match column {
                "hold_music_url" => ("url", "url"),
                "caller_id" => ("tel", "tel"),
                "time_zone" => ("text", "text"),
                _ => ("text", "numeric"),
            };
            let zones = (column == "time_zone").then(zones);
            html! {
                <>
                <input id={column} list={zones.is_some().then_some("time-zones")} type={kind} inputmode={mode} value={text} autocomplete="off" spellcheck="false"
                    aria-describedby={described} aria-invalid={why.is_some().to_string()} oninput={on_text} />
                if let Some(zones) = zones {
                    <datalist id="time-zones">{ for zones }</datalist>
                }
                </>
            }
        }
    };
    html! {
        <div class="settings-field" data-kind={if column.ends_with("_s") || column == "parking_slots" { "number" } else { "text" }}>
            <label for={column}>{ label }</label>
            { control }
            <p class="room-hint" id={hint_id}>{ hint }</p>
            if let Some(why) = why {
                <p class="settings-why" id={why_id}>{ why }</p>
            }
        </div>
    }
}

/// The time zones that this browser knows, to choose from.
fn zones() -> Vec<Html> {
    let known = js_sys::Intl::supported_values_of(js_sys::Intl::SupportedValuesKey::TimeZone);
    known
        .iter()
        .map(|zone| html! { <option value={String::from(zone)} /> })
        .collect()
}

fn words(column: &str) -> (&'static str, &'static str) {
    match column {
        "parking_slots" => (texts::parking_slots(), texts::parking_slots_hint()),
        "ring_timeout_s" => (texts::ring_timeout(), texts::ring_timeout_hint()),
        "park_timeout_s" => (texts::park_timeout(), texts::park_timeout_hint()),
        "service_level_s" => (texts::service_level(), texts::service_level_hint()),
        "time_zone" => (texts::time_zone(), texts::time_zone_hint()),
        "voicemail_enabled" => (texts::voicemail_enabled(), ""),
        "voicemail_greeting" => (
            texts::voicemail_greeting(),
            texts::voicemail_greeting_hint(),
        ),
        "hold_music_url" => (texts::hold_music(), texts::hold_music_hint()),
        "caller_id" => (texts::caller_id(), texts::caller_id_hint()),
        _ => ("", ""),
    }
}
