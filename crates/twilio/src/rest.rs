//! Twilio's REST API, as far as a call that runs needs it: change what it hears, ask how it is, list calls.
//!
//! What is asked and what an answer means are pure ([`CallUpdate`], [`read_call`], [`RestError`]); the client that
//! sends it is [`RestClient`], behind the feature `rest`.

mod call;
#[cfg(feature = "rest")]
mod client;
mod error;

#[cfg(test)]
mod tests;

pub use call::{CallPage, CallResource, CallUpdate, CallsQuery, read_call, read_calls};
#[cfg(feature = "rest")]
pub use client::{InvalidRestSetting, RestClient};
pub use error::{Advice, RestError};

/// Where Twilio is. The simulator stands elsewhere.
pub const TWILIO_API_URL: &str = "https://api.twilio.com";

/// Path of one call of an account.
#[must_use]
pub fn call_path(account_sid: &str, call_sid: &crate::CallSid) -> String {
    format!("/2010-04-01/Accounts/{account_sid}/Calls/{call_sid}.json")
}

/// Path of all calls of an account.
#[must_use]
pub fn calls_path(account_sid: &str) -> String {
    format!("/2010-04-01/Accounts/{account_sid}/Calls.json")
}
