//! The whole way of a call: the database, the service, a simulated Twilio and agents' browsers, over real sockets.
//!
//! Nothing here is timed: every test waits for a condition. Where the service waits for seconds to pass, the database's
//! memory of when something happened is moved into the past instead.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod agent;
mod faults;
mod flows;
mod messages;
mod office;
mod opening;
mod outbound;
mod service;
mod several;
mod tokens;
