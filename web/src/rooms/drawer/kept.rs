//! Notes that are not saved yet, kept in this browser for whoever wrote them, and saved when that is possible.

use std::cell::RefCell;

use futures::channel::oneshot;
use gloo_timers::callback::Timeout;
use switchboard_model::{Call, CallId, UserId, request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::call::{as_call, rows};
use super::notes::{Answer, Event, Notes, Standing, Stored, Words};
use crate::action::Outcome;
use crate::api::Api;
use crate::browser::{keep, kept, window};
use crate::rooms::host::Host;
use crate::texts::{self, drawer as words};

const PREFIX: &str = "switchboard.note.";
/// Between two attempts to save what was left.
const AGAIN_MS: u32 = 5_000;
/// So often it is tried in a row; later it waits until the board's link is back.
const ATTEMPTS: u32 = 60;

thread_local! {
    /// What is being saved without anybody looking.
    static BUSY: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Where the notes of that person on that call are kept.
pub(super) fn key(user: Option<UserId>, call: CallId) -> String {
    let user = user.map(|user| user.to_string()).unwrap_or_default();
    format!("{PREFIX}{user}.{call}")
}

/// The notes in a row.
pub(super) fn stored(call: &Call) -> Stored {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Stored {
        words: Words {
            note: text(&call.note),
            outcome: text(&call.disposition),
        },
        version: call.version,
    }
}

/// Saves the words if the row still has that version.
pub(super) async fn save(api: &Api, call: CallId, (wanted, version): (Words, i64)) -> Answer {
    let request = request::note(call, version, &wanted.note, &wanted.outcome);
    let Ok(reply) = api.send(&request).await else {
        return Answer::Unreachable;
    };
    match Outcome::read(&reply) {
        Outcome::Done(row) => match as_call(row) {
            Some(call) => Answer::Done(stored(&call)),
            None => Answer::Unreachable,
        },
        // A server that is down behind its gateway has not refused anything.
        Outcome::Refused(_) if reply.status >= 500 => Answer::Unreachable,
        Outcome::Refused(why) => Answer::Refused(why),
        Outcome::Lost => match rows(api, &request::call(call))
            .await
            .map(|mut rows| rows.pop())
        {
            None => Answer::Unreachable,
            Some(None) => Answer::Refused(words::refused_gone().to_owned()),
            Some(Some(row)) => {
                as_call(row).map_or(Answer::Unreachable, |call| Answer::Overtaken(stored(&call)))
            }
        },
    }
}

async fn pause() {
    let (done, waited) = oneshot::channel::<()>();
    let timer = Timeout::new(AGAIN_MS, move || {
        // Whoever waits is still there: the timer lives as long.
        let _ = done.send(());
    });
    let _ = waited.await;
    drop(timer);
}

/// Saves what is kept under `key`, though nobody looks at the call any more. Tells the reader if it cannot be saved, and
/// of a late success.
pub(super) fn save_left(api: Api, host: Host, call: CallId, key: String, was_left: bool) {
    let is_new = BUSY.with_borrow_mut(|busy| {
        let is_new = !busy.contains(&key);
        busy.extend(is_new.then(|| key.clone()));
        is_new
    });
    if is_new {
        spawn_local(async move {
            saving_left(&api, &host, call, &key, was_left).await;
            BUSY.with_borrow_mut(|busy| busy.retain(|other| *other != key));
        });
    }
}

async fn saving_left(api: &Api, host: &Host, call: CallId, key: &str, was_left: bool) {
    let mut is_late = was_left;
    for _ in 0..ATTEMPTS {
        let Some(text) = kept(key) else { return };
        let Some(notes) = Notes::kept(&text) else {
            return keep(key, None);
        };
        let Some(wanted) = notes.to_send() else {
            if notes.standing() == Standing::Clash {
                host.say(words::left_clash());
            }
            return;
        };
        let notes = notes.after(Event::Sent);
        keep(key, notes.to_keep().as_deref());
        let text = notes.to_keep();
        let notes = notes.after(Event::Answered(save(api, call, wanted).await));
        if kept(key) != text {
            // Somebody types again, and saves.
            return;
        }
        keep(key, notes.to_keep().as_deref());
        match notes.standing() {
            Standing::Clash => return host.say(words::left_clash()),
            Standing::Refused(why) => {
                return host.say(&words::left_refused(&texts::sentence(&why)));
            }
            Standing::Offline => {
                if !is_late {
                    host.say(words::left_offline());
                }
                is_late = true;
                pause().await;
            }
            Standing::Saved if is_late => return host.say(words::left_saved()),
            Standing::Untouched | Standing::Typing | Standing::Saving | Standing::Saved => {}
        }
    }
}

/// Saves what was left, also before the page was loaded anew, whenever the board is in step again; but not what is being
/// written to the call that `address` shows, which saves itself.
#[hook]
pub(in crate::rooms) fn use_left_notes(
    api: Option<&Api>,
    host: &Host,
    is_live: bool,
    address: &str,
) {
    let (host, shown) = (host.clone(), address.to_owned());
    let api = api.filter(|_| is_live).cloned();
    use_effect_with(api, move |api| {
        let Some((api, user)) = api.as_ref().zip(host.user()) else {
            return;
        };
        for (key, call) in left(user) {
            if !shown.contains(&call.to_string()) {
                save_left(api.clone(), host.clone(), call, key, true);
            }
        }
    });
}

fn left(user: UserId) -> Vec<(String, CallId)> {
    let storage = window().and_then(|window| window.local_storage().ok()?);
    let Some(storage) = storage else {
        return Vec::new();
    };
    let count = storage.length().unwrap_or_default();
    let keys = (0..count).filter_map(|at| storage.key(at).ok()?);
    let prefix = format!("{PREFIX}{user}.");
    keys.filter_map(|key| {
        let call = key.strip_prefix(&prefix)?.parse().ok()?;
        Some((key, call))
    })
    .collect()
}
