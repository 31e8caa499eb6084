//! The bridge to the board's program, seen from the rooms. Both sides speak in a verb and a text.
//!
//! The rooms ask: `token` (the detail is the spent one) for a promise of a token; `user` for the account's id; `go` to an
//! address; `live`, whether the board is in step (`yes`), or since when not (milliseconds); `sum`, its checksum; `act` with `{"call":id,"intent":name,"slot":n,"to":id}`; `dial` a number; `say` a sentence to the reader.
//! They are told: `address`, the new one; `change`, `{"table":name,"is_gone":flag,"record":{…}}`; `sum`, the board's
//! checksum; `live`, in the same words; `pending`, the calls with an action that is
//! not answered yet; `end`.

use std::cell::RefCell;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use js_sys::{Function, Promise};
use serde_json::{Map, Value, json};
use switchboard_model::{CallId, Change, Intent, UserId, change::Kind, change::Table};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use yew::Callback;

use crate::api::Tokens;

/// The board's program. Clones are the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Host(Function);

impl Host {
    /// The host behind that function.
    pub(super) fn new(host: Function) -> Self {
        Self(host)
    }

    fn ask(&self, verb: &str, detail: &str) -> JsValue {
        let asked = self.0.call2(&JsValue::NULL, &verb.into(), &detail.into());
        asked.unwrap_or(JsValue::UNDEFINED)
    }

    /// The account that is signed in.
    pub(crate) fn user(&self) -> Option<UserId> {
        self.ask("user", "").as_string()?.parse().ok()
    }

    /// Whether the board is in step with the database, so that one may act.
    pub(crate) fn link(&self) -> Linked {
        Linked::read(&self.ask("live", "").as_string().unwrap_or_default())
    }

    /// The checksum of the board as its program shows it.
    pub(super) fn sum(&self) -> Option<i64> {
        self.ask("sum", "").as_string()?.parse().ok()
    }

    /// Goes to an address within the page, such as `/history?q=anna`.
    pub(crate) fn go(&self, address: &str) {
        self.ask("go", address);
    }

    /// Changes the address without a step for the back button, as somebody who types a search wants it.
    pub(crate) fn replace(&self, address: &str) {
        let Some(window) = web_sys::window() else {
            return;
        };
        let Ok(history) = window.history() else {
            return;
        };
        let replaced = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
        // The board's program looks where it is whenever the browser says that this changed.
        if let (Ok(()), Ok(event)) = (replaced, web_sys::Event::new("popstate")) {
            let _ = window.dispatch_event(&event);
        }
    }

    /// Does something with a call, as a button on the board does.
    pub(crate) fn act(&self, call: CallId, intent: Intent) {
        self.ask("act", &wire(call, intent));
    }

    /// Calls a number.
    pub(crate) fn dial(&self, number: &str) {
        self.ask("dial", number);
    }

    /// Tells the reader something, as the board does.
    pub(crate) fn say(&self, sentence: &str) {
        self.ask("say", sentence);
    }
}

/// What `act` is asked with.
pub(crate) fn wire(call: CallId, intent: Intent) -> String {
    let (name, slot, to) = match intent {
        Intent::Answer => ("answer", None, None),
        Intent::Park { slot } => ("park", slot, None),
        Intent::Retrieve => ("retrieve", None, None),
        Intent::Move { slot } => ("move", Some(slot), None),
        Intent::Transfer { to } => ("transfer", None, Some(to.to_string())),
        Intent::Hold => ("hold", None, None),
        Intent::Resume => ("resume", None, None),
        Intent::End => ("end", None, None),
    };
    json!({ "call": call.to_string(), "intent": name, "slot": slot, "to": to }).to_string()
}

impl Tokens for Host {
    fn token(&self, spent: Option<String>) -> LocalBoxFuture<'static, Option<String>> {
        let promise = self.ask("token", spent.as_deref().unwrap_or_default());
        let token = async move {
            let promise: Promise = promise.dyn_into().ok()?;
            JsFuture::from(promise).await.ok()?.as_string()
        };
        token.boxed_local()
    }
}

/// Whether the board is in step, and since when it is not, in milliseconds by the server's clock, if that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Linked {
    pub(crate) is_live: bool,
    pub(crate) stopped_ms: Option<i64>,
}

impl Linked {
    fn read(text: &str) -> Self {
        Self {
            is_live: text == "yes",
            stopped_ms: text.parse().ok(),
        }
    }
}

/// What the rooms are told.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    /// The reader went to that address.
    Address(String),
    /// A row of the board changed.
    Change(Change),
    /// The checksum of the board as its program shows it.
    Sum(i64),
    /// Whether its link is.
    Live(Linked),
    /// The calls with an action that is not answered yet.
    Pending(Vec<CallId>),
}

impl Told {
    fn read(verb: &str, detail: String) -> Option<Self> {
        match verb {
            "address" => Some(Self::Address(detail)),
            "sum" => detail.parse().ok().map(Self::Sum),
            "live" => Some(Self::Live(Linked::read(&detail))),
            "pending" => {
                let calls = detail.split(' ').filter_map(|call| call.parse().ok());
                Some(Self::Pending(calls.collect()))
            }
            "change" => change(&detail).map(Self::Change),
            _ => None,
        }
    }
}

fn change(detail: &str) -> Option<Change> {
    let mut detail: Map<String, Value> = serde_json::from_str(detail).ok()?;
    let is_gone = detail.get("is_gone")?.as_bool()?;
    Some(Change {
        table: Table::named(detail.get("table")?.as_str()?)?,
        kind: if is_gone { Kind::Delete } else { Kind::Upsert },
        record: match detail.remove("record")? {
            Value::Object(record) => record,
            _ => return None,
        },
    })
}

/// Where the rooms are told something, whoever listens.
#[derive(Default)]
pub(super) struct Inbox(RefCell<Callback<Told>>);

impl PartialEq for Inbox {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Inbox {
    /// Takes what is told.
    pub(super) fn put(&self, verb: &str, detail: String) {
        let listener = self.0.borrow().clone();
        if let Some(told) = Told::read(verb, detail) {
            listener.emit(told);
        }
    }

    /// Listens from now on.
    pub(super) fn listen(&self, listener: Callback<Told>) {
        self.0.replace(listener);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reads_as_it_was_told() {
        let told = r#"{"table":"calls","is_gone":false,"record":{"id":"x","version":7}}"#;
        let Some(Told::Change(change)) = Told::read("change", told.to_owned()) else {
            panic!("it is a change");
        };
        assert_eq!((change.table, change.kind), (Table::Calls, Kind::Upsert));
        assert_eq!(change.record["version"], 7);
        assert_eq!(Told::read("change", "{}".to_owned()), None);
        assert_eq!(Told::read("sing", String::new()), None);
    }

    #[test]
    fn a_link_is_live_or_stopped_at_some_time() {
        let link = |text| (Linked::read(text).is_live, Linked::read(text).stopped_ms);
        assert_eq!(link("yes"), (true, None));
        assert_eq!(link("1767600000250"), (false, Some(1_767_600_000_250)));
        assert_eq!(link(""), (false, None));
    }

    #[test]
    fn calls_are_pending_until_none_is_named() {
        let id = "11111111-0000-4000-8000-000000000001";
        let told = Told::read("pending", format!("{id} {id}"));
        let call: CallId = id.parse().unwrap();
        assert_eq!(told, Some(Told::Pending(vec![call, call])));
        let none = Told::read("pending", String::new());
        assert_eq!(none, Some(Told::Pending(Vec::new())));
    }
}
