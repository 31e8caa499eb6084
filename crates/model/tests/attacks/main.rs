//! The database holds whoever sends the request: every cell of `supabase/tests/access.md` and every named attack,
//! through HTTP with tokens that Auth gave.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod access;
mod channel;
mod forged;
mod matrix;
mod people;
mod probes;
mod stolen;
mod texts;
mod tokens;
