//! The client against recordings of the real server, hand-made situations and a hostile server,
//! all in virtual time.

// A test that cannot go on should stop where it stands.
#![allow(clippy::unwrap_used)]

mod board;
mod heartbeats;
mod hostile;
mod joining;
mod lanes;
mod log;
mod player;
mod recording;
mod rules;
mod snapshots;
mod sockets;
mod sources;
mod tokens;
mod transcripts;
mod world;
