//! Dependencies point one way, and the pure crates stay pure.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::root;

/// Which of the workspace's crates each may depend on. Tests may use any of them.
const ARROWS: [(&str, &[&str]); 9] = [
    ("model", &[]),
    ("realtime", &["model"]),
    ("softphone", &["model"]),
    ("twilio", &[]),
    ("local-supabase", &[]),
    ("webhook", &["model", "realtime", "twilio"]),
    ("twilio-sim", &["model", "twilio"]),
    ("web", &["model", "realtime", "softphone"]),
    ("xtask", &[]),
];

/// Crates that do no IO and read no clock, with the features that they have without being asked.
const PURE: [&str; 4] = ["model", "realtime", "softphone", "twilio"];

/// What does IO; a pure crate has none of it, not even through others.
const IO: [&str; 12] = [
    "tokio",
    "mio",
    "async-std",
    "hyper",
    "reqwest",
    "postgrest",
    "axum",
    "tower-http",
    "tokio-postgres",
    "web-sys",
    "gloo-net",
    "yew",
];

const PREFIX: &str = "switchboard-";

/// One package of the workspace, as far as the rules look at it.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// Workspace crates that it depends on outside of its tests.
    uses: BTreeSet<String>,
    /// Every crate in its normal tree with default features.
    reaches: BTreeSet<String>,
}

/// The workspace's packages by folder name, from cargo's own account of them.
pub(super) fn packages() -> anyhow::Result<BTreeMap<String, Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root::root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    let mut packages = declared(&metadata);
    for name in PURE {
        if let Some(package) = packages.get_mut(name) {
            package.reaches = tree(name)?;
        }
    }
    Ok(packages)
}

fn declared(metadata: &Metadata) -> BTreeMap<String, Package> {
    let folder = |name: &str| name.strip_prefix(PREFIX).map(str::to_owned);
    metadata
        .packages
        .iter()
        .filter_map(|package| {
            let uses = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind != DependencyKind::Development)
                .filter_map(|dependency| folder(&dependency.name))
                .collect();
            let package = (
                folder(&package.name)?,
                Package {
                    uses,
                    ..Package::default()
                },
            );
            Some(package)
        })
        .collect()
}

/// Names of everything that this crate's default features bring in.
fn tree(name: &str) -> anyhow::Result<BTreeSet<String>> {
    let listed = crate::process::output(
        std::process::Command::new("cargo")
            .args(["tree", "--quiet", "--edges", "normal", "--prefix", "none"])
            .args(["--format", "{p}", "--package", &format!("{PREFIX}{name}")])
            .current_dir(root::root()),
    )?;
    Ok(listed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect())
}

/// What these packages do that they may not.
pub(super) fn breaches(packages: &BTreeMap<String, Package>) -> Vec<String> {
    let mut breaches = Vec::new();
    for (name, package) in packages {
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| known == name) else {
            breaches.push(format!(
                "{PREFIX}{name}: no arrow is drawn for it in tidy/arrows.rs"
            ));
            continue;
        };
        for used in package
            .uses
            .iter()
            .filter(|used| !allowed.contains(&used.as_str()))
        {
            breaches.push(format!("{PREFIX}{name} must not depend on {PREFIX}{used}"));
        }
        for reached in package
            .reaches
            .iter()
            .filter(|reached| IO.contains(&reached.as_str()))
        {
            breaches.push(format!(
                "{PREFIX}{name} is pure, but its defaults bring in {reached}"
            ));
        }
    }
    for (name, _) in ARROWS {
        if !packages.contains_key(name) {
            breaches.push(format!(
                "{PREFIX}{name}: named in tidy/arrows.rs, but not there"
            ));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> BTreeMap<String, Package> {
        ARROWS
            .iter()
            .map(|(name, _)| ((*name).to_owned(), Package::default()))
            .collect()
    }

    #[test]
    fn an_arrow_that_points_back_is_a_breach() {
        let mut packages = workspace();
        assert!(breaches(&packages).is_empty());
        packages
            .get_mut("model")
            .unwrap()
            .uses
            .insert("webhook".to_owned());
        let said = breaches(&packages);
        assert_eq!(
            said,
            ["switchboard-model must not depend on switchboard-webhook"]
        );
    }

    #[test]
    fn a_pure_crate_that_reaches_a_socket_is_a_breach() {
        let mut packages = workspace();
        packages
            .get_mut("twilio")
            .unwrap()
            .reaches
            .insert("tokio".to_owned());
        assert_eq!(
            breaches(&packages),
            ["switchboard-twilio is pure, but its defaults bring in tokio"]
        );
    }

    #[test]
    fn a_crate_without_an_arrow_is_a_breach() {
        let mut packages = workspace();
        packages.insert("newcomer".to_owned(), Package::default());
        assert!(breaches(&packages)[0].starts_with("switchboard-newcomer"));
    }
}
