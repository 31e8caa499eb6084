//! Icons and the product's mark, drawn once in `index.html` and referred to by name.

use yew::prelude::*;

/// The symbol `name` of `index.html`: a small picture beside a word that says the same, and so
/// hidden from screen readers.
pub(crate) fn icon(name: &'static str) -> Html {
    html! {
        <svg class="icon" aria-hidden="true"><use href={format!("#{name}")} /></svg>
    }
}

/// The product's mark: a patch cord between two jacks.
pub(crate) fn mark() -> Html {
    html! { <svg aria-hidden="true"><use href="#mark" /></svg> }
}
