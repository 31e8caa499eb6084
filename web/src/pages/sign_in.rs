//! Signing in with email and password.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::door::door;
use crate::auth::Keeper;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::icon::icon;
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
                trouble.set(Some(texts::missing_credentials()));
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
    let submit = Button::new(Tone::Primary, Size::Large, texts::sign_in()).mode(mode);
    let content = html! {
        <>
            <div class="door-says" role="alert">{ says(*trouble, props.sentence) }</div>
            <form class="form" {onsubmit}>
                { field("email", "email", "username", texts::email(), email) }
                { field("password", "password", "current-password", texts::password(), password) }
                { submit.draw_submit() }
            </form>
        </>
    };
    door(texts::sign_in(), texts::sign_in_lead(), content)
}

/// What went wrong just now, or else why nobody is signed in.
fn says(trouble: Option<&'static str>, sentence: Option<&'static str>) -> Html {
    let (tone, picture, words) = match (trouble, sentence) {
        (Some(trouble), _) => ("wrong", "warning", trouble),
        (None, Some(sentence)) => ("note", "note", sentence),
        (None, None) => return Html::default(),
    };
    html! { <p class="form-says" data-tone={tone}>{ icon(picture) }<span>{ words }</span></p> }
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
