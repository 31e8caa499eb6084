//! The bottom bar: can this board be trusted?

use switchboard_realtime::Status;
use yew::prelude::*;

use super::icon::Icon;
use crate::store::Link;
use crate::texts;

/// What is known of the link.
#[derive(Clone, Copy, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) link: Link,
    /// From commit to screen.
    pub(crate) latency_ms: Option<i64>,
    pub(crate) version: i64,
}

/// The bar.
#[function_component]
pub(crate) fn Footer(props: &Props) -> Html {
    let (name, words) = match props.link.status {
        _ if props.link.misconfigured => ("misconfigured", texts::MISCONFIGURED),
        Status::Live => ("live", texts::LIVE),
        Status::Connecting => ("connecting", texts::CONNECTING),
        Status::Lagging => ("lagging", texts::LAGGING),
        Status::Offline => ("offline", texts::OFFLINE),
    };
    let icon = if props.link.is_live() {
        "linked"
    } else {
        "unlinked"
    };
    html! {
        <footer class="footer">
            <p class="link-state" data-testid="link-state" data-link={name}>
                <Icon name={icon} />{ words }
            </p>
            if let Some(ms) = props.latency_ms {
                <p class="latency">{ texts::latency(ms) }</p>
            }
            <p>{ texts::board_version(props.version) }</p>
        </footer>
    }
}
