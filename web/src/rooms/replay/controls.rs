//! Playing and pausing, how fast, one change on or back.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::playback::{Playback, RATES, Told};
use super::slider::Jump;
use crate::browser::now_ms;
use crate::components::button::{Button, Size, Tone};
use crate::texts::replay as words;

/// The row of them.
pub(super) fn controls(
    playback: &UseReducerHandle<Playback>,
    edge_ms: i64,
    go: &Callback<Jump>,
) -> Html {
    let is_playing = playback.is_playing;
    let step = |is_later: bool, sign: &'static str, label: &'static str| {
        html! {
            <button
                class="replay-step"
                type="button"
                aria-label={label}
                title={label}
                onclick={go.reform(move |_: MouseEvent| Jump::Change { is_later })}
            >
                <span aria-hidden="true">{ sign }</span>
            </button>
        }
    };
    let play = {
        let playback = playback.dispatcher();
        Callback::from(move |_: MouseEvent| {
            playback.dispatch(Told::Playing {
                is_playing: !is_playing,
                local_ms: now_ms(),
                edge_ms,
            });
        })
    };
    let (label, icon) = match is_playing {
        true => (words::pause(), "hold"),
        false => (words::play(), "resume"),
    };
    let onrate = {
        let playback = playback.dispatcher();
        move |event: Event| {
            let field = event
                .target()
                .and_then(|field| field.dyn_into::<HtmlSelectElement>().ok());
            if let Some(rate) = field.and_then(|field| field.value().parse().ok()) {
                playback.dispatch(Told::Rate {
                    rate,
                    local_ms: now_ms(),
                    edge_ms,
                });
            }
        }
    };
    let onskip = {
        let playback = playback.dispatcher();
        move |event: Event| {
            let field = event
                .target()
                .and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
            if let Some(field) = field {
                playback.dispatch(Told::Skips(field.checked()));
            }
        }
    };
    let rate = |rate: i64| {
        let is_chosen = rate == playback.rate;
        html! { <option value={rate.to_string()} selected={is_chosen}>{ words::times(&rate.to_string()) }</option> }
    };
    html! {
        <div class="replay-controls">
            { step(false, "|‹", words::earlier()) }
            { Button::new(Tone::Primary, Size::Medium, label).icon(icon).draw(play) }
            { step(true, "›|", words::later()) }
            <label class="replay-rate">
                <span>{ words::speed() }</span>
                <select onchange={onrate}>{ for RATES.map(rate) }</select>
            </label>
            <label class="replay-skip">
                <input type="checkbox" checked={playback.skips} onchange={onskip} />
                <span>{ words::skip() }</span>
            </label>
        </div>
    }
}
