//! What is mine, kept in this browser: the language, and how loud it rings.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::browser::{keep, kept, window};
use crate::components::button::{Button, Size, Tone};
use crate::rooms::desk::use_desk;
use crate::rooms::form::{choice, value};
use crate::texts::settings as texts;

/// Where the page looks for the reader's language when it is loaded.
const LANGUAGE: &str = "switchboard.language";
/// Where `web/voice/sound.js` looks for how loud it rings: 0 to 2.
const VOLUME: &str = "switchboard.ring-volume";

#[wasm_bindgen(module = "/voice/sound.js")]
extern "C" {
    /// Rings once, as loud as it is chosen.
    #[wasm_bindgen(js_name = tryRing)]
    fn try_ring();
}

/// The section.
#[function_component]
pub(super) fn Mine() -> Html {
    let desk = use_desk();
    let language = use_state_eq(|| kept(LANGUAGE).unwrap_or_default());
    let is_changed = use_state_eq(|| false);
    // A page that is loaded anew loses its audio for some seconds.
    let is_talking = desk
        .me()
        .is_some_and(|me| desk.board().active_call_of(me.id).is_some());
    let languages = [
        (String::new(), texts::language_of_browser().to_owned()),
        ("en".to_owned(), "English".to_owned()),
        ("es".to_owned(), "Español".to_owned()),
    ];
    let on_choose = {
        let (language, is_changed) = (language.clone(), is_changed.clone());
        Callback::from(move |chosen: String| {
            keep(
                LANGUAGE,
                Some(chosen.as_str()).filter(|chosen| !chosen.is_empty()),
            );
            language.set(chosen);
            is_changed.set(true);
        })
    };
    let load = Callback::from(|_| {
        if let Some(window) = window() {
            // Where the browser refuses, the language comes with the next load.
            let _ = window.location().reload();
        }
    });
    html! {
        <section class="settings-section" aria-labelledby="settings-mine">
            <h2 id="settings-mine">{ texts::mine() }</h2>
            <div class="team-acts">
                { choice(texts::language(), &language, &languages, on_choose) }
                if *is_changed && !is_talking {
                    { Button::new(Tone::Primary, Size::Medium, texts::load_now()).draw(load) }
                }
            </div>
            <p class="room-hint" role="status">
                { if *is_changed && is_talking { texts::language_later() } else { texts::language_hint() } }
            </p>
            if desk.has_audio {
                <RingVolume />
            }
        </section>
    }
}

/// How loud it rings in this browser.
#[function_component]
fn RingVolume() -> Html {
    let volume = use_state_eq(|| kept(VOLUME).unwrap_or_else(|| "1".to_owned()));
    let oninput = {
        let volume = volume.clone();
        move |event: InputEvent| {
            let chosen = value(&event);
            keep(VOLUME, Some(&chosen));
            volume.set(chosen);
        }
    };
    let hint = match volume.parse::<f64>() {
        Ok(chosen) if chosen <= 0.0 => texts::ring_silent(),
        _ => texts::ring_hint(),
    };
    html! {
        <>
            <div class="team-acts">
                <label class="choice ring-volume">
                    <span class="choice-label">{ texts::ring_volume() }</span>
                    <input type="range" min="0" max="2" step="0.1" value={(*volume).clone()} {oninput} />
                </label>
                { Button::new(Tone::Tonal, Size::Medium, texts::ring_try()).icon("phone").draw(Callback::from(|_| try_ring())) }
            </div>
            <p class="room-hint" role="status">{ hint }</p>
        </>
    }
}
