//! What stands where things will be: nothing yet, still loading, or failed.

use yew::prelude::*;

use super::icon::icon;

/// A quiet box with a sentence, and `remedy` below it where something can be done.
pub(crate) fn empty(picture: &'static str, title: &str, text: &str, remedy: Html) -> Html {
    html! {
        <div class="empty">
            { icon(picture) }
            <strong>{ title }</strong>
            <p>{ text }</p>
            { remedy }
        </div>
    }
}

/// Shapes of things that are on their way, of the size that they will have: `call`, `desk`, `agent`
/// or `slot`.
pub(crate) fn ghosts(shape: &'static str, count: usize) -> Html {
    let ghost = |_| html! { <div class="ghost" data-shape={shape} aria-hidden="true" /> };
    html! { <>{ for (0..count).map(ghost) }</> }
}
