//! The service between Twilio, Supabase and the dashboard.
//!
//! `connections` takes a request in. One of Twilio's takes this way: [`router`] → [`signed`] (bounded body, signature,
//! typed callback) → [`voice`] → [`service`] (what it means) → [`rows`] (the row; through PostgREST by [`store`]) →
//! [`render`] (what the caller hears, a pure function of the row). The dashboard's way is [`router`] → [`dashboard`],
//! [`config_json`], [`voice_token`], [`joining`] or [`recordings`].
//!
//! The other half makes the audio follow: [`reconciler`] looks at all live calls, at each hint ([`hints`]) and every two
//! seconds, asks [`due`] (pure) what has to be done, and asks Twilio for it ([`telephony`]).
//!
//! Nothing about a call is kept here but what could not yet be written: [`endings`] and [`rendered`] hold it for as
//! long as the database is away. What they lose when the process is killed, the reconciler's checks find out.
//!
//! How to drive all this in a test without sockets is said in `README.md` of this crate.

pub mod accounts;
pub mod config;
pub mod config_json;
mod connections;
pub mod dashboard;
pub mod due;
pub mod endings;
pub mod headers;
pub mod health;
pub mod hints;
pub mod hold_music;
pub mod joining;
pub mod metrics;
pub mod metrics_readers;
pub mod new_call;
pub mod people;
pub mod reconciler;
pub mod recordings;
pub mod render;
pub mod rendered;
pub mod router;
pub mod rows;
pub mod server;
pub mod service;
pub mod signed;
pub mod store;
pub mod telephony;
pub mod timings;
pub mod trace;
pub mod urls;
pub mod voice;
pub mod voice_token;

pub use config::{Config, Voice};
pub use server::Server;
pub use timings::Timings;
