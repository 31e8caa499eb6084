//! The replay: the board at any moment of the log, by the same reducer and drawn by the same components.
//!
//! `?at=2026-01-31T14:03:22Z` is the moment. Nothing of it can be acted on.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

mod controls;
mod events;
mod line;
mod load;
mod playback;
mod reel;
mod slider;
mod tape;

use super::day_chooser::Days;
use super::desk::{Desk, use_desk};
use super::office::{Style, day_of, is_elsewhere, linked, written};
use crate::browser::{now_ms, parsed};
use crate::components::button::{Button, Size, Tone};
use crate::components::empty::{empty, ghosts};
use crate::components::find::Finding;
use crate::components::icon::icon;
use crate::components::ticker::begin_by;
use crate::location::BOARD;
use crate::pages::board::sections;
use crate::store::{Phase, Store};
use crate::texts::{self, replay as words};
use crate::view::BoardView;
use load::{Office, Trouble};
use playback::{Playback, Told};
use slider::Jump;
use tape::{Tape, use_day, use_linked, use_office, use_playing, use_tape};

/// What was made so shortly ago may not be committed: the log is settled until then.
const SETTLED_MS: i64 = 2_000;
const MINUTE_MS: i64 = 60_000;

/// The room.
#[function_component]
pub(crate) fn Replay() -> Html {
    let desk = use_desk();
    let edge_ms = desk.now_ms() - SETTLED_MS;
    let asked = parsed(&desk.query("at"));
    let playback = use_reducer_eq(|| Playback::at(asked.unwrap_or(edge_ms)));
    let moment_ms = playback.moment_ms(now_ms(), edge_ms);
    begin_by(moment_ms - now_ms());
    use_effect(move || tape::read_on(moment_ms));
    let has_moved = use_state_eq(|| asked.is_some());
    {
        // Somebody followed a link, or went back.
        let (playback, edge_ms) = (playback.clone(), edge_ms);
        use_effect_with(asked, move |asked| {
            let to_ms = asked.unwrap_or(edge_ms);
            if asked.is_some() && playback.moment_ms(now_ms(), edge_ms) != to_ms {
                playback.dispatch(Told::Moved {
                    to_ms,
                    local_ms: now_ms(),
                });
            }
        });
    }
    let attempt = use_state_eq(|| 0_u32);
    let hours = use_state_eq(|| slider::SPANS[0]);
    let zoom = {
        let hours = hours.setter();
        Callback::from(move |chosen| hours.set(chosen))
    };
    let tape = use_tape(
        &desk.api,
        (moment_ms, edge_ms),
        playback.is_playing,
        *attempt,
    );
    let office = use_office(&desk.api, *attempt);
    let zone = match &office {
        Some(Ok(office)) => office.zone.clone(),
        _ => String::new(),
    };
    let name = if zone.is_empty() {
        String::new()
    } else {
        day_of(moment_ms, &zone)
    };
    let today = day_of(edge_ms, &zone);
    let day = use_day(
        &desk.api,
        &name,
        if name == today {
            edge_ms / MINUTE_MS
        } else {
            0
        },
    );
    use_playing(&desk, &playback, &tape, (moment_ms, edge_ms));
    let stands = *has_moved && !playback.is_playing && asked != Some(moment_ms);
    use_linked(stands.then(|| desk.with("at", &linked(moment_ms))));
    let go = jumps(&desk, &playback, &tape, moment_ms, has_moved.setter());
    let again = { Callback::from(move |()| attempt.set(*attempt + 1)) };
    let office = match office {
        Some(Ok(office)) => office,
        Some(Err(trouble)) => {
            return html! { <main class="room replay">{ failed(&trouble, "", &go, &again) }</main> };
        }
        None => {
            return html! {
                <main class="room replay">
                    <p class="spoken" role="status">{ words::loading() }</p>
                    { ghosts("call", 3) }
                </main>
            };
        }
    };
    let moment = written(moment_ms, &zone, Style::DayAndTime);
    html! {
        <main class="room replay" data-playing={playback.is_playing.to_string()}>
            { banner(&desk, &moment, moment_ms >= edge_ms - SETTLED_MS, edge_ms, &go) }
            <div class="replay-deck">
                <div class="replay-row">
                    { days(&office, (&name, &today), moment_ms, &go) }
                    { controls::controls(&playback, edge_ms, &go) }
                </div>
                if let Some(day) = &day {
                    { slider::slider(day, &zone, (moment_ms, edge_ms), &go, (*hours, &zoom)) }
                } else {
                    <div class="line" aria-hidden="true" />
                }
                if is_elsewhere(moment_ms, &zone) {
                    <p class="replay-quiet">{ words::office_time(&zone) }</p>
                }
            </div>
            { notes(&office, moment_ms) }
            <div class="replay-then">
                { then(&desk, &tape, moment_ms, &zone, (&go, &again)) }
                { happened(&tape, moment_ms, &zone, &go) }
            </div>
            <p class="replay-quiet">{ words::team_note() }</p>
        </main>
    }
}

