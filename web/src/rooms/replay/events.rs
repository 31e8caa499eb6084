//! What happened beside the board, each a way to its moment.

use yew::prelude::*;

use super::line::Line;
use super::slider::Jump;
use crate::components::button::{Button, Size, Tone};
use crate::rooms::office::{Style, written};
use crate::texts::replay as words;

/// So many lines before the moment are listed, and as many after it.
const AROUND: usize = 60;

/// The list; the change that was the last one at the moment is marked.
pub(super) fn events(lines: &[Line], zone: &str, moment_ms: i64, go: &Callback<Jump>) -> Html {
    let played = lines.partition_point(|line| line.at_ms <= moment_ms);
    let listed = played.saturating_sub(AROUND)..lines.len().min(played + AROUND);
    let line = |index: usize| {
        let line = &lines[index];
        let to = Jump::To(line.at_ms);
        let is_last = index + 1 == played;
        // Within one second the tenths tell what came first.
        let second = |line: &Line| line.at_ms.div_euclid(1000);
        let neighbours = [index.checked_sub(1), index.checked_add(1)];
        let mut neighbours = neighbours
            .into_iter()
            .flatten()
            .filter_map(|at| lines.get(at));
        let style = match neighbours.any(|other| second(other) == second(line)) {
            true => Style::Tenths,
            false => Style::Time,
        };
        html! {
            <li key={line.id}>
                <button
                    type="button"
                    aria-current={is_last.then_some("step")}
                    data-played={(index < played).to_string()}
                    onclick={go.reform(move |_: MouseEvent| to)}
                >
                    <time>{ written(line.at_ms, zone, style) }</time>
                    <span>{ &line.words }</span>
                </button>
            </li>
        }
    };
    let step = |is_later: bool, word: &'static str| {
        let to_change = go.reform(move |_| Jump::Change { is_later });
        Button::new(Tone::Tonal, Size::Small, word).draw(to_change)
    };
    html! {
        <section class="replay-events" aria-labelledby="replay-events">
            <h2 id="replay-events">{ words::events() }</h2>
            if lines.is_empty() {
                <p class="replay-quiet">{ words::nothing_happened() }</p>
                <div class="team-acts">{ step(false, words::earlier()) }{ step(true, words::later()) }</div>
            }
            // The newest first, like a feed.
            <ol>{ for listed.rev().map(line) }</ol>
        </section>
    }
}
