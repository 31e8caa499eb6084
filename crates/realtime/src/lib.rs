//! A Supabase Realtime client for one channel that keeps itself in step, whatever happens to the
//! server, the network, the page or the token.
//!
//! # Shape
//! [`Client`] is a state machine without IO: [`Client::handle`] takes what happened ([`Input`]) and
//! when ([`Now`]), and answers with what to do ([`Output`]). It never reads a clock, never touches a
//! socket and rolls its jitter from a seed, so every rule below is tested in virtual time, most of
//! them against frames recorded from the real server. Two thin adapters own a real socket:
//! `native` (feature of that name, tokio) and `web` (feature of that name, the browser's own).
//!
//! ```
//! use switchboard_realtime::{Client, Config, Event, Input, Now, Output, Status};
//!
//! let config = Config::private_channel("http://127.0.0.1:54321", "anon key", "board", "calls", 42);
//! let now = Now { monotonic_ms: 0, unix_ms: 1_780_000_000_000 };
//! let mut client = Client::new(config, now);
//! let outputs = client.handle(Input::Start, now);
//! assert!(matches!(outputs[0], Output::Open { .. }));
//! assert_eq!(outputs[1], Output::Event(Event::Status(Status::Connecting)));
//! assert!(matches!(outputs[2], Output::Event(Event::TokenNeeded(_))));
//! ```
//!
//! # What the application does
//! - Apply every [`Event::Change`] by the row's `version`: two lanes bring the same change, and
//!   neither promises that all of them arrive. A column that is absent from a record is unknown,
//!   not null.
//! - Fetch the whole board on every [`Event::SnapshotNeeded`], and say how it went; a
//!   [`refetch::Refetch`] plans these requests together with those that confirm changes.
//! - Answer [`Event::TokenNeeded`] with the session's token, refreshed unless the reason is
//!   [`TokenReason::Join`] and the token is good for a while.
//! - Let people act only while [`Status::Live`].
//!
//! # Rules
//! 1. A reply to the join is not the subscription: live means `system ok` as well, which has a
//!    time-out of its own. A snapshot follows, because nothing before it was heard.
//! 2. Changes may vanish without a trace, so a healthy channel asks for a snapshot every 30 s too.
//! 3. A token is pushed before the old one expires and a fresh one is had before every join. There
//!    is no reply to a push; the next `system ok` acknowledges it and needs no snapshot.
//! 4. `phx_close` counts only with the current join's reference. It means a rejoin on the same
//!    socket; the end of a socket means a new one.
//! 5. A silent socket is probed, an unanswered heartbeat first shown as a lag and then the end of
//!    the socket.
//! 6. There is one join at a time and one socket at a time; attempts keep their distance and back
//!    off with jitter, whatever the server does. Waits start small again only after the channel was
//!    live for a while.
//! 7. A configuration fault is told and retried slowly, while broadcasts still pass.
//!
//! # Deliberately absent
//! Presence, broadcasts by clients, several channels on one socket, and filters on what is passed
//! on: the board does without them.

mod backoff;
mod change;
mod client;
mod config;
mod frame;
mod heart;
#[cfg(feature = "native")]
pub mod native;
mod port;
pub mod refetch;
mod snapshots;
mod tokens;
#[cfg(feature = "web")]
pub mod web;

pub use client::Client;
pub use config::{Binding, Config, ConfigError, Timing};
pub use port::{
    Change, ChangeKind, Event, Input, Lane, Now, Output, Reason, Status, Token, TokenReason,
};
