//! Signing in with email and password.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::door::Door;
use crate::auth::Keeper;
use crate::components::button::{Button, Look, Mode, Tone};
use crate::components::icon::Icon;
use crate::texts;

/// Who keeps the session, and why nobody is signed in.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) keeper: Keeper,
    /// For example that the session has ended.
    pub(crate) sentence: Option<&'static str>,
}

/// The page.
#[function_component]
pub(crate) fn SignIn(props: &Props) -> Html {
    let (email, password) = (use_node_ref(), use_node_ref());
    let trouble = use_state(|| None::<&'static str>);
    let is_asking = use_state(|| false);
    let onsubmit = {
        let (email, password) = (email.clone(), password.clone());
        let (trouble, is_asking) = (trouble.clone(), is_asking.clone());
        let keeper = props.keeper.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let (email, password) = (value(&email), value(&password));
            if *is_asking {
                return;
            }
            if email.trim().is_empty() || password.is_empty() {
                trouble.set(Some(texts::MISSING_CREDENTIALS));
                return;
            }
            is_asking.set(true);
            let (keeper, trouble, is_asking) = (keeper.clone(), trouble.clone(), is_asking.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let answer = keeper.sign_in(email.trim(), &password).await;
                is_asking.set(false);
                trouble.set(answer.err());
            });
        }
    };
    let mode = if *is_asking { Mode::Busy } else { Mode::Ready };
    html! {
        <Door title={texts::SIGN_IN} text={texts::SIGN_IN_LEAD}>
            <div role="alert">
                if let Some(trouble) = *trouble {
                    <p class="form-says" data-tone="wrong"><Icon name="warning" />{ trouble }</p>
                } else if let Some(sentence) = props.sentence {
                    <p class="form-says"><Icon name="note" />{ sentence }</p>
                }
            </div>
            <form class="form" {onsubmit}>
                { field("email", "email", "username", texts::EMAIL, email) }
                { field("password", "password", "current-password", texts::PASSWORD, password) }
                <Button
                    label={texts::SIGN_IN}
                    look={Look { tone: Tone::Primary, size: "large", icon: None }}
                    {mode}
                />
            </form>
        </Door>
    }
}

fn field(
    id: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    label: &'static str,
    node: NodeRef,
) -> Html {
    html! {
        <div class="field">
            <label for={id}>{ label }</label>
            <input {id} name={id} type={kind} {autocomplete} ref={node} />
        </div>
    }
}

fn value(node: &NodeRef) -> String {
    node.cast::<HtmlInputElement>()
        .map(|input| input.value())
        .unwrap_or_default()
}
