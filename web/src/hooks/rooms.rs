//! The board's side of the rooms: fetches their program when one is entered, tells it what happens, and does for it
//! what only the board can. The other side, with the verbs, is `rooms::host`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use serde_json::json;
use switchboard_model::{CallId, Change, Checksum, Intent, MemberId, change::Kind, json};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::Element;
use yew::prelude::*;

use super::actions::Ask;
use crate::auth::Keeper;
use crate::location::needs_rooms;
use crate::store::{Action, Link, Pending, Store};
use crate::texts;

#[wasm_bindgen(module = "/rooms.js")]
extern "C" {
    #[wasm_bindgen(js_name = openRooms)]
    fn open_rooms(root: &Element, host: &JsValue, sorry: &str, again: &str) -> Promise;
    #[wasm_bindgen(js_name = notesAreLeft)]
    fn notes_are_left() -> bool;
}

thread_local! {
    static TELL: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Tells the rooms something, if they are there.
fn tell(verb: &str, detail: &str) {
    let tell = TELL.with_borrow(Clone::clone);
    if let Some(tell) = tell {
        // A room that stopped has said so itself.
        let _ = tell.call2(&JsValue::NULL, &verb.into(), &detail.into());
    }
}

/// Tells them of a change of the board.
pub(crate) fn heard(change: &Change) {
    if TELL.with_borrow(Option::is_none) {
        return;
    }
    let detail = json!({
        "table": change.table.name(),
        "is_gone": change.kind == Kind::Delete,
        "record": change.record,
    });
    tell("change", &json::write(&detail));
}

/// What the rooms may ask of the board.
#[derive(Clone)]
pub(crate) struct Host {
    /// Who is signed in.
    pub(crate) keeper: Keeper,
    /// The account's id.
    pub(crate) user: String,
    /// Whether the board is in step, and since when not.
    pub(crate) link: Link,
    /// The checksum of the board.
    pub(crate) sum: i64,
    /// Goes to an address.
    pub(crate) go: Callback<String>,
    /// Does something with a call.
    pub(crate) on_ask: Callback<Ask>,
    /// Says something.
    pub(crate) dispatch: UseReducerDispatcher<Store>,
}

impl Host {
    fn asked(&self, verb: &str, detail: String) -> JsValue {
        match verb {
            "token" => self.token(detail).into(),
            "live" => live(self.link).into(),
            "sum" => self.sum.to_string().into(),
            "user" => self.user.as_str().into(),
            "go" => {
                self.go.emit(detail);
                JsValue::UNDEFINED
            }
            "act" => {
                if let Some((call, intent)) = action(&detail) {
                    self.on_ask.emit(Ask::Call(call, intent));
                }
                JsValue::UNDEFINED
            }
            "dial" => {
                self.on_ask.emit(Ask::Dial(detail));
                JsValue::UNDEFINED
            }
            "say" => {
                self.dispatch.dispatch(Action::Said(detail));
                JsValue::UNDEFINED
            }
            _ => JsValue::UNDEFINED,
        }
    }

    /// A token that may be sent now, other than the spent one that is named. Only of whom the rooms were opened for: what
    /// they still wrote when somebody else signed in is not to be sent in that name.
    fn token(&self, spent: String) -> Promise {
        let (keeper, user) = (self.keeper.clone(), self.user.clone());
        future_to_promise(async move {
            let session = match keeper.fresh().await {
                Some(session) if session.access_token == spent => keeper.replace(&session).await,
                session => session,
            };
            let session = session.filter(|session| session.user_id.to_string() == user);
            Ok(session.map_or(JsValue::NULL, |session| {
                session.access_token.as_str().into()
            }))
        })
    }
}

/// `yes` for a board that is in step; else the server's time at which it stopped, if that is known.
fn live(link: Link) -> String {
    match (link.is_live(), link.stopped_ms) {
        (true, _) => "yes".to_owned(),
        (false, Some(ms)) => ms.to_string(),
        (false, None) => String::new(),
    }
}

/// `{"call":id,"intent":name,"slot":n,"to":id}`.
fn action(detail: &str) -> Option<(CallId, Intent)> {
    let detail = json::read(detail)?;
    let call = detail["call"].as_str()?.parse().ok()?;
    let slot = || i16::try_from(detail["slot"].as_i64()?).ok();
    let intent = match detail["intent"].as_str()? {
        "answer" => Intent::Answer,
        "park" => Intent::Park { slot: slot() },
        "retrieve" => Intent::Retrieve,
        "move" => Intent::Move { slot: slot()? },
        "transfer" => Intent::Transfer {
            to: detail["to"].as_str()?.parse::<MemberId>().ok()?,
        },
        "hold" => Intent::Hold,
        "resume" => Intent::Resume,
        "end" => Intent::End,
        _ => return None,
    };
    Some((call, intent))
}

/// Draws the rooms into the element that the answer refers to, once `address` needs them, or notes are left that they save. `sum` is the
/// board's, `pending` what is asked of the database and not answered.
#[hook]
pub(crate) fn use_rooms(host: Host, address: &str, sum: Checksum, pending: &[Pending]) -> NodeRef {
    let root = use_node_ref();
    let link = live(host.link);
    let now = use_mut_ref(|| None::<Host>);
    *now.borrow_mut() = Some(host);
    let is_needed = use_state_eq(notes_are_left);
    if needs_rooms(address) {
        is_needed.set(true);
    }
    {
        let root = root.clone();
        use_effect_with(*is_needed, move |is_needed| {
            let root = root.cast::<Element>().filter(|_| *is_needed);
            if let Some(root) = root {
                spawn_local(open(root, now));
            }
            || {
                tell("end", "");
                TELL.take();
            }
        });
    }
    use_effect_with(address.to_owned(), |address| tell("address", address));
    use_effect_with(link, |link| tell("live", link));
    let pending: Vec<String> = pending.iter().map(|asked| asked.call.to_string()).collect();
    use_effect_with(pending.join(" "), |calls| tell("pending", calls));
    use_effect_with(sum.checksum, |sum| tell("sum", &sum.to_string()));
    root
}

/// Comes back when the rooms are there: a program that cannot be fetched is asked for again by whoever wants it.
async fn open(root: Element, host: Rc<RefCell<Option<Host>>>) {
    let asked =
        Closure::<dyn FnMut(String, String) -> JsValue>::new(move |verb: String, detail| {
            let host = host.borrow().clone();
            host.map_or(JsValue::UNDEFINED, |host| host.asked(&verb, detail))
        });
    // The rooms ask for as long as they are there.
    let opened = JsFuture::from(open_rooms(
        &root,
        &asked.into_js_value(),
        texts::room_failed(),
        texts::try_again(),
    ))
    .await;
    let tell = opened
        .ok()
        .and_then(|tell| tell.dyn_into::<Function>().ok());
    TELL.set(tell);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::wire;

    #[test]
    fn everything_that_a_room_asks_for_a_call_is_understood() {
        let call: CallId = "22222222-0000-4000-8000-000000000001".parse().unwrap();
        let to: MemberId = "11111111-0000-4000-8000-000000000001".parse().unwrap();
        for intent in [
            Intent::Answer,
            Intent::Park { slot: None },
            Intent::Park { slot: Some(3) },
            Intent::Retrieve,
            Intent::Move { slot: 4 },
            Intent::Transfer { to },
            Intent::Hold,
            Intent::Resume,
            Intent::End,
        ] {
            assert_eq!(action(&wire(call, intent)), Some((call, intent)));
        }
    }
}
