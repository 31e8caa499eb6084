//! Names for calls.

use rand::RngExt as _;

/// A sid in Twilio's form that no call had before. Not from the seed: a database that outlives this program would
/// take the calls of a second run for repetitions of the first.
#[must_use]
pub fn new_call_sid() -> String {
    format!("CA{:032x}", rand::rng().random::<u128>())
}

/// The account that all simulated calls belong to.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000000";
