//! A simulated Twilio with callers of its own, for development and tests. It invents calls; nobody is ever rung by
//! telephone. What it speaks is in `PROTOCOL.md`.
//!
//! - [`sim`]: all of it as a state machine without IO and with virtual time; the same seed gives the same log.
//! - [`wire`]: the frames of the Device socket. [`event`]: what happens to a leg, in plain words.
//! - [`plan`] and [`cast`]: who calls when, and for how long they wait: a pure, seeded sequence.
//! - [`clock`], [`host`] and [`server`]: time, network and browsers around the machine.
//! - [`auto`], [`call`] and [`cli`]: the commands.

pub mod auto;
pub mod call;
pub mod cast;
pub mod cli;
pub mod clock;
pub mod event;
pub mod host;
pub mod plan;
pub mod server;
pub mod sim;
pub mod stop;
pub mod wire;
