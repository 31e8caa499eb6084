//! The hooks of a replay: what is loaded when, and how it goes on by itself.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::load::{self, Day, Office, Trouble};
use super::playback::{Playback, Told, after_silence};
use super::reel::{Reel, Stretch};
use crate::api::Api;
use crate::browser::{now_ms, window};
use crate::format::elapsed;
use crate::rooms::desk::Desk;
use crate::view::LONG_WAIT_MS;

/// So often what goes on is drawn anew.
const FRAME_MS: u32 = 100;
/// A moment that is not left for so long is put into the address. Browsers refuse it more often.
const STOOD_MS: u32 = 400;
/// A piece is loaded ahead unless so little of it is there yet.
const AHEAD_MS: i64 = 60_000;

/// The pieces at hand, shared with what is on its way. `version` rises with each that came.
#[derive(Clone)]
pub(super) struct Tape {
    pub(super) reel: Rc<RefCell<Reel>>,
    /// Why the stretch that begins there could not be loaded.
    trouble: Option<(i64, Trouble)>,
    /// What is still missing for the moment.
    missing: Option<Stretch>,
}

impl Tape {
    /// The next change after the moment, or the last one before it, if it is at hand.
    pub(super) fn near(&self, moment_ms: i64, is_later: bool) -> Option<i64> {
        let mut reel = self.reel.borrow_mut();
        let lines = &reel.piece(moment_ms)?.lines;
        let line = match is_later {
            true => lines.iter().find(|line| line.at_ms > moment_ms),
            false => lines.iter().rev().find(|line| line.at_ms < moment_ms),
        };
        line.map(|line| line.at_ms)
    }

    /// Why there is no board for the moment, if that is known.
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        let (from_ms, trouble) = self.trouble.as_ref()?;
        let is_of_it = self
            .missing
            .is_some_and(|missing| missing.from_ms == *from_ms);
        is_of_it.then_some(trouble)
    }
}

/// Loads what the moment needs, one piece at a time, and the next one ahead while it plays. `shown` is the moment, and
/// where the settled log ends.
#[hook]
pub(super) fn use_tape(api: &Api, shown: (i64, i64), is_playing: bool, attempt: u32) -> Tape {
    let (moment_ms, edge_ms) = shown;
    let reel = use_mut_ref(Reel::default);
    let is_loading = use_mut_ref(|| false);
    // Which stretch could not be loaded, and at which attempt: it is not asked for by itself again.
    let failed = use_mut_ref(|| None::<(i64, u32)>);
    let version = use_state_eq(|| 0_u32);
    let trouble = use_state_eq(|| None::<(i64, Trouble)>);
    let missing = reel.borrow().missing(moment_ms, edge_ms);
    let wanted = missing.or_else(|| {
        let until_ms = reel.borrow_mut().piece(moment_ms)?.stretch.until_ms;
        let is_wanted = is_playing && until_ms + AHEAD_MS < edge_ms;
        let reel = reel.borrow();
        is_wanted
            .then(|| reel.missing(until_ms + 1, edge_ms))
            .flatten()
    });
    {
        let (api, reel, trouble) = (api.clone(), reel.clone(), trouble.setter());
        let next = version.setter();
        // The end of what is loaded grows with the clock and is no other piece.
        let from_ms = wanted.map(|wanted| wanted.from_ms);
        use_effect_with(
            (from_ms, *version, attempt),
            move |(from_ms, version, attempt)| {
                let (version, asked) = (*version, from_ms.map(|from_ms| (from_ms, *attempt)));
                if *is_loading.borrow() || asked.is_some() && *failed.borrow() == asked {
                    return;
                }
                // Whoever comes back to it asks again.
                *failed.borrow_mut() = None;
                let Some(wanted) = wanted else { return };
                *is_loading.borrow_mut() = true;
                spawn_local(async move {
                    let loaded = load::piece(&api, wanted).await;
                    *is_loading.borrow_mut() = false;
                    match loaded {
                        Ok(piece) => {
                            reel.borrow_mut().add(piece);
                            trouble.set(None);
                        }
                        Err(why) => {
                            *failed.borrow_mut() = asked;
                            trouble.set(Some((wanted.from_ms, why)));
                        }
                    }
                    // Another one may have been wanted meanwhile.
                    next.set(version.wrapping_add(1));
                });
            },
        );
    }
    Tape {
        reel,
        trouble: (*trouble).clone(),
        missing,
    }
}

/// The office, once it is known.
#[hook]
pub(super) fn use_office(api: &Api, attempt: u32) -> Option<Result<Office, Trouble>> {
    let office = use_state_eq(|| None);
    let (set, api) = (office.setter(), api.clone());
    use_effect_with(attempt, move |_| {
        spawn_local(async move { set.set(Some(load::office(&api).await)) });
    });
    (*office).clone()
}

