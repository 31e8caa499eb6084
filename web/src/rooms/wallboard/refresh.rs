//! When the figures are asked for again: soon after the board changed, at least each quarter of a minute while
//! somebody looks, and at once when somebody looks again.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::day::{Day, load};
use super::scale::waiting_since;
use crate::api::Api;
use crate::browser::window;
use crate::clock::ServerClock;

/// Changes so close to each other are one.
const TOGETHER_MS: u32 = 400;
/// No figure is older than that for long; at midnight another day begins.
const AT_LEAST_MS: u32 = 15_000;

/// What is known of a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// The day that was asked for; empty for today.
    asked: String,
    number: u32,
    /// Its figures, once they came.
    pub(super) day: Option<Rc<Day>>,
    /// The server's time at which they came.
    pub(super) as_of_ms: i64,
    /// When the one has been waiting since who waits longest.
    pub(super) waiting_since_ms: Option<i64>,
    /// Why there is nothing newer.
    pub(super) trouble: Option<&'static str>,
}

/// An answer to the question of that number.
pub(super) struct Answer {
    asked: String,
    number: u32,
    at_ms: i64,
    day: Result<Day, &'static str>,
}

impl Reducible for Shown {
    type Action = Answer;

    fn reduce(self: Rc<Self>, answer: Answer) -> Rc<Self> {
        if answer.number < self.number {
            return self;
        }
        let mut next = Rc::unwrap_or_clone(self);
        if next.asked != answer.asked {
            next = Self {
                asked: answer.asked,
                ..Self::default()
            };
        }
        next.number = answer.number;
        match answer.day {
            Ok(day) => {
                let wait_s = day.figures.longest_wait_s;
                next.waiting_since_ms = waiting_since(next.waiting_since_ms, wait_s, answer.at_ms);
                next.as_of_ms = answer.at_ms;
                next.trouble = None;
                next.day = Some(Rc::new(day));
            }
            Err(sentence) => next.trouble = Some(sentence),
        }
        Rc::new(next)
    }
}

/// The figures of a day, kept fresh, and how to ask at once. `sum` is the board's: it changes with the board.
#[hook]
pub(super) fn use_day(api: &Api, clock: ServerClock, day: &str, sum: i64) -> (Shown, Callback<()>) {
    let shown = use_reducer_eq(Shown::default);
    let round = use_reducer_eq(Rounds::default);
    let waits = use_mut_ref(|| None::<Timeout>);
    let ask = {
        let round = round.dispatcher();
        use_callback((), move |(), ()| round.dispatch(()))
    };
    {
        let ask = ask.clone();
        use_effect_with(sum, move |_| {
            let mut timer = waits.borrow_mut();
            if timer.is_none() {
                let waits = waits.clone();
                *timer = Some(Timeout::new(TOGETHER_MS, move || {
                    waits.take();
                    ask.emit(());
                }));
            }
        });
    }
    {
        let ask = ask.clone();
        use_effect_with((), move |()| {
            let document = window().and_then(|window| window.document());
            let is_seen = {
                let document = document.clone();
                move || document.as_ref().is_some_and(|document| !document.hidden())
            };
            let again = {
                let (ask, is_seen) = (ask.clone(), is_seen.clone());
                Interval::new(AT_LEAST_MS, move || {
                    if is_seen() {
                        ask.emit(());
                    }
                })
            };
            let seen = document.map(|document| {
                EventListener::new(&document, "visibilitychange", move |_| {
                    if is_seen() {
                        ask.emit(());
                    }
                })
            });
            move || drop((again, seen))
        });
    }
    {
        let (api, asked) = (api.clone(), day.to_owned());
        let known = shown.day.clone().filter(|_| shown.asked == asked);
        let dispatch = shown.dispatcher();
        let number = use_mut_ref(|| 0_u32);
        use_effect_with((asked, round.0), move |(asked, _)| {
            *number.borrow_mut() += 1;
            let (asked, number) = (asked.clone(), *number.borrow());
            spawn_local(async move {
                let day = load(&api, &asked, known).await;
                let at_ms = clock.at(crate::browser::now_ms());
                dispatch.dispatch(Answer {
                    asked,
                    number,
                    at_ms,
                    day,
                });
            });
        });
    }
    let current = match shown.asked == day {
        true => (*shown).clone(),
        false => Shown::default(),
    };
    (current, ask)
}

/// How often was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rounds(u32);

impl Reducible for Rounds {
    type Action = ();

    fn reduce(self: Rc<Self>, (): ()) -> Rc<Self> {
        Rc::new(Self(self.0.wrapping_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(asked: &str, number: u32) -> Answer {
        Answer {
            asked: asked.to_owned(),
            number,
            at_ms: 0,
            day: Err("no"),
        }
    }

    #[test]
    fn an_answer_that_was_overtaken_changes_nothing() {
        let shown = Rc::new(Shown {
            number: 7,
            ..Shown::default()
        });
        assert_eq!(shown.clone().reduce(failed("", 6)), shown);
        assert_eq!(shown.reduce(failed("", 7)).trouble, Some("no"));
    }

    #[test]
    fn what_was_known_of_one_day_is_not_said_of_another() {
        let shown = Shown {
            as_of_ms: 5,
            waiting_since_ms: Some(3),
            ..Shown::default()
        };
        let next = Rc::new(shown).reduce(failed("2026-01-05", 1));
        assert_eq!((next.as_of_ms, next.waiting_since_ms), (0, None));
        assert_eq!(next.asked, "2026-01-05");
    }
}
