//! The rooms beside the board: pages and the details of a call, as a program of their own.
//!
//! The rooms hold no call state of their own either: [`desk`] keeps a second [`switchboard_model::Board`], fed by the changes
//! that the board's program hears and by snapshots, and every room asks the database for the rest. [`host`] is
//! the narrow bridge between the two programs. A room is one module with one component, which finds everything it needs
//! in the [`desk::Desk`].

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::closure::Closure;
use web_sys::Element;

use crate::texts;

mod app;
mod clipboard;
mod day_chooser;
mod design;
mod desk;
mod drawer;
mod form;
mod help;
mod history;
mod host;
mod office;
mod refused;
mod replay;
mod settings;
mod team;
mod wallboard;

#[cfg(test)]
pub(crate) use host::wire;

/// Draws the rooms into `root`; see [`host`] for what is asked and told.
pub fn mount(root: Element, host: Function, lines: String) -> Function {
    texts::learn(lines);
    let inbox = Rc::new(host::Inbox::default());
    let props = app::Props {
        host: host::Host::new(host),
        inbox: inbox.clone(),
    };
    take_the_first_number();
    let mut drawn = Some(yew::Renderer::<app::Rooms>::with_root_and_props(root, props).render());
    let tell = Closure::<dyn FnMut(String, String)>::new(move |verb: String, detail: String| {
        if verb == "end" {
            if let Some(app) = drawn.take() {
                app.destroy();
            }
        } else {
            inbox.put(&verb, detail);
        }
    });
    // The board's program calls it for as long as the rooms are there.
    tell.into_js_value().into()
}

/// Yew numbers a program's roots and marks elements with the number of theirs. Both programs of the page begin with 1,
/// and each would take presses on the other's elements for its own: the board's is 1, so nothing of the rooms may be.
fn take_the_first_number() {
    let spare = crate::browser::window()
        .and_then(|window| window.document())
        .and_then(|document| document.create_element("div").ok());
    if let Some(spare) = spare {
        yew::Renderer::<Nothing>::with_root(spare)
            .render()
            .destroy();
    }
}

#[yew::function_component]
fn Nothing() -> yew::Html {
    yew::Html::default()
}
