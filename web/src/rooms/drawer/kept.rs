//! Notes that are not saved yet, kept in this browser for whoever wrote them, and saved when that is possible.

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
use crate::rooms::desk::Desk;
use crate::rooms::host::Host;
use crate::texts::{self, drawer as words};

const PREFIX: &str = "switchboard.note.";
/// Between two attempts to save what was left.
const AGAIN_MS: u32 = 5_000;
/// So often it is tried; later it is kept until the details of a call are opened again.
const ATTEMPTS: u32 = 60;

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

/// Saves what is kept under `key`, though nobody looks at the call any more; tells the reader if it cannot be.
pub(super) fn save_left(api: Api, host: Host, call: CallId, key: String) {
    spawn_local(async move {
        for _ in 0..ATTEMPTS {
            let Some(text) = kept(&key) else { return };
            let Some(notes) = Notes::kept(&text) else {
                return keep(&key, None);
            };
            let Some(wanted) = notes.to_send() else {
                return;
            };
            let notes = notes.after(Event::Sent);
            keep(&key, notes.to_keep().as_deref());
            let text = notes.to_keep();
            let notes = notes.after(Event::Answered(save(&api, call, wanted).await));
            if kept(&key) != text {
                // Somebody types again, and saves.
                return;
            }
            keep(&key, notes.to_keep().as_deref());
            match notes.standing() {
                Standing::Clash => return host.say(words::left_clash()),
                Standing::Refused(why) => {
                    return host.say(&words::left_refused(&texts::sentence(&why)));
                }
                Standing::Offline => pause().await,
                Standing::Untouched | Standing::Typing | Standing::Saving | Standing::Saved => {}
            }
        }
    });
}

/// Saves what was left on other calls than the one that is shown, once.
#[hook]
pub(super) fn use_left_notes(desk: &Desk, shown: &str) {
    let desk = desk.clone();
    let shown = shown.to_owned();
    let is_known = desk.me().is_some();
    use_effect_with(is_known, move |is_known| {
        let me = desk.me().filter(|_| *is_known);
        for (key, call) in me.map(|me| left(me.user_id)).unwrap_or_default() {
            if call.to_string() != shown {
                save_left(desk.api.clone(), desk.host.clone(), call, key);
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
