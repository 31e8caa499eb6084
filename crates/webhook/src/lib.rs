//! The service between Twilio, Supabase and the dashboard.
//!
//! A request of Twilio's takes this way: [`router`] → [`signed`] (bounded body, signature, typed callback) →
//! [`voice`] or [`status`] → [`store`] (the row, through PostgREST) → [`render`] (what the caller hears, a pure
//! function of the row). The dashboard's way is [`router`] → [`dashboard`] or [`config_json`].
//!
//! Nothing about a call is kept here but what could not yet be written: [`endings`] and [`rendered`] hold it for as
//! long as the database is away.

pub mod config;
pub mod config_json;
pub mod dashboard;
pub mod endings;
pub mod headers;
pub mod health;
pub mod new_call;
pub mod render;
pub mod rendered;
pub mod router;
pub mod server;
pub mod signed;
pub mod status;
pub mod store;
pub mod trace;
pub mod urls;
pub mod voice;

pub use config::{Config, Voice};
pub use server::Server;
