//! Sentences about what just happened. They go by themselves, or when they are dismissed.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::icon::icon;
use crate::store::Notice;
use crate::texts;

/// How long a sentence stays: long enough to read it twice.
const STAY_MS: u32 = 10_000;

/// The place where sentences appear; it is always there, so that a screen reader hears what comes.
pub(crate) fn notices(notices: &[Notice], on_dismiss: &Callback<u32>) -> Html {
    let one = |notice: &Notice| {
        let (key, notice, on_dismiss) = (notice.id, notice.clone(), on_dismiss.clone());
        html! { <Sentence {key} {notice} {on_dismiss} /> }
    };
    html! {
        <div class="notices" role="status" aria-live="polite" data-testid="notice">
            { for notices.iter().map(one) }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SentenceProps {
    notice: Notice,
    on_dismiss: Callback<u32>,
}

#[function_component]
fn Sentence(props: &SentenceProps) -> Html {
    let id = props.notice.id;
    {
        let on_dismiss = props.on_dismiss.clone();
        use_effect_with(id, move |id| {
            let id = *id;
            let timer = Timeout::new(STAY_MS, move || on_dismiss.emit(id));
            move || drop(timer)
        });
    }
    let onclick = props.on_dismiss.reform(move |_: MouseEvent| id);
    html! {
        <div class="notice">
            <p>{ &props.notice.text }</p>
            <button class="notice-close" type="button" aria-label={texts::dismiss()} {onclick}>
                { icon("close") }
            </button>
        </div>
    }
}