/// The day of that name, once it is known; read again with `age`.
#[hook]
pub(super) fn use_day(api: &Api, day: &str, age: i64) -> Option<Day> {
    let known = use_state_eq(|| None::<(String, Day)>);
    let (set, api) = (known.setter(), api.clone());
    use_effect_with((day.to_owned(), age), move |(day, _)| {
        let day = day.clone();
        if !day.is_empty() {
            spawn_local(async move {
                // Without it there is no line, and the board is there all the same.
                if let Ok(loaded) = load::day(&api, &day).await {
                    set.set(Some((day, loaded)));
                }
            });
        }
    });
    let (name, known) = known.as_ref()?;
    (name == day).then(|| known.clone())
}

/// Draws again and again while it plays, leaves silence out, and stands still where the present begins;
/// `shown` is the moment, and where that is.
#[hook]
pub(super) fn use_playing(
    desk: &Desk,
    playback: &UseReducerHandle<Playback>,
    tape: &Tape,
    shown: (i64, i64),
) {
    let (moment_ms, edge_ms) = shown;
    let frame = use_state_eq(|| 0_u32);
    let is_seeking = use_mut_ref(|| false);
    let is_playing = playback.is_playing;
    {
        let frame = frame.setter();
        use_effect_with(is_playing, move |is_playing| {
            let mut number = 0_u32;
            let timer = is_playing.then(|| {
                Interval::new(FRAME_MS, move || {
                    number = number.wrapping_add(1);
                    frame.set(number);
                })
            });
            move || drop(timer)
        });
    }
    let (api, host, tape, dispatch, skips) = (
        desk.api.clone(),
        desk.host.clone(),
        tape.clone(),
        playback.dispatcher(),
        playback.skips,
    );
    use_effect_with((*frame, is_playing), move |_| {
        if !is_playing || *is_seeking.borrow() {
            return;
        }
        let stand = Told::Playing {
            is_playing: false,
            local_ms: now_ms(),
            edge_ms,
        };
        if moment_ms >= edge_ms {
            dispatch.dispatch(stand);
            return;
        }
        if !skips {
            return;
        }
        let mut reel = tape.reel.borrow_mut();
        let Some(piece) = reel.piece(moment_ms) else {
            return;
        };
        let later = piece.lines.partition_point(|line| line.at_ms <= moment_ms);
        if let Some(line) = piece.lines.get(later) {
            if let Some(to_ms) = after_silence(moment_ms, Some(line.at_ms)) {
                dispatch.dispatch(Told::Moved {
                    to_ms,
                    local_ms: now_ms(),
                });
            }
            return;
        }
        *is_seeking.borrow_mut() = true;
        spawn_local(async move {
            let next = load::neighbour(&api, moment_ms, true).await;
            *is_seeking.borrow_mut() = false;
            let to_ms = match next {
                Ok(Some(next)) if next <= edge_ms => after_silence(moment_ms, Some(next)),
                Ok(_) => Some(edge_ms),
                Err(why) => {
                    dispatch.dispatch(stand);
                    host.say(why.sentence());
                    None
                }
            };
            if let Some(to_ms) = to_ms {
                dispatch.dispatch(Told::Moved {
                    to_ms,
                    local_ms: now_ms(),
                });
            }
        });
    });
}

/// Puts the moment into the address once it stands; `address` is the one with it.
#[hook]
pub(super) fn use_linked(address: Option<String>) {
    use_effect_with(address, |address| {
        let timer = address.clone().map(|address| {
            Timeout::new(STOOD_MS, move || {
                let Some(window) = window() else { return };
                let Ok(history) = window.history() else {
                    return;
                };
                // Without it the page is the same, only the address is an older one.
                let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
                // The board's program owns the address and hears of it as of any other.
                if let Ok(event) = web_sys::Event::new("popstate") {
                    let _ = window.dispatch_event(&event);
                }
            })
        });
        move || drop(timer)
    });
}

/// Has the running times of the replayed board say what they said at the moment. Cards are drawn when their call changes; their
/// times go on meanwhile, as on the live board, and the text is changed within its node.
pub(super) fn read_on(moment_ms: i64) {
    let found = window()
        .and_then(|window| window.document())
        .and_then(|document| {
            let find = Reflect::get(&document, &"querySelectorAll".into()).ok()?;
            let find: Function = find.dyn_into().ok()?;
            find.call1(&document, &"[data-past] time[data-since]".into())
                .ok()
        });
    for time in found.iter().flat_map(|found| Array::from(found).to_vec()) {
        let Ok(time) = time.dyn_into::<web_sys::Element>() else {
            continue;
        };
        let number = |name: &str| time.get_attribute(name)?.parse::<i64>().ok();
        let Some(since_ms) = number("data-since") else {
            continue;
        };
        let ran_ms = moment_ms - moment_ms.rem_euclid(1000) - since_ms + since_ms.rem_euclid(1000);
        if let Some(text) = time.first_child() {
            text.set_node_value(Some(&elapsed(ran_ms)));
        }
        if number("data-late").is_some()
            && let Some(parent) = time.parent_element()
        {
            let is_long = ran_ms >= LONG_WAIT_MS;
            // Any element takes any attribute.
            let _ = parent.set_attribute("data-long", &is_long.to_string());
        }
    }
}
