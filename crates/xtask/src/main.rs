//! The web build and the checks of this repository.

fn main() {}
