//! A Supabase Realtime client for one channel, as a state machine without IO.
//!
//! [`Client::handle`] takes what happened ([`Input`]) and when ([`Now`]), and answers with what to
//! do ([`Output`]). It never reads a clock and never touches a socket.

mod backoff;
mod change;
mod client;
mod config;
mod frame;
mod heart;
#[cfg(feature = "native")]
pub mod native;
mod port;
mod snapshots;
mod tokens;
#[cfg(feature = "web")]
pub mod web;

pub use client::Client;
pub use config::{Binding, Config, ConfigError, Timing};
pub use port::{
    Change, ChangeKind, Event, Input, Lane, Now, Output, Reason, Status, Token, TokenReason,
};
