//! Calls that are not for me: silent and pale here, for everybody else as before. Kept in this browser, for all its tabs,
//! because the one that rings may be another.

use gloo_events::EventListener;
use switchboard_model::CallId;
use yew::prelude::*;

use crate::browser::{keep, kept, window};
use crate::store::{Action, Store};

/// Where they are kept, with blanks between them.
const KEY: &str = "switchboard.not-me";
/// So many are remembered; an older one has long been answered.
const AT_MOST: usize = 20;

/// The calls that are not for me.
pub(crate) fn hushed() -> Vec<CallId> {
    let kept = kept(KEY).unwrap_or_default();
    kept.split(' ').filter_map(|id| id.parse().ok()).collect()
}

/// Makes a call one of them, or mine again.
pub(crate) fn toggle(call: CallId) -> Vec<CallId> {
    let mut calls = hushed();
    if calls.contains(&call) {
        calls.retain(|one| *one != call);
    } else {
        calls.push(call);
        let older = calls.len().saturating_sub(AT_MOST);
        calls.drain(..older);
    }
    let mut ids = String::new();
    for call in &calls {
        ids.push_str(&call.to_string());
        ids.push(' ');
    }
    keep(KEY, Some(&ids));
    calls
}

/// Follows what is said in other tabs.
#[hook]
pub(crate) fn use_hush(dispatch: UseReducerDispatcher<Store>) {
    use_effect_with((), move |()| {
        let told = window().map(|window| {
            EventListener::new(&window, "storage", move |_| {
                dispatch.dispatch(Action::Hushed(hushed()));
            })
        });
        move || drop(told)
    });
}
