//! The day by hour: a drawing for those who see it, and a table for everybody.

use yew::prelude::*;

use super::day::Day;
use super::scale::{Column, columns, height, lines};
use crate::rooms::office::{Style, shifted, written, written_day};
use crate::texts::wallboard as words;

/// Of a column's width, what its bar takes.
const BAR: f64 = 0.62;

/// The section.
pub(super) fn chart(day: &Day, now_ms: i64) -> Html {
    let columns = columns(&day.hours, &day.before, now_ms);
    let lines = lines(&columns);
    let before = shifted(&day.figures.day, -7).unwrap_or_default();
    let before = (!day.before.is_empty()).then(|| written_day(&before));
    let zone = &day.figures.zone;
    html! {
        <section class="wall-hours" aria-labelledby="wall-hours">
            <div class="wall-head">
                <h2 id="wall-hours">{ words::by_hour() }</h2>
                { legend(&columns, before.as_deref()) }
            </div>
            { drawing(&columns, &lines, zone, before.as_deref()) }
            <details class="wall-table">
                <summary>{ words::as_table() }</summary>
                { table(&columns, zone, before.as_deref()) }
            </details>
        </section>
    }
}

fn has_other(columns: &[Column]) -> bool {
    columns
        .iter()
        .any(|column| column.calls.is_some_and(|calls| calls.other > 0))
}

fn legend(columns: &[Column], before: Option<&str>) -> Html {
    let entry = |kind: &'static str, word: &str| {
        html! { <li><span class="chart-key" data-kind={kind} aria-hidden="true" />{ word }</li> }
    };
    html! {
        <ul class="legend">
            { entry("answered", words::answered()) }
            { entry("missed", words::unanswered()) }
            if has_other(columns) {
                { entry("other", words::other()) }
            }
            if let Some(day) = before {
                { entry("before", day) }
            }
        </ul>
    }
}

fn per_cent(share: f64) -> String {
    format!("{share:.2}%")
}

fn drawing(columns: &[Column], lines: &[u64], zone: &str, before: Option<&str>) -> Html {
    #[allow(clippy::cast_precision_loss)]
    let width = 100.0 / columns.len().max(1) as f64;
    let grid = lines.iter().map(|line| {
        let y = per_cent(100.0 - height(*line, lines));
        html! {
            <>
                <line class="grid" data-zero={(*line == 0).to_string()} x1="0" x2="100%" y1={y.clone()} y2={y.clone()} />
                <text class="scale" x="0" {y} dx="-0.5em" dy="0.32em">{ line }</text>
            </>
        }
    });
    let said: u64 = columns
        .iter()
        .filter_map(|column| column.calls)
        .map(super::scale::Calls::all)
        .sum();
    let said = words::chart_said(&said.to_string());
    html! {
        <svg class="chart" data-columns={columns.len().to_string()} role="img" aria-labelledby="chart-title chart-said">
            <title id="chart-title">{ words::by_hour() }</title>
            <desc id="chart-said">{ said }{ " " }{ before.map(words::chart_before) }</desc>
            { for grid }
            { for columns.iter().enumerate().map(|(index, one)| column(one, index, width, lines, zone)) }
        </svg>
    }
}

fn column(column: &Column, index: usize, width: f64, lines: &[u64], zone: &str) -> Html {
    #[allow(clippy::cast_precision_loss)]
    let left = index as f64 * width;
    let middle = per_cent(left + width / 2.0);
    let name = written(column.starts_ms, zone, Style::Minute);
    let (x, wide) = (
        per_cent(left + width * (1.0 - BAR) / 2.0),
        per_cent(width * BAR),
    );
    let mut below = 0;
    let mut bar = |kind: &'static str, calls: u64| {
        let y = per_cent(100.0 - height(below + calls, lines));
        below += calls;
        let height = per_cent(height(calls, lines));
        html! {
            if calls > 0 {
                <rect class="bar" data-kind={kind} x={x.clone()} {y} width={wide.clone()} {height} />
            }
        }
    };
    let bars = column.calls.map(|calls| {
        let bars = [
            bar("answered", calls.answered),
            bar("missed", calls.missed),
            bar("other", calls.other),
        ];
        let top = per_cent(100.0 - height(calls.all(), lines));
        html! {
            <>
                { for bars }
                if calls.all() > 0 {
                    <text class="sum" x={middle.clone()} y={top} dy="-0.4em">{ calls.all() }</text>
                }
            </>
        }
    });
    let before = column.before.map(|calls| {
        let y = per_cent(100.0 - height(calls, lines));
        html! {
            <line
                class="before"
                x1={per_cent(left + width * 0.08)}
                x2={per_cent(left + width * 0.92)}
                y1={y.clone()}
                y2={y}
            />
        }
    });
    html! {
        <g data-hour={column.hour.to_string()} data-running={column.is_running.to_string()}>
            <rect class="hit" x={per_cent(left)} y="0" width={per_cent(width)} height="100%">
                <title>{ spoken(column, &name) }</title>
            </rect>
            { bars }
            { before }
            <text class="hour" data-nth={(index % 3).to_string()} x={middle} y="100%" dy="1.5em">{ written(column.starts_ms, zone, Style::Hour) }</text>
        </g>
    }
}

fn spoken(column: &Column, name: &str) -> String {
    let now = match column.calls {
        Some(calls) => words::hour_said(
            &calls.answered.to_string(),
            name,
            &calls.all().to_string(),
            &calls.missed.to_string(),
        ),
        None => words::hour_ahead(name),
    };
    match column.before {
        Some(before) => format!("{now} {}", words::hour_before(&before.to_string())),
        None => now,
    }
}

fn table(columns: &[Column], zone: &str, before: Option<&str>) -> Html {
    let others = has_other(columns);
    let row = |column: &Column| {
        let cell = |count: Option<u64>| html! { <td>{ count.map_or(words::nothing().to_owned(), |count| count.to_string()) }</td> };
        let calls = column.calls;
        html! {
            <tr>
                <th scope="row">{ written(column.starts_ms, zone, Style::Minute) }</th>
                { cell(calls.map(super::scale::Calls::all)) }
                { cell(calls.map(|calls| calls.answered)) }
                { cell(calls.map(|calls| calls.missed)) }
                if others {
                    { cell(calls.map(|calls| calls.other)) }
                }
                if before.is_some() {
                    { cell(column.before) }
                }
            </tr>
        }
    };
    html! {
        <table>
            <caption class="spoken">{ words::by_hour() }</caption>
            <thead>
                <tr>
                    <th scope="col">{ words::hour() }</th>
                    <th scope="col">{ words::offered() }</th>
                    <th scope="col">{ words::answered() }</th>
                    <th scope="col">{ words::unanswered() }</th>
                    if others {
                        <th scope="col">{ words::other() }</th>
                    }
                    if let Some(day) = before {
                        <th scope="col">{ day }</th>
                    }
                </tr>
            </thead>
            <tbody>{ for columns.iter().map(row) }</tbody>
        </table>
    }
}
