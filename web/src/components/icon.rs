//! Icons and the product's mark, drawn once in `index.html` and referred to by name.

use yew::prelude::*;

/// What to draw.
#[derive(Clone, Copy, PartialEq, Eq, Properties)]
pub(crate) struct Props {
    /// The `id` of a symbol in `index.html`.
    pub(crate) name: &'static str,
}

/// A small picture beside a word, which says the same: it is hidden from screen readers.
#[function_component]
pub(crate) fn Icon(props: &Props) -> Html {
    html! {
        <svg class="icon" aria-hidden="true"><use href={format!("#{}", props.name)} /></svg>
    }
}

/// The product's mark: a patch cord between two jacks.
#[function_component]
pub(crate) fn Mark() -> Html {
    html! { <svg aria-hidden="true"><use href="#mark" /></svg> }
}
