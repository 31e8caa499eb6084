//! The dashboard: one board that everybody who answers the phone sees alike.
//!
//! What is shown follows from the rows and from nothing else. Events and answers become
//! [`store::Action`]s, the store lays them over [`switchboard_model::Board`], [`view`] says in plain
//! values what stands where, and components draw those values. A newcomer reads [`store`], [`view`]
//! and `pages::board`, in this order.
//!
//! There are two programs. The board's is what everybody downloads: signing in, the link, the board and its audio, which
//! go on whatever else is looked at. The [`rooms`] beside it (history, wallboard, settings, the details of a call, …)
//! are fetched when one is entered, and drawn below the same header.
//!
//! Modules that touch the browser are [`api`], [`auth`], [`browser`], [`device`], [`location`] and everything below
//! `components`, `hooks`, `pages` and `rooms`; the others are pure and tested natively.

mod action;
mod api;
mod auth;
mod browser;
mod clock;
mod components;
mod config;
mod device;
mod drag;
mod format;
mod hooks;
mod joining;
mod location;
mod pages;
pub mod rooms;
mod session;
mod store;
mod texts;
mod view;

/// Draws the dashboard into the page's `#app`, with the lines of its texts.
pub fn open(lines: String) {
    texts::learn(lines);
    let Some(root) = browser::element("app") else {
        return;
    };
    yew::Renderer::<pages::app::App>::with_root(root).render();
}
