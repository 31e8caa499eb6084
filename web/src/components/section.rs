//! A section of the board: a heading with a count, and what is in it.

use yew::prelude::*;

/// One of the three.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// Its place in the layout.
    pub(crate) area: &'static str,
    pub(crate) title: &'static str,
    /// How many are in it; absent while that is not known.
    pub(crate) count: Option<usize>,
    /// Whether the count calls for attention.
    #[prop_or_default]
    pub(crate) calls: bool,
    pub(crate) children: Html,
}

/// The section.
#[function_component]
pub(crate) fn Section(props: &Props) -> Html {
    html! {
        <section class="section" data-area={props.area} aria-labelledby={props.area}>
            <div class="section-head">
                <h2 id={props.area}>{ props.title }</h2>
                if let Some(count) = props.count {
                    <span class="count" data-calls={props.calls.to_string()}>{ count }</span>
                }
            </div>
            { props.children.clone() }
        </section>
    }
}
