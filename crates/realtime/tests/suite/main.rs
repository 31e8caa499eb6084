//! The client against recordings of the real server, hand-made situations and a hostile server,
//! all in virtual time.

mod behaviour;
mod hostile;
mod player;
mod tokens;
mod transcripts;
mod world;
