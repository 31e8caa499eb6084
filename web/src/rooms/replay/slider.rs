//! The day as a line: where its calls were, and where the replay is.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use super::load::{Day, Mark};
use crate::rooms::office::{Style, written};
use crate::texts::replay as words;

/// So many marks beside each other can be told apart.
const MARKS: usize = 480;
const HOUR_MS: i64 = 3_600_000;

/// Where the reader wants to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jump {
    /// To that moment.
    To(i64),
    /// So many milliseconds on, or back.
    By(i64),
    /// To the next change, or to the one before.
    Change { is_later: bool },
}

/// What a key on the slider means.
fn key(name: &str, day: &Day) -> Option<Jump> {
    Some(match name {
        "ArrowRight" | "ArrowUp" => Jump::Change { is_later: true },
        "ArrowLeft" | "ArrowDown" => Jump::Change { is_later: false },
        "PageUp" => Jump::By(60_000),
        "PageDown" => Jump::By(-60_000),
        "Home" => Jump::To(day.from_ms),
        "End" => Jump::To(day.until_ms),
        _ => return None,
    })
}

/// How much of a day the line shows, in hours; 24 is all of it, also where that day has an hour more.
pub(super) const SPANS: [i64; 3] = [24, 4, 1];

/// The part of the day that the line shows: the one of that length in which the moment is. Parts stand still until the
/// moment leaves them, so that nothing moves under a pointer.
fn part(day: &Day, hours: i64, moment_ms: i64) -> Day {
    let mut part = day.clone();
    if hours != SPANS[0] {
        let long = hours * HOUR_MS;
        let last_ms = (day.until_ms - 1).max(day.from_ms);
        let at_ms = moment_ms.clamp(day.from_ms, last_ms) - day.from_ms;
        part.from_ms = day.from_ms + at_ms - at_ms % long;
        part.until_ms = (part.from_ms + long).min(day.until_ms);
    }
    part
}

/// Where on the line a moment is, from 0 to 1.
#[allow(clippy::cast_precision_loss)]
fn share(day: &Day, ms: i64) -> f64 {
    let all = (day.until_ms - day.from_ms).max(1) as f64;
    ((ms - day.from_ms) as f64 / all).clamp(0.0, 1.0)
}

/// The marks as they are drawn: `(from, until)` shares of the line, one for each place where calls with that outcome were.
fn bars(day: &Day, is_answered: bool, now_ms: i64) -> Vec<(f64, f64)> {
    let marks = day
        .marks
        .iter()
        .filter(|mark| mark.is_answered == is_answered);
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    let place = |ms: i64| (share(day, ms) * MARKS as f64) as usize;
    let mut taken = vec![false; MARKS + 1];
    for Mark {
        from_ms, until_ms, ..
    } in marks
    {
        let until_ms = until_ms.unwrap_or(now_ms).max(*from_ms);
        if until_ms < day.from_ms || day.until_ms < *from_ms {
            continue;
        }
        taken[place(*from_ms)..=place(until_ms)].fill(true);
    }
    let mut bars = Vec::new();
    let mut begins = None;
    for (at, is_taken) in taken.into_iter().chain([false]).enumerate() {
        match (begins, is_taken) {
            (None, true) => begins = Some(at),
            (Some(from), false) => {
                begins = None;
                #[allow(clippy::cast_precision_loss)]
                let edge = |at: usize| (at as f64 / MARKS as f64).min(1.0);
                bars.push((edge(from), edge(at)));
            }
            _ => {}
        }
    }
    bars
}

