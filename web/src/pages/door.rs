//! The door: a panel with the mark, a heading, a sentence, and what can be done.

use yew::prelude::*;

use crate::components::icon::mark;
use crate::texts;

/// What stands there until anything is known: the same as `index.html` shows before.
pub(crate) fn splash() -> Html {
    html! { <main class="door"><p class="mark">{ mark() }{ texts::product() }</p></main> }
}

/// The panel.
pub(crate) fn door(title: &'static str, text: &'static str, content: Html) -> Html {
    html! {
        <main class="door">
            <div class="door-panel">
                <p class="mark">{ mark() }{ texts::product() }</p>
                <div class="door-words">
                    <h1>{ title }</h1>
                    <p>{ text }</p>
                </div>
                { content }
            </div>
        </main>
    }
}
