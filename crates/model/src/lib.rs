//! What a call is, what may happen to it, and the board that everybody sees.
//!
//! Everything here is pure: no IO, no clock, no randomness. Time comes in as an argument, requests
//! go out as values. The dashboard, the webhook and the tests use the same types, so that they
//! cannot disagree about what a row means.
//!
//! A newcomer reads [`call`] (the row), [`transition`] (the rules), [`request`] (how an action is
//! put to PostgREST) and [`board`] (how rows become what is on the screen), in this order.

pub mod board;
pub mod call;
pub mod change;
pub mod checksum;
pub mod history;
pub mod id;
pub mod json;
pub mod member;
pub mod phone;
pub mod request;
mod row;
pub mod settings;
pub mod timestamp;
pub mod transition;

pub use board::{Applied, Asked, Board, Snapshot};
pub use call::{Call, Direction, EndReason, NewCall, ParkReason, Status};
pub use change::{Change, Kind, Row, Table};
pub use checksum::{Audit, Checksum};
pub use history::{Event, Replay};
pub use id::{CallId, MemberId, UserId};
pub use member::{Member, Role};
pub use phone::{Address, PhoneNumber};
pub use request::Request;
pub use settings::Settings;
pub use transition::{Actor, Intent, Refusal, transition};
