//! The way between the board and the rooms beside it.

use yew::prelude::*;

use crate::location::BOARD;
use crate::texts;

/// Links, of which the one to `here` is marked. A press goes there within the page, so that the link and the audio go on;
/// one that asks for another tab is the browser's.
pub(crate) fn navigation(here: &str, go: &Callback<String>) -> Html {
    let places = [
        (BOARD, texts::nav_board()),
        ("/history", texts::nav_history()),
        ("/wallboard", texts::nav_wallboard()),
        ("/replay", texts::nav_replay()),
        ("/team", texts::nav_team()),
        ("/settings", texts::nav_settings()),
    ];
    let links = places.into_iter().map(|(path, word)| {
        let go = go.clone();
        let onclick = move |event: MouseEvent| {
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                go.emit(path.to_owned());
            }
        };
        let current = (path == here).then_some("page");
        html! { <a href={path} aria-current={current} {onclick}>{ word }</a> }
    });
    html! { <nav class="navigation" aria-label={texts::nav()}>{ for links }</nav> }
}
