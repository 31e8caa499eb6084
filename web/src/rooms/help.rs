//! What the keys do, and which they are: a sheet above whatever room is shown, at `?help=1`.

use gloo_events::EventListener;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::desk::use_desk;
use crate::browser::keep;
use crate::components::button::{Button, Size, Tone};
use crate::components::icon::icon;
use crate::texts::help;

mod keymap;

use keymap::{ACTIONS, Keymap, Refusal};

#[wasm_bindgen(module = "/hands.js")]
extern "C" {
    #[wasm_bindgen(js_name = keysAsJson)]
    fn keys_as_json(first: bool) -> String;
    #[wasm_bindgen(js_name = keysAreKeptAt)]
    fn keys_are_kept_at() -> String;
}

/// The sheet. It is there for as long as the address asks for it.
#[function_component]
pub(super) fn Help() -> Html {
    let desk = use_desk();
    let sheet = use_node_ref();
    let keys = use_state_eq(|| Keymap::read(&keys_as_json(false)));
    let asked = use_state_eq(|| None::<&'static str>);
    let says = use_state_eq(AttrValue::default);
    {
        let (sheet, host, back) = (sheet.clone(), desk.host.clone(), desk.with("help", ""));
        use_effect_with((), move |()| {
            let dialog = sheet.cast::<HtmlDialogElement>();
            let listener = dialog.as_ref().map(|dialog| {
                // One that is there twice is there.
                let _ = dialog.show_modal();
                EventListener::new(dialog, "close", move |_| host.go(&back))
            });
            move || {
                drop(listener);
                if let Some(dialog) = dialog {
                    // So the keyboard goes back to where it was.
                    dialog.close();
                }
            }
        });
    }
    let change = {
        let (keys, says, asked) = (keys.clone(), says.clone(), asked.clone());
        move |to: Result<Keymap, Refusal>, key: &str, what: &'static str| {
            says.set(AttrValue::from(match to {
                Ok(to) => {
                    let first = Keymap::read(&keys_as_json(true));
                    keep(&keys_are_kept_at(), to.own(&first).as_deref());
                    keys.set(to);
                    asked.set(None);
                    help::changed(&written(key), what)
                }
                Err(Refusal::Taken(by)) => help::taken(&written(key), words(by)),
                Err(Refusal::Unfit) => help::unfit().to_owned(),
            }));
        }
    };
    let onkeydown = {
        let (keys, asked, change) = (keys.clone(), asked.clone(), change.clone());
        move |event: KeyboardEvent| {
            let Some(action) = *asked else { return };
            match &*event.key() {
                // What moves on, and what goes with another key, is not an answer.
                "Tab" | "Shift" | "Control" | "Alt" | "Meta" | "AltGraph" | "CapsLock" => return,
                "Escape" => asked.set(None),
                key => change(keys.with(action, key), key, words(action)),
            }
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let rows = ACTIONS.into_iter().map(|action| {
        let is_asked = *asked == Some(action);
        let key = written(keys.key(action));
        let name = help::change(&key, words(action));
        let onclick = {
            let asked = asked.clone();
            move |_| asked.set((!is_asked).then_some(action))
        };
        html! {
            <li>
                <span>{ words(action) }</span>
                <button
                    class="key"
                    type="button"
                    aria-label={name}
                    aria-pressed={is_asked.to_string()}
                    data-testid={["key-", action].concat()}
                    {onclick}
                >
                    if is_asked {
                        { help::press_a_key() }
                    } else {
                        <kbd>{ key }</kbd>
                    }
                </button>
            </li>
        }
    });
    let close = {
        let sheet = sheet.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(dialog) = sheet.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        })
    };
    let reset = {
        let (keys, says, asked) = (keys.clone(), says.clone(), asked.clone());
        Callback::from(move |_: MouseEvent| {
            keep(&keys_are_kept_at(), None);
            keys.set(Keymap::read(&keys_as_json(true)));
            asked.set(None);
            says.set(help::was_reset().into());
        })
    };
    html! {
        <dialog class="help" ref={sheet} closedby="any" aria-labelledby="help-title" {onkeydown}>
            <div class="help-head">
                <h2 id="help-title">{ help::title() }</h2>
                <button class="help-close" type="button" aria-label={help::close()} onclick={close}>
                    { icon("close") }
                </button>
            </div>
            // What it says of a key stands where the lead stood, so that nothing moves.
            <p class="help-lead" role="status" data-says={(!says.is_empty()).to_string()}>
                if says.is_empty() {
                    { help::lead() }
                } else {
                    { &*says }
                }
            </p>
            <ul class="help-keys">{ for rows }</ul>
            <h3>{ help::always() }</h3>
            <dl class="help-always">
                { always("↑ ↓ ← →", help::arrows()) }
                { always("1 – 6", help::rooms()) }
                { always("Tab", help::tab()) }
                { always("Enter", help::enter()) }
                { always("Esc", help::escape()) }
            </dl>
            { Button::new(Tone::Quiet, Size::Medium, help::reset()).draw(reset) }
        </dialog>
    }
}

fn always(key: &'static str, what: &'static str) -> Html {
    html! {
        <>
            <dt><kbd>{ key }</kbd></dt>
            <dd>{ what }</dd>
        </>
    }
}

/// A key as it stands on a keyboard.
fn written(key: &str) -> String {
    key.to_uppercase()
}

fn words(action: &str) -> &'static str {
    match action {
        "answer" => help::answer(),
        "park" => help::park(),
        "hold" => help::hold(),
        "transfer" => help::transfer(),
        "end" => help::end(),
        "retrieve" => help::retrieve(),
        "move" => help::moving(),
        "mute" => help::mute(),
        "dial" => help::dial(),
        "filter" => help::filter(),
        _ => help::sheet(),
    }
}
