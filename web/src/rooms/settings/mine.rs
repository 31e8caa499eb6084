//! What is mine, kept in this browser: the language.

use yew::prelude::*;

use crate::browser::{keep, kept, window};
use crate::components::button::{Button, Size, Tone};
use crate::rooms::desk::use_desk;
use crate::rooms::form::choice;
use crate::texts::settings as texts;

/// Where the page looks for the reader's language when it is loaded.
const LANGUAGE: &str = "switchboard.language";

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
        </section>
    }
}