/// Goes where a jump leads.
fn jumps(
    desk: &Desk,
    playback: &UseReducerHandle<Playback>,
    tape: &Tape,
    moment_ms: i64,
    has_moved: UseStateSetter<bool>,
) -> Callback<Jump> {
    let (clock, tape) = (desk.clock, tape.clone());
    let (api, host) = (desk.api.clone(), desk.host.clone());
    let dispatch = playback.dispatcher();
    Callback::from(move |jump: Jump| {
        has_moved.set(true);
        let dispatch = dispatch.clone();
        let to = move |ms: i64| {
            let to_ms = ms.min(clock.at(now_ms()) - SETTLED_MS);
            dispatch.dispatch(Told::Moved {
                to_ms,
                local_ms: now_ms(),
            });
        };
        match jump {
            Jump::To(ms) => to(ms),
            Jump::By(ms) => to(moment_ms + ms),
            Jump::Change { is_later } => {
                let near = tape.near(moment_ms, is_later);
                if let Some(near_ms) = near {
                    to(near_ms);
                    return;
                }
                let (api, host) = (api.clone(), host.clone());
                spawn_local(async move {
                    match load::neighbour(&api, moment_ms, is_later).await {
                        Ok(Some(far_ms)) => to(far_ms),
                        Ok(None) => {}
                        Err(why) => host.say(why.sentence()),
                    }
                });
            }
        }
    })
}

/// Says that this is not now, and leads back.
fn banner(desk: &Desk, moment: &str, is_edge: bool, edge_ms: i64, go: &Callback<Jump>) -> Html {
    let to_board = {
        let host = desk.host.clone();
        Callback::from(move |_| host.go(BOARD))
    };
    html! {
        <div class="replay-past" role="note">
            { icon("resume") }
            <h1 class="spoken">{ words::title() }</h1>
            <p class="replay-past-words">
                <strong data-testid="past">
                    { if is_edge { words::just_now(moment) } else { words::past(moment) } }
                </strong>
                <span>{ if is_edge { words::edge() } else { words::past_rest() } }</span>
            </p>
            if !is_edge {
                { Button::new(Tone::Quiet, Size::Medium, words::to_now())
                    .draw(go.reform(move |_| Jump::To(edge_ms))) }
            }
            { Button::new(Tone::Tonal, Size::Medium, words::to_board()).draw(to_board) }
        </div>
    }
}

fn days(office: &Office, (name, today): (&str, &str), moment_ms: i64, go: &Callback<Jump>) -> Html {
    let noon = |day: &str| parsed(&[day, "T12:00:00Z"].concat());
    let shown = noon(name);
    let choose = go.reform(move |day: String| {
        // The same time of another day.
        let by = noon(&day).zip(shown).map_or(0, |(day, shown)| day - shown);
        Jump::To(moment_ms + by)
    });
    let first = office.begins_ms.map(|begins| day_of(begins, &office.zone));
    let first = first.unwrap_or_else(|| today.to_owned());
    Days {
        day: name,
        today,
        first: &first,
    }
    .draw(&choose)
}

fn notes(office: &Office, moment_ms: i64) -> Html {
    let words = match office.begins_ms {
        None => words::no_log().to_owned(),
        Some(begins) if moment_ms < begins => {
            words::before_log(&written(begins, &office.zone, Style::DayAndTime))
        }
        Some(_) => return Html::default(),
    };
    html! { <p class="replay-past-note" role="status">{ icon("note") }{ words }</p> }
}

/// The board as it was then.
fn then(
    desk: &Desk,
    tape: &Tape,
    moment_ms: i64,
    zone: &str,
    (go, again): (&Callback<Jump>, &Callback<()>),
) -> Html {
    if let Some(trouble) = tape.trouble() {
        return html! { <div class="replay-board-failed">{ failed(trouble, zone, go, again) }</div> };
    }
    let board = tape.reel.borrow_mut().board(moment_ms);
    let (Some(board), Some(me)) = (board, desk.me()) else {
        return html! {
            <div class="replay-board board" aria-busy="true">
                <p class="spoken" role="status">{ words::loading() }</p>
                { ghosts("call", 3) }
            </div>
        };
    };
    let mut store = Store::new(me.user_id);
    store.board = board;
    store.phase = Phase::Ready;
    store.has_audio = desk.has_audio;
    // A store without a link offers no action. Whoever looks is today's member, also at a time before they came.
    let view = BoardView::of(&store, me);
    html! {
        <section class="replay-board board" aria-label={words::then()} data-past="true">
            { sections(&store, &view, None, &Callback::noop(), &Finding::default()) }
        </section>
    }
}

fn happened(tape: &Tape, moment_ms: i64, zone: &str, go: &Callback<Jump>) -> Html {
    let mut reel = tape.reel.borrow_mut();
    let lines = reel.piece(moment_ms).map(|piece| &piece.lines[..]);
    events::events(lines.unwrap_or_default(), zone, moment_ms, go)
}

fn failed(trouble: &Trouble, zone: &str, go: &Callback<Jump>, again: &Callback<()>) -> Html {
    match trouble {
        Trouble::Failed(sentence) => {
            let button = Button::new(Tone::Tonal, Size::Medium, texts::try_again());
            let button = button.draw(again.reform(|_| ()));
            html! { <div role="alert">{ empty("warning", words::failed(), sentence, button) }</div> }
        }
        Trouble::Forgotten(since_ms) => {
            let since = since_ms.map(|since| written(since, zone, Style::DayAndTime));
            let rest = since
                .map(|since| words::forgotten_rest(&since))
                .unwrap_or_default();
            let to_ms = *since_ms;
            let button = to_ms.map(|to_ms| {
                Button::new(Tone::Tonal, Size::Medium, words::to_first())
                    .draw(go.reform(move |_| Jump::To(to_ms)))
            });
            empty(
                "note",
                words::forgotten(),
                &rest,
                button.unwrap_or_default(),
            )
        }
    }
}
