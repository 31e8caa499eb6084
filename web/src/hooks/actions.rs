//! What a person asks for, sent to the database, and its answer brought back to the store.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::{Map, Value};
use switchboard_model::{CallId, Intent, MemberId, request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::hush::toggle;
use crate::action::Outcome;
use crate::api::{Api, Unreachable};
use crate::auth::Keeper;
use crate::browser::now_ms;
use crate::store::{Action, Late, Store};
use crate::texts;

/// Something that a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// An action on a call.
    Call(CallId, Intent),
    /// To be silent to the other side of my call, or not any more.
    Mute(bool),
    /// To be on duty, or not.
    Duty(bool),
    /// To call that number.
    Dial(String),
    /// That call is not for me, or is again.
    NotMe(CallId),
}

/// What was asked for on calls and is not answered yet.
type Line = Rc<RefCell<VecDeque<(CallId, Intent)>>>;

/// A callback that carries out what `me` asks: on calls one after the other, so that whoever parks one and answers the
/// next at once is not told to be on another call.
#[hook]
pub(crate) fn use_actions(
    keeper: &Keeper,
    me: Option<MemberId>,
    dispatch: UseReducerDispatcher<Store>,
) -> Callback<Ask> {
    let keeper = keeper.clone();
    let line: Line = use_mut_ref(VecDeque::new);
    use_callback(me, move |ask, me| {
        let Some(me) = *me else { return };
        let (api, dispatch) = (keeper.api(), dispatch.clone());
        match ask {
            Ask::Call(call, intent) => {
                dispatch.dispatch(Action::Asked {
                    call,
                    intent,
                    at_ms: now_ms(),
                });
                line.borrow_mut().push_back((call, intent));
                if line.borrow().len() == 1 {
                    spawn_local(work(line.clone(), api, me, dispatch));
                }
            }
            // Only an audio can, which has taken it.
            Ask::Mute(_) => {}
            Ask::Dial(_) => dispatch.dispatch(Action::Said(texts::no_calls_out().to_owned())),
            Ask::NotMe(call) => dispatch.dispatch(Action::Hushed(toggle(call))),
            Ask::Duty(available) => {
                dispatch.dispatch(Action::DutyAsked);
                spawn_local(async move {
                    dispatch.dispatch(Action::DutyAnswered(duty(&api, me, available).await));
                });
            }
        }
    })
}

async fn work(line: Line, api: Api, me: MemberId, dispatch: UseReducerDispatcher<Store>) {
    loop {
        let first = line.borrow().front().copied();
        let Some((call, intent)) = first else { return };
        let answer = act(&api, me, call, intent).await;
        let mut waiting = line.borrow_mut();
        waiting.pop_front();
        if !matches!(answer, Action::Done { .. }) {
            waiting.retain(|(other, _)| *other != call);
        }
        drop(waiting);
        dispatch.dispatch(answer);
    }
}

async fn act(api: &Api, me: MemberId, call: CallId, intent: Intent) -> Action {
    let sent_ms = now_ms();
    let refused = |sentence: &str| Action::Refused {
        call,
        sentence: sentence.to_owned(),
    };
    let Ok(reply) = api.send(&request::action(call, me, intent)).await else {
        return refused(texts::unreachable());
    };
    match Outcome::read(&reply) {
        Outcome::Done(row) => Action::Done {
            call,
            row,
            sent_ms,
            at_ms: now_ms(),
        },
        Outcome::Lost => Action::Late(Late {
            call,
            intent,
            // Half of the way there and back: as near as one can tell when it met the database.
            met_ms: sent_ms.midpoint(now_ms()),
            row: look(api, call).await,
        }),
        Outcome::Refused(sentence) => refused(&sentence),
    }
}

/// The call as it is now. A failure here only makes the sentence vaguer.
async fn look(api: &Api, call: CallId) -> Option<Map<String, Value>> {
    let reply = api.send(&request::call(call)).await.ok()?;
    match Outcome::read(&reply) {
        Outcome::Done(row) => Some(row),
        Outcome::Lost | Outcome::Refused(_) => None,
    }
}

async fn duty(api: &Api, me: MemberId, available: bool) -> Result<Map<String, Value>, String> {
    match api.send(&request::set_available(me, available)).await {
        Err(Unreachable) => Err(texts::unreachable().to_owned()),
        Ok(reply) => match Outcome::read(&reply) {
            Outcome::Done(row) => Ok(row),
            Outcome::Lost => Err(texts::not_allowed().to_owned()),
            Outcome::Refused(sentence) => Err(sentence),
        },
    }
}
