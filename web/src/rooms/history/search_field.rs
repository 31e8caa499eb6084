//! One field for a number, a name, an agent or a word of a note. It is looked for once the reader pauses.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::texts::history as texts;

/// A pause of this length ends a word.
const PAUSE_MS: u32 = 250;

/// What the address says, and where to say what was typed.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) words: String,
    pub(super) on_words: Callback<String>,
}

/// The field.
#[function_component]
pub(super) fn SearchField(props: &Props) -> Html {
    let typed = use_state_eq(|| props.words.clone());
    let told = use_mut_ref(|| props.words.clone());
    {
        // The back button changes the words as well; one's own, which come back a little later, do not.
        let (typed, told) = (typed.setter(), told.clone());
        use_effect_with(props.words.clone(), move |words| {
            if *told.borrow() != *words {
                told.replace(words.clone());
                typed.set(words.clone());
            }
        });
    }
    {
        let on_words = props.on_words.clone();
        use_effect_with((*typed).clone(), move |typed| {
            let words = typed.trim().to_owned();
            let is_news = *told.borrow() != words;
            let timer = is_news.then(|| {
                Timeout::new(PAUSE_MS, move || {
                    told.replace(words.clone());
                    on_words.emit(words);
                })
            });
            move || drop(timer)
        });
    }
    let oninput = {
        let typed = typed.clone();
        move |event: InputEvent| {
            let field = event
                .target()
                .and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
            typed.set(field.map(|field| field.value()).unwrap_or_default());
        }
    };
    html! {
        <label class="search-field">
            <span class="spoken">{ texts::search() }</span>
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M16 16l4.5 4.5M10.5 17.5a7 7 0 1 1 0-14 7 7 0 0 1 0 14Z" /></svg>
            <input
                type="search"
                maxlength="200"
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                placeholder={texts::search_hint()}
                value={(*typed).clone()}
                {oninput}
            />
        </label>
    }
}
