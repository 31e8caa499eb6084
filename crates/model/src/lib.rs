//! Placeholder; the crate's documentation follows.
