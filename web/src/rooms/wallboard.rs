//! The wallboard: how the day goes, for a big screen on the wall and for whoever asks on a phone.
//!
//! Every figure is the database's; nothing is counted here. `?day=2026-01-31` shows another day, `?big=1` the wallboard alone.

use yew::prelude::*;

mod agents;
mod big;
mod chart;
mod day;
mod figures;
mod refresh;
mod scale;

use super::day_chooser::Days;
use super::desk::{Desk, use_desk};
use super::office::{Style, day_of, is_day, is_elsewhere, written, written_day};
use crate::components::button::{Button, Size, Tone};
use crate::components::empty::{empty, ghosts};
use crate::components::icon::icon;
use crate::components::ticker::begin_by;
use crate::texts::{self, wallboard as words};
use day::Day;
use refresh::{Shown, use_day};

/// The room.
#[function_component]
pub(crate) fn Wallboard() -> Html {
    let desk = use_desk();
    begin_by(desk.clock.offset_ms());
    let asked = Some(desk.query("day"))
        .filter(|day| is_day(day))
        .unwrap_or_default();
    let is_big = desk.query("big") == "1";
    let sum = desk.board().checksum().checksum;
    let (shown, ask) = use_day(&desk.api, desk.clock, &asked, sum);
    let leave = {
        let (host, address) = (desk.host.clone(), desk.with("big", ""));
        use_callback(address, move |(), address: &String| host.go(address))
    };
    big::use_leaving(is_big, leave.clone());
    let content = match (&shown.day, shown.trouble) {
        (Some(day), _) => board(&desk, &shown, day),
        (None, Some(sentence)) => {
            let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again());
            let again = again.draw(ask.reform(|_| ()));
            html! { <div role="alert">{ empty("warning", words::failed(), sentence, again) }</div> }
        }
        (None, None) => html! {
            <>
                <p class="spoken" role="status">{ words::loading() }</p>
                <div class="figures figures-now">{ ghosts("call", 4) }</div>
                <div class="figures figures-day">{ ghosts("call", 8) }</div>
            </>
        },
    };
    html! {
        <main class="room wallboard" data-big={is_big.to_string()} data-stale={shown.trouble.is_some().to_string()}>
            <div class="wall-top">
                <h1>{ words::title() }</h1>
                if let Some(day) = &shown.day {
                    { top(&desk, day) }
                }
                { full_screen(&desk, is_big, &leave) }
            </div>
            { stale(&shown) }
            { content }
        </main>
    }
}

fn board(desk: &Desk, shown: &Shown, day: &Day) -> Html {
    let (figures, now_ms) = (&day.figures, desk.now_ms());
    let is_today = figures.day == day_of(now_ms, &figures.zone);
    html! {
        <>
            if day.is_forgotten {
                <p class="wall-note" role="note">{ icon("note") }{ words::forgotten() }</p>
            }
            if is_today {
                { figures::now(figures, shown.waiting_since_ms, desk.clock.offset_ms()) }
            }
            { figures::of_day(figures) }
            <div class="wall-more">
                { chart::chart(day, now_ms) }
                { agents::agents(desk, &day.agents, is_today) }
            </div>
            <p class="wall-foot">
                { words::as_of(&written(shown.as_of_ms, &figures.zone, Style::Time)) }
                if is_elsewhere(shown.as_of_ms, &figures.zone) {
                    { " " }
                    { words::office_time(&figures.zone) }
                }
            </p>
        </>
    }
}

fn top(desk: &Desk, day: &Day) -> Html {
    let today = day_of(desk.now_ms(), &day.figures.zone);
    let choose = {
        let (desk, today) = (desk.clone(), today.clone());
        Callback::from(move |day: String| {
            let day = if day == today { "" } else { day.as_str() };
            desk.host.go(&desk.with("day", day));
        })
    };
    let days = Days {
        day: &day.figures.day,
        today: &today,
        first: "",
    };
    html! {
        <>
            <p class="wall-day" data-testid="wall-day">{ written_day(&day.figures.day) }</p>
            { days.draw(&choose) }
        </>
    }
}

fn full_screen(desk: &Desk, is_big: bool, leave: &Callback<()>) -> Html {
    let onclick = if is_big {
        leave.reform(|_: MouseEvent| big::fill(false))
    } else {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| {
            big::fill(true);
            desk.host.go(&desk.with("big", "1"));
        })
    };
    let label = if is_big {
        words::leave_full_screen()
    } else {
        words::full_screen()
    };
    html! {
        <button class="wall-full" type="button" {onclick}>{ label }</button>
    }
}

/// Says since when nothing new came. Without it, old figures would look like new ones.
fn stale(shown: &Shown) -> Html {
    let Some((sentence, day)) = shown.trouble.zip(shown.day.as_ref()) else {
        return Html::default();
    };
    let since = written(shown.as_of_ms, &day.figures.zone, Style::Time);
    html! {
        <p class="wall-note" data-mood="stale" role="alert">
            { icon("unlinked") }
            <strong>{ words::stale(&since) }</strong>
            { " " }
            { sentence }
        </p>
    }
}