/// The line with the slider over it.
pub(super) fn slider(
    day: &Day,
    zone: &str,
    (moment_ms, edge_ms): (i64, i64),
    go: &Callback<Jump>,
    (hours, zoom): (i64, &Callback<i64>),
) -> Html {
    let day = &part(day, hours, moment_ms);
    let oninput = {
        let go = go.clone();
        move |event: InputEvent| {
            let field = event
                .target()
                .and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
            let seconds = field.and_then(|field| field.value().parse::<i64>().ok());
            if let Some(seconds) = seconds {
                go.emit(Jump::To(seconds * 1000));
            }
        }
    };
    let onkeydown = {
        let (go, day) = (go.clone(), day.clone());
        move |event: KeyboardEvent| {
            if event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            if let Some(jump) = key(&event.key(), &day) {
                event.prevent_default();
                go.emit(jump);
            }
        }
    };
    let per_cent = |share: f64| format!("{:.3}%", share * 100.0);
    let row = |is_answered: bool| {
        let (kind, y) = if is_answered {
            ("answered", "10%")
        } else {
            ("missed", "55%")
        };
        let bars = bars(day, is_answered, edge_ms).into_iter().map(move |(from, until)| {
            html! { <rect class="mark-call" data-kind={kind} x={per_cent(from)} {y} width={per_cent(until - from)} height="35%" /> }
        });
        html! { <>{ for bars }</> }
    };
    let ahead = share(day, edge_ms);
    let span = |span: i64| {
        let word = match span {
            24 => words::whole_day(),
            4 => words::four_hours(),
            _ => words::one_hour(),
        };
        let onclick = zoom.reform(move |_: MouseEvent| span);
        let is_on = span == hours;
        html! { <button type="button" class="chip" aria-pressed={is_on.to_string()} {onclick}>{ word }</button> }
    };
    let spans = SPANS.map(span);
    let hours = (0..=4).map(|quarter| {
        let at_ms = day.from_ms + (day.until_ms - day.from_ms) * quarter / 4;
        html! { <span>{ written(at_ms, zone, Style::Minute) }</span> }
    });
    html! {
        <div class="line">
            <svg class="line-marks" aria-hidden="true">
                { row(true) }
                { row(false) }
                if ahead < 1.0 {
                    <rect class="line-ahead" x={per_cent(ahead)} y="0" width={per_cent(1.0 - ahead)} height="100%" />
                }
            </svg>
            <input
                type="range"
                aria-label={words::moment()}
                aria-describedby="replay-keys"
                aria-valuetext={written(moment_ms, zone, Style::DayAndTime)}
                min={(day.from_ms / 1000).to_string()}
                max={(day.until_ms / 1000).to_string()}
                step="1"
                value={moment_ms.div_euclid(1000).to_string()}
                {oninput}
                {onkeydown}
            />
            <div class="line-hours" aria-hidden="true">{ for hours }</div>
            <div class="line-foot">
                <ul class="legend">
                    <li>{ words::marks() }</li>
                    <li><span class="chart-key" data-kind="answered" aria-hidden="true" />{ words::mark_answered() }</li>
                    <li><span class="chart-key" data-kind="missed" aria-hidden="true" />{ words::mark_missed() }</li>
                </ul>
                <div class="chips" role="group" aria-label={words::line_shows()}>{ for spans }</div>
            </div>
            <p class="spoken" id="replay-keys">{ words::keys() }</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    fn day(marks: &[(i64, Option<i64>, bool)]) -> Day {
        let mark = |&(from_ms, until_ms, is_answered): &(i64, Option<i64>, bool)| Mark {
            from_ms,
            until_ms,
            is_answered,
        };
        Day {
            from_ms: 0,
            until_ms: DAY_MS,
            marks: marks.iter().map(mark).collect(),
        }
    }

    #[test]
    #[allow(clippy::float_cmp)]
    fn a_moment_beside_the_day_is_at_its_edge() {
        let day = day(&[]);
        let at = [day.from_ms - 1, day.from_ms, day.until_ms, day.until_ms + 1];
        assert_eq!(at.map(|ms| share(&day, ms)), [0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn a_part_of_the_day_holds_the_moment_and_stands_still() {
        let day = day(&[]);
        let edges = |hours, ms| {
            let part = part(&day, hours, ms);
            (part.from_ms / HOUR_MS, part.until_ms / HOUR_MS)
        };
        assert_eq!(edges(24, 5 * HOUR_MS), (0, 24));
        assert_eq!(edges(4, 5 * HOUR_MS), (4, 8));
        assert_eq!(edges(4, 8 * HOUR_MS - 1), (4, 8));
        assert_eq!(edges(1, 8 * HOUR_MS), (8, 9));
        assert_eq!(edges(1, DAY_MS), (23, 24));
        assert_eq!(edges(1, -1), (0, 1));
        // A day on which the clocks are put back.
        let long = Day {
            until_ms: 25 * HOUR_MS,
            ..day.clone()
        };
        assert_eq!(part(&long, 4, 25 * HOUR_MS - 1).until_ms, 25 * HOUR_MS);
    }

    #[test]
    fn keys_go_by_changes_minutes_and_to_the_edges() {
        let day = day(&[]);
        assert_eq!(
            key("ArrowRight", &day),
            Some(Jump::Change { is_later: true })
        );
        assert_eq!(
            key("ArrowDown", &day),
            Some(Jump::Change { is_later: false })
        );
        assert_eq!(key("PageUp", &day), Some(Jump::By(60_000)));
        assert_eq!(key("Home", &day), Some(Jump::To(0)));
        assert_eq!(key("End", &day), Some(Jump::To(DAY_MS)));
        assert_eq!(key("Tab", &day), None);
    }

    #[test]
    fn calls_are_marked_where_they_were_and_nowhere_else() {
        let half = DAY_MS / 2;
        let day = day(&[
            (0, Some(1), true),
            (half, Some(DAY_MS), true),
            (half, None, false),
        ]);
        let answered = bars(&day, true, DAY_MS);
        assert_eq!(answered.len(), 2);
        assert!(answered[0].0.abs() < 1e-9 && answered[0].1 < 0.01);
        assert!((answered[1].0 - 0.5).abs() < 1e-9 && (answered[1].1 - 1.0).abs() < 1e-9);
        let missed = bars(&day, false, half + DAY_MS / 4);
        assert_eq!(
            missed.len(),
            1,
            "a call that is not over is marked until now"
        );
        assert!((missed[0].1 - 0.75).abs() < 0.01);
    }

    #[test]
    fn neighbours_are_one_mark_and_a_call_of_the_day_before_begins_at_the_edge() {
        let calls: Vec<_> = (0..100)
            .map(|n| (n * 60_000, Some(n * 60_000 + 60_000), true))
            .collect();
        assert_eq!(bars(&day(&calls), true, DAY_MS).len(), 1);
        let early = bars(&day(&[(-DAY_MS, Some(1), true)]), true, DAY_MS);
        assert!(early[0].0.abs() < 1e-9);
        assert_eq!(bars(&day(&[(-DAY_MS, Some(-1), true)]), true, DAY_MS), []);
    }
}
