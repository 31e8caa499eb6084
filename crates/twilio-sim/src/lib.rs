//! A simulated Twilio with callers of its own, for development and tests. It invents calls; nobody is ever rung.
//!
//! - [`plan`]: who calls when, and for how long they wait: a pure, seeded sequence.
//! - [`call`]: one call from the first webhook to the last status callback.
//! - [`twiml`]: what the webhook's answers ask for.
//! - [`line`](mod@line): signed requests to the webhook.
//! - [`auto`]: a living flow of calls, made of all of these.

pub mod auto;
pub mod call;
pub mod cast;
pub mod cli;
pub mod event;
pub mod line;
pub mod plan;
pub mod sid;
pub mod stop;
pub mod tempo;
pub mod twiml;
