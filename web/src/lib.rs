//! The dashboard: one board that everybody who answers the phone sees alike.
//!
//! What is shown follows from the rows and from nothing else. Events and answers become
//! [`store::Action`]s, the store lays them over [`switchboard_model::Board`], [`view`] says in plain
//! values what stands where, and components draw those values. A newcomer reads [`store`], [`view`]
//! and `pages::board`, in this order.
//!
//! Modules that touch the browser are [`api`], [`auth`], [`browser`], [`device`] and everything below
//! `components`, `hooks` and `pages`; the others are pure and tested natively.

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
mod pages;
mod session;
mod store;
mod texts;
mod view;
mod voice;

/// Draws the dashboard into the page's `#app`.
pub fn start() {
    let Some(root) = browser::element("app") else {
        return;
    };
    yew::Renderer::<pages::app::App>::with_root(root).render();
}
