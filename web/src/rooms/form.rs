//! Fields of forms: each with its name, and what was typed as a text.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// What stands in the field that the event is about.
pub(super) fn value(event: &web_sys::Event) -> String {
    let Some(target) = event.target() else {
        return String::new();
    };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        return input.value();
    }
    if let Some(select) = target.dyn_ref::<HtmlSelectElement>() {
        return select.value();
    }
    let area = target.dyn_ref::<HtmlTextAreaElement>();
    area.map(HtmlTextAreaElement::value).unwrap_or_default()
}

/// A list to choose from: what stands in the address or the row, and the words for it.
pub(super) fn choice(
    label: &'static str,
    chosen: &str,
    choices: &[(String, String)],
    on_choose: Callback<String>,
) -> Html {
    let onchange = move |event: Event| on_choose.emit(value(&event));
    let option = |(it, words): &(String, String)| {
        html! { <option key={it.clone()} value={it.clone()} selected={it == chosen}>{ words }</option> }
    };
    html! {
        <label class="choice">
            <span class="choice-label">{ label }</span>
            <select {onchange}>{ for choices.iter().map(option) }</select>
        </label>
    }
}
