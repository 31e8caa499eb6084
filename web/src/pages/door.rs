//! The door: a panel with the mark, a heading, a sentence, and what can be done.

use yew::prelude::*;

use crate::components::icon::Mark;
use crate::texts;

/// What stands on the panel.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) children: Html,
}

/// The panel.
#[function_component]
pub(crate) fn Door(props: &Props) -> Html {
    html! {
        <main class="door">
            <div class="door-panel">
                <p class="mark"><Mark />{ texts::PRODUCT }</p>
                <div class="door-words">
                    <h1>{ props.title }</h1>
                    <p>{ props.text }</p>
                </div>
                { props.children.clone() }
            </div>
        </main>
    }
}
