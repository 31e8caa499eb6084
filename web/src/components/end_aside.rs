//! Ending a call that one is not on: a right that few have, kept small beside the main action.

use switchboard_model::Intent;
use yew::prelude::*;

use super::button::{Button, Mode, Size, Tone};
use crate::hooks::actions::Ask;
use crate::texts;
use crate::view::CallView;

/// A button whose word is for those who listen; others see its icon and, resting on it, the word.
pub(crate) fn end_aside(call: &CallView, size: Size, on_ask: &Callback<Ask>) -> Html {
    let id = call.id;
    html! {
        <span class="end-aside">
            { Button::new(Tone::Ending, size, texts::END_CALL)
                .icon("hang-up")
                .hint(Some(texts::END_CALL.into()))
                .mode(Mode::when(call.pending.is_none()))
                .draw(on_ask.reform(move |_| Ask::Call(id, Intent::End))) }
        </span>
    }
}
