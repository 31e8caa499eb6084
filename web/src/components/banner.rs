//! Said across the page while the board is not live.

use yew::prelude::*;

use super::icon::icon;
use crate::browser::time_of_day;
use crate::store::Link;
use crate::texts;

/// The banner, or nothing. The place is always there, so that a screen reader hears what comes: at once, because
/// nothing that stands below can be relied on.
pub(crate) fn banner(link: Link) -> Html {
    html! {
        <div role="alert">
            if let Some((title, rest)) = words(link) {
                <div class="banner">
                    { icon("unlinked") }
                    <p><strong>{ title }</strong>{ " " }{ rest }</p>
                </div>
            }
        </div>
    }
}

fn words(link: Link) -> Option<(String, &'static str)> {
    if link.misconfigured {
        return Some((
            format!("{}.", texts::misconfigured()),
            texts::misconfigured_rest(),
        ));
    }
    match (link.is_live(), link.stopped_ms) {
        (true, _) => None,
        (_, Some(ms)) => Some((texts::stopped_at(&time_of_day(ms)), texts::stale_rest())),
        // A page that was just opened is connecting: nothing is wrong yet.
        (_, None) if link.has_failed => {
            Some((texts::never_live().to_owned(), texts::never_live_rest()))
        }
        (_, None) => None,
    }
}
