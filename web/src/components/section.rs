//! A section of the board: a heading with a count, and what is in it.

use yew::prelude::*;

/// The section in the layout's place `area`. `count` is how many are in it, absent while that is
/// not known; `calls` makes it stand out; `aside` stands at the end of the heading's line.
pub(crate) fn section(
    area: &'static str,
    title: &'static str,
    count: Option<usize>,
    calls: bool,
    aside: Html,
    content: Html,
) -> Html {
    html! {
        <section class="section" data-area={area} aria-labelledby={area}>
            <div class="section-head">
                <h2 id={area}>{ title }</h2>
                if let Some(count) = count {
                    <span class="count" data-calls={calls.to_string()}>{ count }</span>
                }
                { aside }
            </div>
            { content }
        </section>
    }
}
