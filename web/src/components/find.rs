//! Finding somebody on a full board: a field, and how much is drawn of what fits.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::button::{Button, Size, Tone};
use super::icon::icon;
use crate::format::capitals;
use crate::store::{Action, Store};
use crate::texts;

/// So many ringing calls are drawn before somebody asks for the others. Those that have waited longest are among them.
const AT_ONCE: usize = 30;

/// What is looked for, and whether all of it is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Find {
    pub(crate) words: String,
    pub(crate) all: bool,
}

/// [`Find`], and the store that keeps it. Without one there is no field, and all is drawn.
#[derive(Default)]
pub(crate) struct Finding(pub(crate) Option<(Find, UseReducerDispatcher<Store>)>);

impl Finding {
    /// Whether something is looked for.
    pub(crate) fn is_on(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|(find, _)| !find.words.is_empty())
    }

    /// How many of the ringing calls are drawn.
    pub(crate) fn at_most(&self) -> usize {
        match &self.0 {
            Some((find, _)) if !find.all => AT_ONCE,
            _ => usize::MAX,
        }
    }

    /// The field. Escape empties it.
    pub(crate) fn field(&self) -> Html {
        let Some((Find { words, all }, store)) = &self.0 else {
            return Html::default();
        };
        let (all, dispatch) = (*all, store.clone());
        let oninput = move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                let words = input.value();
                dispatch.dispatch(Action::Find(Find { words, all }));
            }
        };
        let dispatch = store.clone();
        let onkeydown = move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                let words = String::new();
                dispatch.dispatch(Action::Find(Find { words, all }));
            }
        };
        html! {
            <label class="find">
                { icon("find") }
                <input
                    id="filter"
                    type="search"
                    autocomplete="off"
                    maxlength="60"
                    placeholder={texts::find()}
                    aria-label={texts::find()}
                    value={words.clone()}
                    {oninput}
                    {onkeydown}
                />
            </label>
        }
    }

    /// The way to the `hidden` calls that are not drawn.
    pub(crate) fn more(&self, hidden: usize) -> Html {
        match &self.0 {
            Some((find, store)) if hidden > 0 => {
                let count = u64::try_from(hidden).unwrap_or_default();
                let (words, dispatch) = (find.words.clone(), store.clone());
                let all = Callback::from(move |_| {
                    let words = words.clone();
                    dispatch.dispatch(Action::Find(Find { words, all: true }));
                });
                html! {
                    <p class="more">
                        <span>{ texts::and_more(count) }</span>
                        { Button::new(Tone::Quiet, Size::Small, texts::show_all()).draw(all) }
                    </p>
                }
            }
            _ => Html::default(),
        }
    }
}

/// Whether a text has these words in it, or a number these digits, however either is written.
pub(crate) fn fits(text: &str, words: &str) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let wanted = digits(words);
    capitals(text).contains(&capitals(words.trim()))
        || wanted.len() > 2 && digits(text).contains(&wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_in_any_case_and_numbers_in_any_spacing() {
        assert!(fits("Anna Berg", " berg"));
        assert!(fits("Ærø Ünal", "ünal"));
        assert!(fits("+1 (202) 555-0101", "2025550101"));
        assert!(fits("+1 (202) 555-0101", "555 01"));
        assert!(!fits("+1 (202) 555-0101", "99"));
        assert!(!fits("Anna Berg", "Berta"));
        assert!(fits("Anna Berg", ""));
    }
}
