//! Signing in with email and password.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::door::door;
use crate::auth::Keeper;
use crate::browser::window;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::icon::icon;
use crate::joining::join;
use crate::location::invitation;
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
    use_effect_with(email.clone(), focus_where_wide);
    // What the address says: it is forgotten there as soon as the invitation is spent.
    let secret = invitation();
    let is_new = secret.is_some();
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
            let secret = secret.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let mut answer = match secret {
                    Some(secret) => join(&secret, email.trim(), &password).await,
                    None => Ok(()),
                };
                if answer.is_ok() {
                    answer = keeper.sign_in(email.trim(), &password).await;
                }
                is_asking.set(false);
                trouble.set(answer.err());
            });
        }
    };
    let mode = if *is_asking { Mode::Busy } else { Mode::Ready };
    let (title, lead, go, autocomplete) = if is_new {
        let autocomplete = "new-password";
        (
            texts::join(),
            texts::join_lead(),
            texts::join_go(),
            autocomplete,
        )
    } else {
        let (title, autocomplete) = (texts::sign_in(), "current-password");
        (title, texts::sign_in_lead(), title, autocomplete)
    };
    let submit = Button::new(Tone::Primary, Size::Large, go).mode(mode);
    let content = html! {
        <>
            <div class="door-says" role="alert">{ says(*trouble, props.sentence) }</div>
            <form class="form" {onsubmit}>
                { field("email", "email", "username", texts::email(), email) }
                { field("password", "password", autocomplete, texts::password(), password) }
                { submit.draw_submit() }
            </form>
            if !is_new {
                <p class="door-hint">{ texts::forgotten() }</p>
            }
        </>
    };
    door(title, lead, content)
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

/// Where the window is wide one may type at once; on a telephone its keyboard would cover the page.
fn focus_where_wide(node: &NodeRef) {
    let width = window().and_then(|window| window.inner_width().ok()?.as_f64());
    if let Some(input) = node.cast::<HtmlInputElement>()
        && width.is_some_and(|width| width >= 768.0)
    {
        // Without it one presses the field first.
        let _ = input.focus();
    }
}

fn value(node: &NodeRef) -> String {
    node.cast::<HtmlInputElement>()
        .map(|input| input.value())
        .unwrap_or_default()
}
