//! Choosing a day: the one before, the one after, any other, or today.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::office::{is_day, shifted};
use crate::texts;

/// What is chosen, and from what.
pub(crate) struct Days<'a> {
    /// The day that is shown.
    pub(crate) day: &'a str,
    /// The day that it is at the office.
    pub(crate) today: &'a str,
    /// The first day of which something is known; empty if that is not known.
    pub(crate) first: &'a str,
}

impl Days<'_> {
    /// The field with its buttons. `choose` is told a day that is not in the future.
    pub(crate) fn draw(&self, choose: &Callback<String>) -> Html {
        let to = |by: i64| {
            let day = shifted(self.day, by);
            let day = day.filter(|day| day.as_str() <= self.today);
            day.filter(|day| self.first.is_empty() || day.as_str() >= self.first)
        };
        let button = |by: i64, sign: &'static str, label: &'static str| {
            let day = to(by);
            let onclick = day
                .clone()
                .map(|day| choose.reform(move |_: MouseEvent| day.clone()));
            html! {
                <button class="day-step" type="button" aria-label={label} title={label} disabled={day.is_none()} {onclick}>
                    <span aria-hidden="true">{ sign }</span>
                </button>
            }
        };
        let onchange = {
            let (choose, today) = (choose.clone(), self.today.to_owned());
            move |event: Event| {
                let field = event
                    .target()
                    .and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
                let day = field.map(|field| field.value()).unwrap_or_default();
                // A field that was emptied says nothing, and one can be typed into what `max` forbids.
                if is_day(&day) {
                    choose.emit(day.min(today.clone()));
                }
            }
        };
        let is_today = self.day == self.today;
        let today = self.today.to_owned();
        html! {
            <div class="days" role="group" aria-label={texts::wallboard::day()}>
                { button(-1, "‹", texts::wallboard::day_before()) }
                <input
                    type="date"
                    aria-label={texts::wallboard::day()}
                    value={self.day.to_owned()}
                    min={(!self.first.is_empty()).then(|| self.first.to_owned())}
                    max={self.today.to_owned()}
                    {onchange}
                />
                { button(1, "›", texts::wallboard::day_after()) }
                <button
                    class="day-today"
                    type="button"
                    disabled={is_today}
                    onclick={choose.reform(move |_: MouseEvent| today.clone())}
                >
                    { texts::wallboard::today() }
                </button>
            </div>
        }
    }
}
