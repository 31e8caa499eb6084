//! The bottom bar: can this board be trusted? What its figures mean is one press away.

use switchboard_model::Checksum;
use switchboard_realtime::Status;
use yew::prelude::*;

use super::icon::icon;
use crate::hooks::hands::key_of;
use crate::store::Link;
use crate::texts;

/// The bar: the link in words, how long the last change took from commit to screen, and what
/// the board shows in two numbers, to be compared with another's; a press on those says what they are for. And the way to
/// what the keys do.
pub(crate) fn footer(
    link: Link,
    latency_ms: Option<i64>,
    shown: Checksum,
    on_keys: Callback<MouseEvent>,
) -> Html {
    let (name, words) = match link.status {
        _ if link.misconfigured => ("misconfigured", texts::misconfigured()),
        Status::Live if !link.is_behind => ("live", texts::live()),
        Status::Live | Status::Connecting => ("connecting", texts::connecting()),
        Status::Lagging => ("lagging", texts::lagging()),
        Status::Offline => ("offline", texts::offline()),
    };
    let picture = if link.is_live() { "linked" } else { "unlinked" };
    html! {
        <footer class="footer">
            <p class="link-state" data-testid="link-state" data-link={name}>
                { icon(picture) }
                { words }
            </p>
            if let Some(ms) = latency_ms {
                <p class="latency">{ texts::latency(&ms.to_string()) }</p>
            }
            <button
                class="footer-keys"
                type="button"
                aria-keyshortcuts={key_of("help")}
                onclick={on_keys}
            >
                { texts::keys() }
            </button>
            // The browser itself opens and closes what is said of them.
            <button class="footer-facts" type="button" popovertarget="facts" data-testid="board-sum">
                { texts::board_and_sum(shown) }
                { icon("note") }
            </button>
            <div class="facts" id="facts" popover="auto">
                <p>{ texts::latency_means() }</p>
                <p>{ texts::board_sum() }</p>
            </div>
        </footer>
    }
}
