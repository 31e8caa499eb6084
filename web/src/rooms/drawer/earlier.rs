//! What the same customer wanted before.

use std::rc::Rc;

use serde_json::{Map, Value};
use switchboard_model::{Address, Call, request, timestamp};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::call::{rows, section};
use super::story::lasting;
use super::when;
use crate::format::millis;
use crate::rooms::desk::use_desk;
use crate::texts::{contact as texts, drawer};

/// So many are listed.
const LISTED: u16 = 10;

/// What is shown of a row of the database's type `listed_call`.
#[derive(Clone, Debug, PartialEq)]
struct Earlier {
    id: String,
    at_ms: i64,
    is_missed: bool,
    outcome: String,
    agents: String,
    note: String,
}

impl Earlier {
    fn read(row: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let names = row.get("agent_names").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        let is_missed = row.get("is_missed").and_then(Value::as_bool)?;
        let talked_s = row
            .get("talked_s")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        let how = if text("status") != "ended" {
            texts::still_on().to_owned()
        } else if text("end_reason") == "voicemail" {
            texts::message_left().to_owned()
        } else if is_missed {
            texts::missed().to_owned()
        } else if talked_s > 0 {
            texts::talked(&lasting(talked_s * 1000))
        } else {
            texts::unanswered().to_owned()
        };
        let said = [text("disposition"), text("note")];
        let said: Vec<_> = said.into_iter().filter(|text| !text.is_empty()).collect();
        Some(Self {
            id: text("id").to_owned(),
            at_ms: millis(timestamp::parse(text("created_at"))?),
            is_missed,
            outcome: how,
            agents: names.collect::<Vec<_>>().join(", "),
            note: said.join(" · "),
        })
    }
}

/// The call.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) call: Rc<Call>,
}

/// The list; each line opens the details of its call.
#[function_component]
pub(super) fn EarlierCalls(props: &Props) -> Html {
    let desk = use_desk();
    let found = use_state_eq(|| None::<Option<Vec<Earlier>>>);
    let number = match props.call.customer() {
        Address::Number(number) => Some(number.as_str().to_owned()),
        Address::Client(_) | Address::Withheld | Address::Other(_) => None,
    };
    {
        let (api, found, before) = (desk.api.clone(), found.setter(), props.call.created_at);
        use_effect_with((number.clone(), desk.is_live), move |(number, _)| {
            let request = number.as_deref();
            let request =
                request.map(|number| request::history::earlier_calls(number, before, LISTED));
            if let Some(request) = request {
                spawn_local(async move {
                    let rows = rows(&api, &request).await;
                    found.set(Some(
                        rows.map(|rows| rows.iter().filter_map(Earlier::read).collect()),
                    ));
                });
            }
        });
    }
    if number.is_none() {
        return Html::default();
    }
    let now = desk.now_ms();
    let line = |call: &Earlier| {
        let address = desk.with("call", &call.id);
        let href = address.find('?').map(|at| address[at..].to_owned());
        html! {
            <li key={call.id.clone()}>
                <a class="earlier" {href}>
                    <span class="earlier-top">
                        <span class="earlier-how" data-missed={call.is_missed.to_string()}>{ &call.outcome }</span>
                        <time datetime={when::iso(call.at_ms)} title={when::full(call.at_ms)}>
                            { when::ago(call.at_ms, now) }
                        </time>
                    </span>
                    if !call.agents.is_empty() {
                        <span class="earlier-who">{ &call.agents }</span>
                    }
                    if !call.note.is_empty() {
                        <span class="earlier-note">{ &call.note }</span>
                    }
                </a>
            </li>
        }
    };
    let content = match &*found {
        None => html! { <p class="drawer-quiet">{ drawer::loading() }</p> },
        Some(None) => html! { <p class="drawer-trouble">{ texts::earlier_failed() }</p> },
        Some(Some(calls)) if calls.is_empty() => {
            html! { <p class="drawer-quiet">{ texts::no_earlier() }</p> }
        }
        Some(Some(calls)) => {
            html! { <ul class="earlier-calls">{ for calls.iter().map(line) }</ul> }
        }
    };
    section("drawer-earlier", texts::earlier(), content)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outcome(status: &str, reason: &str, is_missed: bool, talked_s: i64) -> String {
        let row = json!({
            "id": "x", "created_at": "2026-01-05T09:00:00Z", "status": status, "end_reason": reason,
            "is_missed": is_missed, "talked_s": talked_s, "agent_names": ["Doug", "Sue"], "note": "Roof",
            "disposition": "Call back",
        });
        let call = Earlier::read(row.as_object().unwrap()).unwrap();
        assert_eq!(
            (call.agents.as_str(), call.note.as_str()),
            ("Doug, Sue", "Call back · Roof")
        );
        call.outcome
    }

    #[test]
    fn each_earlier_call_says_what_became_of_it() {
        assert_eq!(outcome("active", "", false, 5), "Still going on");
        assert_eq!(outcome("ended", "voicemail", true, 0), "Left a message");
        assert_eq!(outcome("ended", "abandoned", true, 0), "Missed");
        assert_eq!(
            outcome("ended", "completed", false, 72),
            "Talked 1\u{a0}min\u{a0}12\u{a0}s"
        );
        assert_eq!(outcome("ended", "failed", false, 0), "Not answered");
    }
}
