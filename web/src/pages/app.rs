//! The whole dashboard: settings first, then the door, then the board.

use yew::prelude::*;

use super::board::BoardPage;
use super::door::{door, splash};
use super::sign_in::SignIn;
use crate::api::config;
use crate::auth::{Keeper, Standing};
use crate::components::button::{Button, Size, Tone};
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
            let again = Button::new(Tone::Primary, Size::Large, texts::try_again()).draw(again);
            door(
                texts::starting_failed(),
                texts::starting_failed_rest(),
                again,
            )
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
