//! One figure each in a box, with a sentence that says what it means.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::day::Figures;
use crate::browser::now_ms;
use crate::components::icon::icon;
use crate::components::ticker::running;
use crate::format::elapsed;
use crate::rooms::office::percent;
use crate::texts::{self, wallboard as words};

/// A figure before it is drawn.
struct Figure {
    /// What it is called in the page.
    name: &'static str,
    label: &'static str,
    why: &'static str,
    value: Html,
    /// What stands below it.
    rest: Html,
    /// `good`, `bad`, or nothing.
    mood: &'static str,
}

impl Figure {
    fn draw(self) -> Html {
        let id = format!("why-{}", self.name);
        html! {
            <div class="figure" data-testid={format!("figure-{}", self.name)} data-mood={self.mood}>
                { explained("figure-label", self.label, self.why, &id) }
                <p class="figure-value">{ self.value }</p>
                <p class="figure-rest">{ self.rest }</p>
            </div>
        }
    }
}

/// A word whose meaning is told to whoever points at it, comes to it with the keyboard, or touches it.
pub(super) fn explained(class: &'static str, label: &str, why: &str, id: &str) -> Html {
    let onkeydown = |event: KeyboardEvent| {
        if event.key() == "Escape" {
            crate::browser::blur();
        }
    };
    html! {
        <div class={classes!("explained", class)}>
            <button type="button" aria-describedby={id.to_owned()} {onkeydown}>
                <span>{ label }</span>
                { icon("note") }
            </button>
            <p class="explained-why" role="tooltip" id={id.to_owned()}>{ why }</p>
        </div>
    }
}

/// The figures of this moment.
pub(super) fn now(figures: &Figures, waiting_since_ms: Option<i64>, offset_ms: i64) -> Html {
    let goal = figures.service_level_s;
    let longest = match waiting_since_ms.filter(|_| figures.waiting > 0) {
        Some(since_ms) => html! { <Longest {since_ms} goal_s={goal} {offset_ms} /> },
        None => Figure {
            name: "longest",
            label: words::longest(),
            why: words::longest_why(),
            value: html! { words::nothing() },
            rest: html! { words::nobody_waits() },
            mood: "",
        }
        .draw(),
    };
    let waiting = Figure {
        name: "waiting",
        label: words::waiting(),
        why: words::waiting_why(),
        value: html! { figures.waiting },
        rest: Html::default(),
        mood: if figures.waiting > 0 { "asks" } else { "" },
    };
    html! {
        <div class="figures figures-now">
            { waiting.draw() }
            { longest }
            { plain("talking", words::talking(), words::talking_why(), figures.talking) }
            { plain("parked", words::parked(), words::parked_why(), figures.parked) }
        </div>
    }
}

/// The figures of the day.
pub(super) fn of_day(figures: &Figures) -> Html {
    let share = |count: u64| match figures.offered {
        0 => Html::default(),
        #[allow(clippy::cast_precision_loss)]
        all => html! { words::of_all(&percent(count as f64 / all as f64)) },
    };
    let counted = |name, label, why, count| Figure {
        name,
        label,
        why,
        value: html! { count },
        rest: share(count),
        mood: "",
    };
    let seconds = |name, label, why, rest: &str, value: Option<f64>| {
        #[allow(clippy::cast_possible_truncation)]
        let value = value.map_or(words::nothing().to_owned(), |s| {
            elapsed((s * 1000.0).round() as i64)
        });
        Figure {
            name,
            label,
            why,
            value: html! { value },
            rest: html! { rest },
            mood: "",
        }
    };
    let within = words::within(&figures.service_level_s.to_string());
    let level = Figure {
        name: "level",
        label: words::level(),
        why: words::level_why(),
        value: match figures.service_level {
            Some(level) => html! { percent(level) },
            None => html! { words::nothing() },
        },
        rest: html! { within },
        mood: "",
    };
    let offered = Figure {
        rest: Html::default(),
        ..counted(
            "offered",
            words::offered(),
            words::offered_why(),
            figures.offered,
        )
    };
    html! {
        <div class="figures figures-day">
            { offered.draw() }
            { counted("answered", words::answered(), words::answered_why(), figures.answered).draw() }
            { counted("abandoned", words::abandoned(), words::abandoned_why(), figures.abandoned).draw() }
            { counted("missed", words::missed(), words::missed_why(), figures.missed).draw() }
            { counted("voicemail", words::voicemail(), words::voicemail_why(), figures.voicemail).draw() }
            if figures.other > 0 {
                { counted("other", words::other(), words::other_why(), figures.other).draw() }
            }
            { level.draw() }
            { seconds("median", words::median(), words::median_why(), words::median_rest(), figures.median_answer_s).draw() }
            { seconds("p95", words::p95(), words::p95_why(), words::p95_rest(), figures.p95_answer_s).draw() }
        </div>
    }
}

fn plain(name: &'static str, label: &'static str, why: &'static str, count: u64) -> Html {
    Figure {
        name,
        label,
        why,
        value: html! { count },
        rest: Html::default(),
        mood: "",
    }
    .draw()
}

/// Since when somebody waits, and how soon they should have been answered.
#[derive(Clone, PartialEq, Properties)]
struct LongestProps {
    since_ms: i64,
    goal_s: i64,
    /// To add to the local time to get the server's.
    offset_ms: i64,
}

/// The longest wait, second by second.
#[function_component]
fn Longest(props: &LongestProps) -> Html {
    let passed = use_state_eq(|| None::<(i64, i64)>);
    let late_ms = props.since_ms + props.goal_s * 1000;
    let wait_ms = late_ms - now_ms() - props.offset_ms;
    let goal = (props.since_ms, props.goal_s);
    let is_late = wait_ms <= 0 || *passed == Some(goal);
    {
        let passed = passed.setter();
        use_effect_with((goal, is_late), move |(goal, is_late)| {
            let goal = *goal;
            let timer = (!is_late).then(|| {
                let wait_ms = u32::try_from(wait_ms).unwrap_or_default();
                Timeout::new(wait_ms, move || passed.set(Some(goal)))
            });
            move || drop(timer)
        });
    }
    let rest = html! {
        if is_late {
            { icon("warning") }
            { words::over_goal(&props.goal_s.to_string()) }
        } else {
            { texts::waiting() }
        }
    };
    Figure {
        name: "longest",
        label: words::longest(),
        why: words::longest_why(),
        value: running(props.since_ms),
        rest,
        mood: if is_late { "late" } else { "asks" },
    }
    .draw()
}
