//! The whole dashboard: settings first, then the door, then the board.

use yew::prelude::*;

use super::board::BoardPage;
use super::door::{door, splash};
use super::sign_in::SignIn;
use crate::api::{header, read, send};
use crate::auth::{Keeper, Standing};
use crate::browser::{now_ms, parsed};
use crate::clock::ServerClock;
use crate::components::button::{Button, Size, Tone};
use crate::config::Config;
use crate::texts;

#[derive(Clone, PartialEq)]
enum Start {
    Loading,
    Ready(Keeper),
    Failed,
}

/// The root component.
#[function_component]
pub(crate) fn App() -> Html {
    let start = use_state(|| Start::Loading);
    let standing = use_state(|| Standing::Out(None));
    let attempt = use_state(|| 0_u32);
    {
        let (start, standing) = (start.clone(), standing.clone());
        use_effect_with(*attempt, move |_| {
            let on_change = {
                let standing = standing.clone();
                Callback::from(move |next| standing.set(next))
            };
            wasm_bindgen_futures::spawn_local(async move {
                match config().await {
                    Some(config) => {
                        let (keeper, first) = Keeper::start(config, on_change);
                        standing.set(first);
                        start.set(Start::Ready(keeper));
                    }
                    None => start.set(Start::Failed),
                }
            });
        });
    }
    match (&*start, &*standing) {
        (Start::Loading, _) => splash(),
        (Start::Failed, _) => {
            let again = Callback::from(move |_| attempt.set(*attempt + 1));
            let again = Button::new(Tone::Primary, Size::Large, texts::TRY_AGAIN).draw(again);
            door(texts::STARTING_FAILED, texts::STARTING_FAILED_REST, again)
        }
        (Start::Ready(keeper), Standing::Out(sentence)) => {
            html! { <SignIn keeper={keeper.clone()} sentence={*sentence} /> }
        }
        (Start::Ready(keeper), Standing::In(session)) => html! {
            // Another account is another board.
            <BoardPage
                key={session.user_id.to_string()}
                keeper={keeper.clone()}
                session={session.clone()}
            />
        },
    }
}

async fn config() -> Option<Config> {
    let sent_ms = now_ms();
    let answer = send("GET", "/config.json", &[], None).await.ok()?;
    let mut clock = ServerClock::default();
    // The page's own server is near enough to the database's to tell when a clock is minutes off.
    if let Some(date) = header(&answer, "date").and_then(|date| parsed(&date)) {
        clock.dated(date, sent_ms, now_ms());
    }
    Config::read(&read(answer).await.ok()?.body, clock)
}
