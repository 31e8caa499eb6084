//! Said across the page while the board is not live.

use switchboard_realtime::Status;
use yew::prelude::*;

use super::icon::Icon;
use crate::browser::time_of_day;
use crate::store::Link;
use crate::texts;

/// The link.
#[derive(Clone, Copy, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) link: Link,
}

/// The banner, or nothing. The place is always there, so that a screen reader hears what comes.
#[function_component]
pub(crate) fn Banner(props: &Props) -> Html {
    html! {
        <div role="status">
            if let Some((title, rest)) = words(props.link) {
                <div class="banner">
                    <Icon name="unlinked" />
                    <p><strong>{ title }</strong>{ " " }{ rest }</p>
                </div>
            }
        </div>
    }
}

fn words(link: Link) -> Option<(String, &'static str)> {
    if link.misconfigured {
        return Some((
            format!("{}.", texts::MISCONFIGURED),
            texts::MISCONFIGURED_REST,
        ));
    }
    match (link.status, link.stopped_ms) {
        (Status::Live, _) => None,
        (_, Some(ms)) => Some((texts::stopped_at(&time_of_day(ms)), texts::STALE_REST)),
        // A page that was just opened is connecting: nothing is wrong yet.
        (_, None) if link.has_failed => {
            Some((texts::NEVER_LIVE.to_owned(), texts::NEVER_LIVE_REST))
        }
        (_, None) => None,
    }
}
