//! What happened to the call, line by line, while it goes on too.

use std::rc::Rc;

use switchboard_model::{Call, Status};
use yew::prelude::*;

use super::seconds::use_second;
use super::story::Entry;
use super::when;
use crate::texts::drawer as texts;

/// The call and its lines, as far as they are known; `is_read` once the server has answered.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) call: Rc<Call>,
    pub(super) entries: Option<Rc<Vec<Entry>>>,
    pub(super) is_read: bool,
}

/// The list, the oldest first.
#[function_component]
pub(super) fn Timeline(props: &Props) -> Html {
    let now = use_second();
    let Some(entries) = &props.entries else {
        let sentence = if props.is_read {
            texts::timeline_failed()
        } else {
            texts::loading()
        };
        return html! { <p class="drawer-quiet" role="status">{ sentence }</p> };
    };
    let is_over = props.call.status == Status::Ended;
    let line = |entry: &Entry| {
        html! {
            <li key={entry.id}>
                <span class="timeline-what">
                    { entry.sentence(props.call.direction) }
                    if let Some(length) = entry.length(now, is_over) {
                        <span class="timeline-length">{ " · " }{ length }</span>
                    }
                </span>
                <time class="timeline-when" datetime={when::iso(entry.at_ms)} title={when::full(entry.at_ms)}>
                    { when::moment(entry.at_ms, now) }
                    // Within a minute the clock's seconds say more than any word for now.
                    if now - entry.at_ms >= when::MINUTE_MS {
                        <span class="timeline-ago">{ " · " }{ when::ago(entry.at_ms, now) }</span>
                    }
                </time>
            </li>
        }
    };
    html! { <ol class="timeline">{ for entries.iter().map(line) }</ol> }
}
