//! Whether the page must be built again: a hash over everything that it is made of.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::root;

/// Folders that never are a source of the page.
const SKIPPED: [&str; 4] = ["node_modules", "e2e", "target", "tests"];

/// A hash, in hex, of the page's sources, its tools' versions and the kind of build.
pub(crate) fn of_sources(dev: bool) -> anyhow::Result<String> {
    let root = root::root();
    let mut files = BTreeSet::new();
    for package in with_path_dependencies(&root.join("web"))? {
        collect(&package, &mut files)?;
    }
    files.extend(
        ["Cargo.toml", "Cargo.lock", "crates/xtask/package-lock.json"].map(|file| root.join(file)),
    );
    let builder = root.join("crates/xtask/src/web");
    collect(&builder, &mut files)?;
    files.insert(builder.with_extension("rs"));

    let mut hasher = Sha256::new();
    hasher.update([u8::from(dev)]);
    for file in &files {
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(&root).unwrap_or(file);
        hasher.update(name.as_os_str().as_encoded_bytes());
        hasher.update([0]);
        hasher.update((content.len() as u64).to_le_bytes());
        hasher.update(&content);
    }
    Ok(hex(&hasher.finalize()))
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The package in that folder and, through its manifest, every workspace package that it needs.
fn with_path_dependencies(package: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let crates = root::root().join("crates");
    let mut found = BTreeSet::new();
    let mut waiting = vec![package.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        if !found.insert(folder) {
            continue;
        }
        // Every package is named `switchboard-<folder>`, so a dependency's line gives its folder.
        let mut is_for_tests = false;
        waiting.extend(
            text.lines()
                .filter(|line| {
                    if line.starts_with('[') {
                        is_for_tests = line.starts_with("[dev-dependencies");
                    }
                    !is_for_tests
                })
                .filter_map(|line| line.strip_prefix("switchboard-"))
                .map(|rest| {
                    let name = rest.split(['.', ' ', '=']).next().unwrap_or(rest);
                    crates.join(name)
                })
                .filter(|folder| folder.join("Cargo.toml").is_file()),
        );
    }
    Ok(found)
}

fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            if !SKIPPED.iter().any(|skipped| name == *skipped) {
                collect(&path, files)?;
            }
        } else {
            files.insert(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_made_of_web_and_the_crates_it_depends_on() {
        let root = root::root();
        let packages = with_path_dependencies(&root.join("web")).unwrap();
        for folder in ["web", "crates/model", "crates/realtime", "crates/softphone"] {
            assert!(packages.contains(&root.join(folder)), "{folder} is missing");
        }
        // The service is no part of it, nor is what only tests need.
        for folder in ["crates/webhook", "crates/local-supabase"] {
            assert!(!packages.contains(&root.join(folder)), "{folder} is there");
        }
    }

    #[test]
    fn a_quick_build_is_not_taken_for_a_small_one() {
        assert_ne!(of_sources(true).unwrap(), of_sources(false).unwrap());
    }
}
