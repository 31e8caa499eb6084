//! `cargo xtask tidy`: the rules of this repository that no compiler knows.
//!
//! Each rule is a function from what it looks at to the sentences it has to say; the tests feed
//! it something bad and see that it speaks.

mod arrows;
mod classes;
mod env;
mod sources;

use anyhow::bail;

/// Runs every rule and prints each breach.
pub(crate) fn check() -> anyhow::Result<()> {
    let mut breaches = arrows::breaches(&arrows::packages()?);
    let files = sources::tracked_files()?;
    breaches.extend(sources::breaches(&files));
    breaches.extend(env::breaches(&files));
    breaches.extend(classes::breaches(&files));
    if breaches.is_empty() {
        eprintln!("tidy: {} files, nothing to say", files.len());
        return Ok(());
    }
    for breach in &breaches {
        eprintln!("{breach}");
    }
    bail!("tidy: {} breaches", breaches.len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        super::check().unwrap();
    }
}
