//! The calls of the list, day by day; the end of the list asks for more.

use js_sys::Array;
use switchboard_model::Direction;
use switchboard_model::request::history::Sort;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use yew::prelude::*;

use super::listed::Listed;
use super::pages::Stage;
use super::wanted::Wanted;
use super::{when, words};
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::icon::icon;
use crate::format::elapsed;
use crate::rooms::desk::Desk;
use crate::texts;
use crate::texts::history as its;

/// The rows; sorted by time they stand below their days.
pub(super) fn rows(desk: &Desk, wanted: &Wanted, rows: &[Listed]) -> Html {
    if wanted.sort != Sort::Newest {
        return html! { <ul class="past-calls">{ for rows.iter().map(|call| row(desk, call, true)) }</ul> };
    }
    let mut days: Vec<(String, Vec<&Listed>)> = Vec::new();
    for call in rows {
        let day = when::day(call.began_ms);
        match days.last_mut() {
            Some((last, calls)) if *last == day => calls.push(call),
            _ => days.push((day, vec![call])),
        }
    }
    let (today, yesterday) = (
        when::day(desk.now_ms()),
        when::day(desk.now_ms() - 86_400_000),
    );
    let day = |(day, calls): &(String, Vec<&Listed>)| {
        let name = match day {
            day if *day == today => its::today_is(day),
            day if *day == yesterday => its::yesterday_was(day),
            day => day.clone(),
        };
        html! {
            <section class="past-day" key={day.clone()}>
                <h2>{ name }</h2>
                <ul class="past-calls">{ for calls.iter().map(|call| row(desk, call, false)) }</ul>
            </section>
        }
    };
    html! { <>{ for days.iter().map(day) }</> }
}

/// One call; a press opens its details.
fn row(desk: &Desk, call: &Listed, with_day: bool) -> Html {
    let call = &call.as_on(desk.board());
    let (title, line) = words::customer(call);
    let address = desk.with("call", &call.id.to_string());
    let onclick = {
        let (host, address) = (desk.host.clone(), address.clone());
        move |event: MouseEvent| {
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                host.go(&address);
            }
        }
    };
    let is_shown = desk.query("call") == call.id.to_string();
    let began = if with_day {
        when::day_and_time(call.began_ms)
    } else {
        when::time(call.began_ms)
    };
    let tone = match (call.is_missed, call.called_back_ms) {
        (true, None) => "missed",
        (true, Some(_)) => "settled",
        (false, _) => "plain",
    };
    html! {
        <li class="past" key={call.id.to_string()} data-tone={tone} aria-current={is_shown.then_some("true")} data-testid={format!("past-{}", call.id)}>
            <span class="past-way">{ way(call) }</span>
            <div class="past-who">
                <a class="past-open" href={address} {onclick}>{ title }</a>
                <span class="past-line">{ line }</span>
            </div>
            <div class="past-what">
                <span class="past-ending">{ words::ending(call) }</span>
                { called_back(call) }
                { snippet(call) }
            </div>
            <p class="past-times">
                if let Some(waited) = call.waited_s.filter(|_| call.direction == Direction::Inbound) {
                    <span>{ its::waited(&elapsed(waited * 1000)) }</span>
                }
                if let Some(talked) = call.talked_s.filter(|talked| *talked > 0) {
                    <span>{ its::talked(&elapsed(talked * 1000)) }</span>
                }
            </p>
            <time class="past-when" datetime={when::iso(call.began_ms)} title={when::day_and_time(call.began_ms)}>{ began }</time>
            <div class="past-acts">{ call_again(desk, call) }</div>
        </li>
    }
}

/// An arrow in for a customer who called, out for one who was called.
fn way(call: &Listed) -> Html {
    let (path, word) = match call.direction {
        Direction::Inbound => ("M17 7 7 17M7 9v8h8", its::inbound()),
        Direction::Outbound => ("M7 17 17 7M9 7h8v8", its::outbound()),
    };
    html! {
        <>
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={path} /></svg>
            <span class="spoken">{ word }</span>
        </>
    }
}

fn called_back(call: &Listed) -> Html {
    if !call.is_missed {
        return Html::default();
    }
    let Some(at) = call.called_back_ms else {
        return html! { <span class="past-back">{ its::not_called_back() }</span> };
    };
    let name = call
        .called_back_by
        .as_deref()
        .unwrap_or_else(|| texts::a_colleague());
    let is_same_day = when::day(at) == when::day(call.began_ms);
    let at = if is_same_day {
        when::time(at)
    } else {
        when::day_and_time(at)
    };
    html! { <span class="past-back">{ icon("check") }{ its::called_back(name, &at) }</span> }
}

fn snippet(call: &Listed) -> Html {
    let note = call.note.split_whitespace().collect::<Vec<_>>().join(" ");
    html! {
        <>
            if call.has_recording {
                <span class="tag">{ icon("note") }{ its::message() }</span>
            }
            if !call.disposition.is_empty() {
                <span class="tag">{ call.disposition.clone() }</span>
            }
            if !note.is_empty() {
                <span class="past-note">{ note }</span>
            }
        </>
    }
}

fn call_again(desk: &Desk, call: &Listed) -> Html {
    let Some(number) = words::dialled(call).filter(|_| desk.has_audio) else {
        return Html::default();
    };
    let (label, tone) = match (call.is_missed, call.called_back_ms) {
        (true, None) => (its::call_back(), Tone::Tonal),
        _ => (its::call_again(), Tone::Quiet),
    };
    let (host, number) = (desk.host.clone(), number.to_owned());
    let dial = Callback::from(move |_| host.dial(&number));
    Button::new(tone, Size::Small, label)
        .icon("phone")
        .draw(dial)
}

/// What stands at the end of a list that goes on.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct MoreProps {
    pub(super) stage: Stage,
    /// How many rows there are: with more of them the end may still be in sight.
    pub(super) shown: usize,
    pub(super) on_more: Callback<()>,
}

/// A button that presses itself when it comes into sight.
#[function_component]
pub(super) fn More(props: &MoreProps) -> Html {
    let end = use_node_ref();
    let on_more = use_mut_ref(|| props.on_more.clone());
    on_more.replace(props.on_more.clone());
    {
        let end = end.clone();
        use_effect_with(
            (props.shown, props.stage == Stage::Ready),
            move |(_, is_ready)| {
                let seen = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
                    let is_seen = |entry| {
                        IntersectionObserverEntry::is_intersecting(&JsCast::unchecked_into(entry))
                    };
                    if entries.iter().any(is_seen) {
                        let on_more = on_more.borrow().clone();
                        on_more.emit(());
                    }
                });
                let observer = IntersectionObserver::new(seen.as_ref().unchecked_ref()).ok();
                if let (Some(observer), Some(end), true) =
                    (&observer, end.cast::<Element>(), is_ready)
                {
                    observer.observe(&end);
                }
                move || {
                    if let Some(observer) = observer {
                        observer.disconnect();
                    }
                    drop(seen);
                }
            },
        );
    }
    let mode = if props.stage == Stage::LoadingMore {
        Mode::Busy
    } else {
        Mode::Ready
    };
    let label = if props.stage == Stage::MoreFailed {
        its::more_failed()
    } else {
        its::more()
    };
    html! {
        <div class="history-more" ref={end}>
            { Button::new(Tone::Quiet, Size::Medium, label).mode(mode).draw(props.on_more.reform(|_| ())) }
        </div>
    }
}
