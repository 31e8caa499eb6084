//! What stands where things will be: nothing yet, still loading, or failed.

use yew::prelude::*;

use super::button::{Button, Look, Tone};
use super::icon::Icon;
use crate::texts;

/// What is said.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) icon: &'static str,
    pub(crate) title: AttrValue,
    pub(crate) text: AttrValue,
    /// What can be done about it, if anything: trying again.
    #[prop_or_default]
    pub(crate) on_retry: Option<Callback<()>>,
}

/// A quiet box with a sentence.
#[function_component]
pub(crate) fn Empty(props: &Props) -> Html {
    html! {
        <div class="empty">
            <Icon name={props.icon} />
            <strong>{ &props.title }</strong>
            <p>{ &props.text }</p>
            if let Some(on_retry) = &props.on_retry {
                <Button
                    label={texts::TRY_AGAIN}
                    look={Look { tone: Tone::Tonal, ..Look::default() }}
                    onclick={on_retry.clone()}
                />
            }
        </div>
    }
}

/// What is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Properties)]
pub(crate) struct GhostProps {
    /// `call`, `desk`, `agent` or `slot`.
    pub(crate) shape: &'static str,
    #[prop_or(1)]
    pub(crate) count: usize,
}

/// Shapes of things that are on their way, of the size that they will have.
#[function_component]
pub(crate) fn Ghosts(props: &GhostProps) -> Html {
    let ghost = |_| html! { <div class="ghost" data-shape={props.shape} aria-hidden="true" /> };
    html! { <>{ for (0..props.count).map(ghost) }</> }
}
