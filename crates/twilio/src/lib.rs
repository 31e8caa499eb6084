//! What Twilio sends us and what we answer, as values: no IO and no clock.
//!
//! - [`signature`]: is this request from somebody who holds the auth token?
//! - [`form`]: the posted parameters, in the order they came.
//! - [`callback`]: the typed requests: a call to answer, a status, a finished dial, a recording.
//! - [`party`], [`identity`] and [`sid`]: who is on the line, and which call it is.
//! - [`twiml`]: the answer, a list of verbs that renders to XML through one escape function.
//! - [`access_token`]: what a browser registers its Device with.
//! - [`rest`]: what we ask of Twilio about a call, and what its refusals mean. Feature `rest` adds the client that
//!   does IO; everything else is pure.
//!
//! The official npm package `twilio` is the oracle of this crate's tests, in both directions.

pub mod access_token;
pub mod callback;
pub mod form;
pub mod identity;
pub mod party;
pub mod public_url;
pub mod rest;
pub mod sid;
pub mod signature;
pub mod twiml;

pub use access_token::{AccessToken, ApiKey, TokenError};
pub use callback::{
    CallStatus, Callback, DialResult, Direction, MalformedCallback, RecordResult,
    RecordingCallback, RecordingSid, RecordingStatus, StatusCallback, VoiceRequest,
};
pub use form::Form;
pub use identity::{Identity, InvalidIdentity};
pub use party::Party;
pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use sid::{CallSid, InvalidCallSid};
pub use signature::{AuthToken, SignatureError};
pub use twiml::{Client, Dial, Number, Twiml, Verb};
