//! What stands beside the recordings: answers of PostgREST that no recording holds, as its sources and its own tests
//! say that they are, asked over HTTP.

// The stand serves other tests too, which use more of it.
#![allow(dead_code)]

#[path = "rest/ask.rs"]
mod ask;
#[path = "rest/neighbours/calls.rs"]
mod calls;
#[path = "rest/neighbours/embeds.rs"]
mod embeds;
#[path = "rest/neighbours/preferences.rs"]
mod preferences;
#[path = "rest/neighbours/reads.rs"]
mod reads;
#[path = "rest/stand.rs"]
mod stand;
#[path = "rest/wire.rs"]
mod wire;
#[path = "rest/neighbours/writes.rs"]
mod writes;

use ask::{Case, board, play};
